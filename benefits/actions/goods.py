"""Goods that members see otherwise: added with their dates, ended, never changed behind what was shown."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import IntegrityError, transaction

from benefits.enums import GoodsKind
from benefits.models import MemberGoods
from kit import audit


class GoodsThere(Exception):
    """This article has this already from the same instant on; nothing was changed."""


class NoGoods(Exception):
    """There is no such row, or it is over already; nothing was changed."""


@dataclass(frozen=True, slots=True)
class NewGoods:
    """What members shall have of one article: a price, the article alone, or the article before others."""

    kind: GoodsKind
    sku: str
    starts_at: dt.datetime
    ends_at: dt.datetime | None = None
    name: str = ""
    price: Decimal | None = None
    opens_at: dt.datetime | None = None


@transaction.atomic
def add_goods(*, goods: Sequence[NewGoods], at: dt.datetime, actor: str) -> int:
    """Will add what members have of some articles; returns how many rows are new. The same row again is left.

    Raises GoodsThere where an article has something else of the kind from the same instant on: all or nothing.
    """
    there = _there(goods)
    new = [one for one in goods if (one.kind, one.sku, one.starts_at) not in there]
    for one in goods:
        kept = there.get((one.kind, one.sku, one.starts_at))
        if kept and (kept.price, kept.opens_at) != (one.price, one.opens_at):
            raise GoodsThere(f"{one.sku} has another price or date from then on already. Nothing was added.")
    try:
        with transaction.atomic():
            MemberGoods.objects.bulk_create([MemberGoods(**_columns(one)) for one in new])
    except IntegrityError as error:
        raise GoodsThere("One of the articles is there twice. Nothing was added.") from error
    if new:
        audit.record(
            at=at,
            actor=actor,
            deed="goods.added",
            subject="goods",
            becomes={"rows": len(new), "skus": sorted({one.sku for one in new})[:20]},
        )
    return len(new)


def _there(goods: Sequence[NewGoods]) -> dict[tuple[GoodsKind, str, dt.datetime], MemberGoods]:
    rows = MemberGoods.objects.filter(sku__in={one.sku for one in goods})
    return {(GoodsKind(row.kind), row.sku, row.starts_at): row for row in rows}


def _columns(one: NewGoods) -> dict[str, object]:
    return {name: getattr(one, name) for name in NewGoods.__slots__}


@transaction.atomic
def end_goods(*, goods_id: int, at: dt.datetime, actor: str) -> None:
    """Will end what members have of an article at once; what never began is deleted. Raises NoGoods.

    Locks the row; one that is over stays as it is.
    """
    row = MemberGoods.objects.select_for_update().filter(id=goods_id).first()
    if row is None:
        raise NoGoods(f"There are no goods {goods_id}. Nothing was changed.")
    if row.ends_at is not None and row.ends_at <= at:
        return
    was = {"kind": row.kind, "sku": row.sku, "ends_at": row.ends_at.isoformat() if row.ends_at else None}
    if row.starts_at >= at:
        row.delete()
    else:
        row.ends_at = at
        row.save(update_fields=["ends_at"])
    audit.record(at=at, actor=actor, deed="goods.ended", subject=f"goods:{goods_id}", was=was)
