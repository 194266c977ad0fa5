"""Importing one file from end to end: read and checked, sorted by time, booked in batches, resumable, counted."""

import datetime as dt
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import IntegrityError, OperationalError, transaction

from kit import clock, imports, locks, memory
from kit.files import ErrorFile, Row, Table, open_table
from kit.models import FileImport
from kit.money import exponent_of
from membership_site.flows import event_received, nightly, order_refunded, told
from membership_site.flows.importing import history, people, rows
from membership_site.flows.importing.rows import BadRow, Context, Item
from membership_site.flows.importing.spool import Spool
from orders.actions import StatementChanged

BATCH_ROWS_MAX = 10_000
ATTEMPTS_MAX = 5


@dataclass(frozen=True, slots=True)
class Options:
    """What the caller chose."""

    source: str
    dry_run: bool = False
    with_nights: bool = False
    sign_up_reward: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file: its columns, by which of them rows form a statement, and how one is read."""

    name: str
    columns: tuple[str, ...]
    needed: tuple[str, ...]
    keys: tuple[str, ...]
    read: Callable[[list[Row], Context], Item]


KINDS = {
    kind.name: kind
    for kind in (
        Kind(
            "members",
            ("external_id", "email", "phone", "name", "birthday", "gender", "region", "language", "joined_at", "tags"),
            (),
            (),
            rows.member_item,
        ),
        Kind(
            "orders",
            ("order_id", "placed_at", "member", "line_id", "sku", "name", "category", "brand", "quantity",
             "unit_price", "discount", "shipping", "currency", "status", "points_paid"),
            ("order_id", "placed_at", "member", "line_id", "quantity", "unit_price"),
            ("order_id",),
            rows.order_item,
        ),
        Kind(
            "refunds",
            ("order_id", "refund_id", "refunded_at", "line_id", "quantity", "amount"),
            ("order_id", "refund_id", "refunded_at", "line_id", "quantity"),
            ("order_id", "refund_id"),
            rows.refund_item,
        ),
        Kind(
            "events",
            ("event_id", "type", "member", "occurred_at", "properties"),
            ("event_id", "type", "member", "occurred_at"),
            ("event_id",),
            rows.event_item,
        ),
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Report:
    """What came of a file, in rows."""

    rows: int
    new: int = 0
    changed: int = 0
    same: int = 0
    parked: int = 0
    bad: int = 0

    def __str__(self) -> str:
        return (
            f"rows={self.rows} new={self.new} changed={self.changed} same={self.same} "
            f"parked={self.parked} bad={self.bad}"
        )


class FileRun:
    """One run over one file."""

    def __init__(
        self,
        kind: Kind,
        table: Table,
        options: Options,
        errors: ErrorFile,
        progress: Callable[[int, int], None],
        at: dt.datetime,
    ) -> None:
        self.kind, self.table, self.options, self.errors, self.progress = kind, table, options, errors, progress
        self.actor = f"import:{options.source}"
        self.at = at
        self.rows = 0
        self.counts: Counter[str] = Counter()
        currency = settings.PROGRAMME_CURRENCY
        self.about = rows.context(table.columns, kind.columns, options.source, currency, exponent_of(currency), self.at)

    def read(self, spool: Spool) -> None:
        """Will read and check the whole file; bad rows go to the error file, the rest to the spool."""
        seen: set[str] = set()
        stated = rows.groups(self.table.rows(), self.table.columns, self.kind.keys) if self.kind.keys else None
        for group in stated or ([row] for row in self.table.rows()):
            self.rows += len(group)
            try:
                item = self.kind.read(group, self.about)
                if item.id in seen:
                    raise BadRow(
                        "split", f"{item.id} stands in the file twice, with other rows between. Put them together."
                    )
                seen.add(item.id)
                spool.add(item)
            except BadRow as error:
                self.refuse(group, error)

    def refuse(self, group: Sequence[Row], error: BadRow) -> None:
        """Will put the rows of a statement into the error file: a statement is taken whole or not at all."""
        for row in group:
            if error.row in (None, row.number) or len(group) == 1:
                self.errors.add(row, error.code, str(error))
            else:
                self.errors.add(row, "rejected_with_others", f"Another row of the same statement is wrong: {error}")

    def book(self, spool: Spool, record: FileImport) -> None:
        """Will book the spool in order of time, in committed batches from where an earlier run stopped."""
        times = spool.sort()
        self.counts.update(record.counts)
        position = int(record.rows_read)
        if not self.options.with_nights:
            self.book_between(spool, record, position, len(times))
            return
        # One file, one set of rules: what is published meanwhile holds for what happens from now on.
        with memory.kept():
            self.book_with_nights(spool, record, [clock.business_date(at) for at in times])

    def book_with_nights(self, spool: Spool, record: FileImport, dates: Sequence[dt.date]) -> None:
        """Will book date by date, and live through the night of each, those without a statement too."""
        position = int(record.rows_read)
        date = dates[0] if dates else None
        while date and date <= dates[-1]:
            stop = bisect_right(dates, date)
            self.book_between(spool, record, max(position, bisect_right(dates, date - dt.timedelta(days=1))), stop)
            nightly.relive(as_of=date)
            date += dt.timedelta(days=1)

    def book_between(self, spool: Spool, record: FileImport, start: int, stop: int) -> None:
        """Will book the statements from start to stop, in batches of some BATCH_ROWS_MAX rows."""
        batch: list[Item] = []
        size = 0
        for place, item in enumerate(spool.items(start, stop), start + 1):
            batch.append(item)
            size += len(item.rows)
            if size >= BATCH_ROWS_MAX or place == stop:
                self.book_batch(batch, record, place)
                batch, size = [], 0

    def book_batch(self, batch: list[Item], record: FileImport, place: int) -> None:
        """Will book a batch and how far the file got in one transaction; one that met a live deed is tried again."""
        for attempt in range(1, ATTEMPTS_MAX + 1):
            try:
                with transaction.atomic():
                    outcomes = self.outcomes(batch)
                    counts = self.counts + Counter(
                        {code: n for code, n in _sizes(batch, outcomes).items() if code != "bad"}
                    )
                    if self.options.dry_run:
                        transaction.set_rollback(True)
                    else:
                        imports.advance(record, place, dict(counts))
                break
            except (IntegrityError, OperationalError):
                if attempt == ATTEMPTS_MAX:
                    raise
        self.counts = counts
        for item, outcome in zip(batch, outcomes, strict=True):
            if isinstance(outcome, BadRow):
                self.refuse(item.rows, outcome)
        self.progress(place, record.rows_total)

    def outcomes(self, batch: list[Item]) -> list[str | BadRow]:
        """Will book a batch in the caller's transaction and say what came of each statement."""
        if self.kind.name == "orders":
            return list(history.book_orders(batch, source=self.options.source, at=self.at, actor=self.actor))
        if self.kind.name == "members":
            booked = people.book_members(batch, reward=self.options.sign_up_reward, at=self.at, actor=self.actor)
            return [outcome.refused or outcome.code for outcome in booked]
        return [self.book_one(item) for item in batch]

    def book_one(self, item: Item) -> str | BadRow:
        """Will book a refund or an event the live way."""
        try:
            with transaction.atomic():
                if self.kind.name == "refunds":
                    return order_refunded.take_refund(statement=item.statement, at=self.at, actor=self.actor).outcome
                reference = rows.reference_of(item.reference)
                return event_received.take_event(
                    statement=item.statement, reference=reference, at=self.at, actor=self.actor
                ).outcome
        except StatementChanged as error:
            return BadRow("changed", str(error))

    def report(self) -> Report:
        """Will return the counts in rows; what is older than what we know counts as same."""
        counted = self.counts
        return Report(
            rows=self.rows,
            new=counted["new"],
            changed=counted["changed"],
            same=counted["same"] + counted["ignored_stale"],
            parked=counted["parked"],
            bad=self.errors.rows,
        )


