"""The demo: real purchases of CDNOW's customers under invented names, lived through with every night.

The purchases are the data file of the lifetimes package (Fader and Hardie's CDNOW data, January 1997 to June 1998);
dates are moved so that they end today, the time of day is invented, amounts are read as the programme's currency.
"""

import contextlib
import csv
import datetime as dt
import hashlib
import importlib.util
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import ROUND_UP, Decimal
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from benefits import actions as benefits_actions
from benefits import queries as benefits_queries
from benefits.actions import GiftTerms, NewGoods, PoolTerms, RewardTerms
from benefits.enums import BenefitKind, GoodsKind, PrizeKind, RewardKind
from benefits.rules.lottery import Prize
from benefits.rules.matrix import REST
from benefits.rules.rewards import ANY_TIER
from kit import clock, memory
from kit.models import FileImport
from members import actions as members_actions
from members.enums import StaffRole
from membership_site.flows import nightly, shop_tried
from membership_site.flows.importing import run
from membership_site.flows.importing.run import KINDS
from tiers import queries as tiers_queries

SOURCE = "cdnow"
PASSWORD = "fernway-demo"  # noqa: S105  # printed by make up, for the demo alone
ACTOR = "command:load_demo"
FILES = 3
LAST_DATE = dt.date(1998, 6, 30)

GIVEN = {
    "en": "Ada Amir Beth Carl Dora Emil Fay Gus Hana Ivo June Kofi Lena Milo Nora Otis Pia Quin Rosa Sami Tess Umar",
    "zh-hans": "子涵 雨桐 浩然 欣怡 梓轩 诗涵 宇航 佳怡 俊杰 晓雯 思远 静怡 天佑 若曦 志强 美玲",
    "zh-hant": "家豪 詠詩 志明 嘉欣 子軒 曉彤 俊傑 美儀 浩賢 思敏 偉倫 婉婷 國榮 慧珊 卓然 雅雯",
}
FAMILY = {
    "en": "Abara Berg Costa Dunne Engel Farah Grant Holm Iqbal Jonas Keller Lund Mora Nolan Okoro Price Quist Rossi",
    "zh-hans": "王 李 张 刘 陈 杨 赵 黄 周 吴 徐 孙 胡 朱 高 林",
    "zh-hant": "陳 黃 張 梁 李 林 王 吳 何 劉 鄭 曾 郭 謝 葉 馮",
}
REGIONS = ("Shanghai", "Beijing", "Guangzhou", "Hong Kong", "Taipei", "Singapore", "London", "Berlin", "Toronto")


class NoData(Exception):
    """The package with the purchases is not installed; nothing was loaded."""


@dataclass(frozen=True, slots=True)
class Purchase:
    """One purchase as the data has it: who, when (as moved), how many, for how much in all."""

    customer: str
    date: dt.date
    quantity: int
    amount: Decimal


def load(*, full: bool, at: dt.datetime, say: Callable[[str], None], customers_max: int | None = None) -> None:
    """Will import members and purchases up to the last finished date with all its nights, then today's without.

    All 23,570 customers if `full`, else the sample's 2,357; of these the first `customers_max` where it is given.
    What was loaded before is left; a load that was killed goes on, with the dates it began with.
    """
    runs = FileImport.objects.filter(source=SOURCE)
    if runs.filter(finished_at__isnull=False).count() == FILES:
        return
    at = min([at, *runs.values_list("started_at", flat=True)])
    today = clock.business_date(at)
    purchases = list(read_purchases(today, full=full))
    chosen = set(sorted({purchase.customer for purchase in purchases})[:customers_max])
    purchases = [purchase for purchase in purchases if purchase.customer in chosen]
    with tempfile.TemporaryDirectory() as folder:
        people, past, present = (Path(folder) / name for name in ("members.csv", "past.csv", "today.csv"))
        write_file(people, "members", member_rows({purchase.customer for purchase in purchases}))
        numbered = list(enumerate(purchases, 1))
        write_file(past, "orders", order_rows([(n, p) for n, p in numbered if p.date < today], at))
        write_file(present, "orders", order_rows([(n, p) for n, p in numbered if p.date >= today], at))
        for kind, path, nights in (("members", people, False), ("orders", past, True), ("orders", present, False)):
            options = run.Options(source=SOURCE, with_nights=nights)
            report = run.run(kind=kind, path=path, options=options, errors=None, progress=_Progress(kind, say), at=at)
            say(f"{kind}: {report}")
    nightly.run(as_of=today - dt.timedelta(days=1))


