"""Partners' codes: taken from a pool one by one, read by the member, given back where nobody read them."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Q

from benefits.actions.defining import CodeTaken
from benefits.actions.recording import entitlement_of, record_given
from benefits.models import PartnerCode, Pool
from benefits.rules.pools import BadRow, PoolRow, read_row
from kit import audit, clock, files, locks
from points.actions import KeyReused

ROWS_AT_ONCE = 5_000
"""So many codes go to the database in one statement."""


class UnknownPool(Exception):
    """There is no pool of this code, or it gives no more; nothing was given."""


class PoolEmpty(Exception):
    """The pool has no free code that has not ended; nothing was given."""


class NoCode(Exception):
    """There is no code of this number, or it is not this member's; nothing was shown."""


@dataclass(frozen=True, slots=True)
class PoolTerms:
    """What the staff say of a pool."""

    partner: str
    names: Mapping[str, str]
    instructions: Mapping[str, str]
    value: Decimal = Decimal(0)
    cost: Decimal = Decimal(0)
    low_water: int = 0
    is_archived: bool = False


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of a file: codes that are new, that were known (or stood twice), and rows that are none."""

    new: int
    known: int
    bad: int


@dataclass(frozen=True, slots=True)
class TakenCode:
    """A partner's code that a member has; `is_new` is False where this cause had given it before."""

    id: int
    code: str
    ends_on: dt.date | None
    is_new: bool


def take_code(*, member_id: int, pool: str, source_key: str, at: dt.datetime, actor: str) -> TakenCode:
    """Will give a member the next free code of a pool for a cause: of those not ended, the one that ends soonest.

    The same cause gives the first code again, for another pool it raises KeyReused. Raises UnknownPool and PoolEmpty.
    In the caller's transaction. Locks the cause, so that it never holds two codes, then the code alone, stepping over
    those that others are just taking: nobody waits for another member, and no code is given twice.
    """
    locks.take_turns([f"code:{member_id}:{source_key}"])
    if there := _taken_before(member_id, pool, source_key):
        return there
    if not Pool.objects.filter(code=pool, is_archived=False).exists():
        raise UnknownPool(f"There is no pool {pool} to give codes from. Nothing was given.")
    row = _next_free(pool, clock.business_date(at))
    row.member_id, row.source_key, row.given_at = member_id, source_key, at
    row.save(update_fields=["member", "source_key", "given_at"])
    return TakenCode(row.id, row.code, row.ends_on, is_new=True)


def _next_free(pool: str, today: dt.date) -> PartnerCode:
    free = PartnerCode.objects.filter(Q(ends_on=None) | Q(ends_on__gte=today), pool__code=pool, member=None)
    row = free.order_by("ends_on", "id").select_for_update(skip_locked=True, of=("self",)).first()
    if row is None:
        raise PoolEmpty(f"The pool {pool} has no code left. Nothing was given.")
    return row


def _taken_before(member_id: int, pool: str, source_key: str) -> TakenCode | None:
    row = PartnerCode.objects.filter(member_id=member_id, source_key=source_key).select_related("pool").first()
    if row is None:
        return None
    if row.pool.code != pool:
        raise KeyReused(source_key)
    return TakenCode(row.id, row.code, row.ends_on, is_new=False)


@transaction.atomic
def reveal_code(*, member_id: int, code_id: int, at: dt.datetime, actor: str) -> str:
    """Will show a member his code, and keep when he first read it: from then on it counts as used, at its pool's value.

    Raises NoCode. Locks the code.
    """
    codes = PartnerCode.objects.select_for_update(of=("self",)).select_related("pool")
    row = codes.filter(id=code_id, member_id=member_id).first()
    if row is None:
        raise NoCode(f"There is no code {code_id} of this member. Nothing was shown.")
    if row.revealed_at is None:
        row.revealed_at = at
        row.save(update_fields=["revealed_at"])
        record_given(
            member_id=member_id,
            cause=row.source_key,
            entitlement=entitlement_of(member_id, row.source_key),
            value=row.pool.value,
            cost=row.pool.cost,
            at=at,
            actor=actor,
        )
        audit.record(
            at=at, actor=actor, deed="code.revealed", subject=f"member:{member_id}", becomes={"partner_code": row.id}
        )
    return row.code