def _sizes(batch: Sequence[Item], outcomes: Sequence[str | BadRow]) -> Counter[str]:
    sizes: Counter[str] = Counter()
    for item, outcome in zip(batch, outcomes, strict=True):
        sizes["bad" if isinstance(outcome, BadRow) else str(outcome)] += len(item.rows)
    return sizes


def run(
    *,
    kind: str,
    path: Path,
    options: Options,
    errors: Path | None,
    progress: Callable[[int, int], None],
    at: dt.datetime,
) -> Report:
    """Will import a file; raises kit.files.UnreadableFile and kit.locks.AlreadyRunning.

    A file whose import was killed goes on where it stopped; one that was imported before changes nothing.
    `progress` is told (statements booked, statements in all) after each batch.
    """
    table = open_table(path, KINDS[kind].needed)
    with locks.alone(f"import:{kind}:{options.source}"), ErrorFile(errors, table) as bad, Spool() as spool:
        file_run = FileRun(KINDS[kind], table, options, bad, progress, at)
        file_run.read(spool)
        record = imports.begin(
            kind=kind,
            source=options.source,
            digest=table.digest,
            options={"with_nights": options.with_nights, "sign_up_reward": options.sign_up_reward},
            total=len(spool),
            keep=not options.dry_run,
        )
        with told.quietly():
            file_run.book(spool, record)
        if not options.dry_run:
            imports.finish(record)
        return file_run.report()