@contextlib.contextmanager
def commits_unawaited() -> Iterator[None]:
    """Will let commits return before they are on the disk, some ten thousand of them, for the length of the block.

    What a crash of the server takes is the newest of them, in their order, and the load goes on before it. The
    programme's own deeds never do so: whoever was told that his points are booked must find them.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
        try:
            yield
        finally:
            cursor.execute("RESET synchronous_commit")


class _Progress:
    def __init__(self, kind: str, say: Callable[[str], None]) -> None:
        self.kind, self.say, self.tenth = kind, say, 0

    def __call__(self, done: int, total: int) -> None:
        tenth = done * 10 // max(total, 1)
        if tenth > self.tenth:
            self.tenth = tenth
            self.say(f"{self.kind}: {done:,} of {total:,}")


def read_purchases(today: dt.date, *, full: bool) -> Iterator[Purchase]:
    """Will read the purchases of the 2,357 sample customers, or of all 23,570; raises NoData."""
    spec = importlib.util.find_spec("lifetimes")
    if spec is None or spec.origin is None:
        raise NoData(
            "The lifetimes package is not installed: pip install -r requirements/demo.txt. Nothing was loaded."
        )
    name = "CDNOW_master.txt" if full else "CDNOW_sample.txt"
    moved = today - LAST_DATE
    for line in (Path(spec.origin).parent / "datasets" / name).read_text().splitlines():
        fields = line.split()
        if len(fields) < 4 or not fields[0].isdigit():
            continue
        customer, date, quantity, amount = fields[0], *fields[-3:]
        bought = dt.date.fromisoformat(date)
        yield Purchase(customer, bought + moved, int(quantity), Decimal(amount))


def write_file(path: Path, kind: str, rows: Iterable[tuple[object, ...]]) -> None:
    """Will write rows as a file of a kind that the importers take."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(KINDS[kind].columns)
        writer.writerows(rows)


def draw(customer: str, what: str, among: int) -> int:
    """Will return a number that is always the same for a customer: invented, but not random."""
    return int.from_bytes(hashlib.sha256(f"{customer}/{what}".encode()).digest()[:4]) % among


def invented_name(customer: str) -> tuple[str, str]:
    """Will return (name, language) of a customer."""
    language = ("en", "en", "zh-hans", "zh-hans", "zh-hant")[draw(customer, "language", 5)]
    given, family = GIVEN[language].split(), FAMILY[language].split()
    first, last = given[draw(customer, "given", len(given))], family[draw(customer, "family", len(family))]
    return (f"{first} {last}" if language == "en" else f"{last}{first}"), language


def member_rows(customers: set[str]) -> Iterator[tuple[object, ...]]:
    """Will yield the rows of a members file; they join at their first order."""
    for customer in sorted(customers):
        name, language = invented_name(customer)
        birthday = dt.date(1950, 1, 1) + dt.timedelta(days=draw(customer, "birthday", 365 * 55))
        gender = ("female", "male", "")[draw(customer, "gender", 3)]
        region = REGIONS[draw(customer, "region", len(REGIONS))]
        phone = f"+86139{int(customer):08d}"
        yield customer, f"c{customer}@example.com", phone, name, birthday, gender, region, language, "", ""


def order_rows(purchases: list[tuple[int, Purchase]], at: dt.datetime) -> Iterator[tuple[object, ...]]:
    """Will yield the rows of an orders file, of purchases with their numbers."""
    for number, purchase in purchases:
        price = (purchase.amount / purchase.quantity).quantize(Decimal("0.01"), rounding=ROUND_UP)
        discount = price * purchase.quantity - purchase.amount
        placed_at = _time_of_day(f"{purchase.customer}/{number}", purchase.date, at)
        yield (
            f"{number:06d}", placed_at.isoformat(), purchase.customer, "1", "CD", "Compact discs", "music", "CDNOW",
            purchase.quantity, price, discount, 0, "", "paid", 0,
        )  # fmt: skip


def _time_of_day(key: str, date: dt.date, at: dt.datetime) -> dt.datetime:
    start, end = clock.day_start(date), min(clock.day_end(date), at)
    return start + (end - start) * (0.35 + 0.6 * draw(key, "time", 1000) / 1000)


GIFTS = (
    ("hand-cream", "flower-2", 2000, 24, "48", {"en": "Hand cream", "zh-hans": "护手霜", "zh-hant": "護手霜"}),
    ("tea-set", "coffee", 12000, 6, "268", {"en": "Tea set for two", "zh-hans": "双人茶具", "zh-hant": "雙人茶具"}),
)
"""Invented gifts: code, sign, points, how many there are, worth, names."""

CINEMA = {"en": "Cinema ticket", "zh-hans": "电影票", "zh-hant": "電影票"}
CINEMA_HOW = {
    "en": "Show the code at any box office of Palace Cinemas.",
    "zh-hans": "在星宫影院任一售票处出示兑换码。",
    "zh-hant": "在星宮影院任何票房出示兌換碼。",
}
CINEMA_CODES = 40
LUCK = {"en": "20 points", "zh-hans": "20积分", "zh-hant": "20積分"}
WHEEL = {"en": "Spring draw", "zh-hans": "春日抽奖", "zh-hant": "春日抽獎"}