@transaction.atomic
def give_back_code(*, code_id: int, at: dt.datetime, actor: str) -> bool:
    """Will free a code that nobody has read; False where it was read: it may be used by now, so it stays given.

    One that is free already is free: True. Locks the code.
    """
    row = PartnerCode.objects.select_for_update().get(id=code_id)
    if row.revealed_at is not None:
        return False
    if row.member_id is None:
        return True
    audit.record(
        at=at, actor=actor, deed="code.given_back", subject=f"member:{row.member_id}", becomes={"partner_code": row.id}
    )
    row.member_id, row.source_key, row.given_at = None, "", None
    row.save(update_fields=["member", "source_key", "given_at"])
    return True


# ---- filled by the staff


@transaction.atomic
def save_pool(*, code: str, terms: PoolTerms, is_new: bool, at: dt.datetime, actor: str) -> None:
    """Will make a pool or change one; raises CodeTaken for a new one of a known code, UnknownPool for an unknown one.

    Its codes stay as they are. Takes turns by code, then locks the pool.
    """
    locks.take_turns([f"pool:{code}"])
    row = Pool.objects.select_for_update().filter(code=code).first()
    if is_new and row is not None and _terms(row) != terms:
        raise CodeTaken(f"There is a pool {code} already. Nothing was kept.")
    if not is_new and row is None:
        raise UnknownPool(f"There is no pool {code}. Nothing was kept.")
    was = _terms(row) if row else None
    if was == terms:
        return
    row = row or Pool(code=code)
    for name in PoolTerms.__slots__:
        setattr(row, name, getattr(terms, name))
    row.save()
    before = _plain(was) if was else None
    audit.record(at=at, actor=actor, deed="pool.saved", subject=f"pool:{code}", was=before, becomes=_plain(terms))


@transaction.atomic
def import_codes(*, pool: str, path: Path, errors: Path | None, at: dt.datetime, actor: str) -> Imported:
    """Will add the codes of a partner's file (code, and ends_on if it likes) to a pool; the same file again adds none.

    Rows that are none go to the file `errors`, to be mended and imported again. Raises UnknownPool, and UnreadableFile
    where it is no table with a column code. Locks the pool, so that two files count their own codes.
    """
    row = Pool.objects.select_for_update().filter(code=pool, is_archived=False).first()
    if row is None:
        raise UnknownPool(f"There is no pool {pool} to fill. Nothing was imported.")
    table = files.open_table(path, ["code"])
    before, seen = row.codes.count(), 0
    with files.ErrorFile(errors, table) as bad:
        rows = _good_rows(table, bad, clock.business_date(at))
        while batch := list(islice(rows, ROWS_AT_ONCE)):
            PartnerCode.objects.bulk_create(
                [PartnerCode(pool=row, code=one.code, ends_on=one.ends_on) for one in batch], ignore_conflicts=True
            )
            seen += len(batch)
    new = row.codes.count() - before
    done = Imported(new, seen - new, bad.rows)
    audit.record(at=at, actor=actor, deed="pool.filled", subject=f"pool:{pool}", becomes=asdict(done))
    return done


def _good_rows(table: files.Table, bad: files.ErrorFile, today: dt.date) -> Iterator[PoolRow]:
    """Will yield the rows that are codes, and put the others into the error file."""
    code_at = table.columns.index("code")
    ends_at = table.columns.index("ends_on") if "ends_on" in table.columns else None
    for row in table.rows():
        if row.problem:
            bad.add(row, *row.problem)
            continue
        try:
            yield read_row(row.cells[code_at], row.cells[ends_at] if ends_at is not None else "", today)
        except BadRow as error:
            bad.add(row, error.code, str(error))


def _terms(row: Pool) -> PoolTerms:
    return PoolTerms(**{name: getattr(row, name) for name in PoolTerms.__slots__})


def _plain(terms: PoolTerms) -> dict[str, Any]:
    return asdict(terms) | {"value": str(terms.value), "cost": str(terms.cost)}
