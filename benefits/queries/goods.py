"""The goods that members see otherwise: those of a cart, and all for the staff."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q

from benefits.enums import GoodsKind
from benefits.models import MemberGoods
from kit import sql


@dataclass(frozen=True, slots=True)
class GoodsRow:
    """What members have of one article, from when to when; `opens_at` is when everybody may buy it."""

    id: int
    kind: GoodsKind
    sku: str
    name: str
    price: Decimal | None
    opens_at: dt.datetime | None
    starts_at: dt.datetime
    ends_at: dt.datetime | None


def goods_of(skus: Iterable[str], at: dt.datetime) -> list[GoodsRow]:
    """Will return what is so at an instant of some articles. One query."""
    rows = sql.fetch("benefits", "goods_of", skus=sorted(set(skus)), at=at)
    return [GoodsRow(row_id, GoodsKind(kind), *others) for row_id, kind, *others in rows]


def list_goods(at: dt.datetime, *, text: str = "", after: int = 0, limit: int = 100) -> list[GoodsRow]:
    """Will return what is so or will be, that of the highest id first, `after` one id downwards. One query."""
    rows = MemberGoods.objects.filter(_not_over(at))
    if after:
        rows = rows.filter(id__lt=after)
    if text:
        rows = rows.filter(Q(sku__icontains=text) | Q(name__icontains=text))
    return [_row(row) for row in rows.order_by("-id")[:limit]]


def _not_over(at: dt.datetime) -> Q:
    return Q(ends_at=None) | Q(ends_at__gt=at)


def _row(row: MemberGoods) -> GoodsRow:
    return GoodsRow(row.id, GoodsKind(row.kind), row.sku, row.name, row.price, row.opens_at, row.starts_at, row.ends_at)