def stock_shelf(*, at: dt.datetime) -> bool:
    """Will offer invented rewards of every kind: gifts, a partner's codes, a draw; True if it did, once."""
    if any(row.code == "spring-draw" for row in benefits_queries.list_rewards(at)):
        return False
    for code, icon, price, left, value, names in GIFTS:
        gift = GiftTerms(names=names, value=Decimal(value), cost=Decimal(value) / 2, low_water=5)
        benefits_actions.save_gift(code=code, terms=gift, left=left, is_new=True, at=at, actor=ACTOR)
        _offer(code, RewardKind.GIFT, names, icon, price, at, gives=code, cancel_days=3)
    pool = PoolTerms("Palace Cinemas", CINEMA, CINEMA_HOW, Decimal(60), Decimal(35), low_water=10)
    benefits_actions.save_pool(code="cinema", terms=pool, is_new=True, at=at, actor=ACTOR)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "codes.csv"
        codes = (f"PALACE-{draw(str(number), 'code', 10**8):08d}" for number in range(CINEMA_CODES))
        path.write_text("code\n" + "\n".join(codes) + "\n", encoding="utf-8")
        benefits_actions.import_codes(pool="cinema", path=path, errors=None, at=at, actor=ACTOR)
    _offer("cinema", RewardKind.PARTNER_CODE, CINEMA, "ticket", 3000, at, gives="cinema", cancel_days=3)
    prizes = (
        Prize("tea", GIFTS[1][5], PrizeKind.GIFT, "tea-set", chance=10_000, left=2),
        Prize("film", CINEMA, PrizeKind.PARTNER_CODE, "cinema", chance=50_000, left=10),
        Prize("luck", LUCK, PrizeKind.POINTS, points=20, is_rest=True),
    )
    _offer("spring-draw", RewardKind.DRAW, WHEEL, "sparkles", 100, at, prizes=prizes, member_max=5)
    return True


MEMBER_PRICE = {"en": "Members’ prices", "zh-hans": "会员价", "zh-hant": "會員價"}
CHEAPER = {"en": "Some articles cost members less.", "zh-hans": "部分商品享会员价。", "zh-hant": "部分商品享會員價。"}


@transaction.atomic
def stock_shop(*, at: dt.datetime) -> bool:
    """Will give members what they have of the reference shop's articles: a price, one alone, one earlier; True if new.

    The matrix gets a benefit for the price.
    """
    names = {article.sku: article.names["en"] for article in shop_tried.ARTICLES}
    today = clock.day_start(clock.business_date(at))
    if benefits_queries.goods_of(names, at):
        return False
    rows = (
        NewGoods(GoodsKind.MEMBER_PRICE, "ROSE-30", today, price=Decimal("108.00")),
        NewGoods(GoodsKind.MEMBER_ONLY, "SCARF-7", today),
        NewGoods(GoodsKind.EARLY_ACCESS, "LAMP-1", today, opens_at=today + dt.timedelta(days=2)),
    )
    goods = [replace(row, name=names[row.sku]) for row in rows]
    benefits_actions.add_goods(goods=goods, at=at, actor=ACTOR)
    draft = benefits_actions.start_draft(at=at, actor=ACTOR).id
    price = {
        "kind": BenefitKind.MEMBER_PRICE.value,
        "names": MEMBER_PRICE,
        "cells": {REST: {}},
    }
    benefits_actions.save_benefit(version_id=draft, terms=price, at=at, actor=ACTOR)
    benefits_actions.publish_matrix(
        version_id=draft, effective_on=clock.business_date(at), note=CHEAPER, at=at, actor=ACTOR
    )
    return True


def _offer(
    code: str, kind: RewardKind, names: dict[str, str], icon: str, price: int, at: dt.datetime, **rest: Any
) -> None:
    terms = RewardTerms(kind=kind, names=names, says={}, icon=icon, prices={ANY_TIER: price}, **rest)
    benefits_actions.save_reward(code=code, terms=terms, revision=None, at=at, actor=ACTOR)


@dataclass(frozen=True, slots=True)
class Login:
    """A demo log-in."""

    email: str
    who: str


def give_logins(*, at: dt.datetime) -> list[Login]:
    """Will give log-ins to one person of the staff per role and to three members; a repeat changes nothing."""
    by: dict[str, Any] = {"password": PASSWORD, "at": at, "actor": ACTOR}
    logins = []
    with memory.kept():  # one password, which everybody may know: hashed once
        for role in StaffRole:
            email, name = f"{role.value}@example.com", role.value.replace("_", " ").title()
            members_actions.open_staff_account(email=email, name=name, roles=[role], **by)
            logins.append(Login(email, f"console, {role.value}"))
        for label, member_id in tiers_queries.examples().items():
            email = f"{label}@example.com"
            members_actions.open_member_account(member_id=member_id, email=email, **by)
            logins.append(Login(email, f"member, {label}"))
    return logins
