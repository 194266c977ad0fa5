"""The overview: figures equal to a count by hand, what needs somebody, every period, nothing at all."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.core.cache import cache
from django.test import Client

from kit.models import JobRun
from members.models import Account
from membership_site.console.pages import overview
from membership_site.console.pages.periods import RANGES, period, read_range
from orders import queries as orders_queries
from tests.points.test_adjusting import ask

from .conftest import Join, buy, crowd, give_back, queries_of, text_of

pytestmark = pytest.mark.django_db

MOST_QUERIES = 36


@pytest.mark.parametrize(
    "today", [dt.date(2026, 3, 3), dt.date(2024, 2, 29), dt.date(2026, 3, 31), dt.date(2026, 1, 1)]
)
@pytest.mark.parametrize("chosen", RANGES, ids=lambda chosen: chosen.code)
def test_buckets_cover_the_period_without_gap(chosen: object, today: dt.date) -> None:
    """Every date of the period is in exactly one bucket; the period before is as long and does not overlap."""
    shown = period(chosen, today)  # type: ignore[arg-type]
    dates = [shown.starts_on + dt.timedelta(days=n) for n in range((shown.ends_on - shown.starts_on).days + 1)]
    for date in dates:
        first, last = shown.buckets[shown.bucket_of(date)]
        assert first <= date <= last
    assert shown.buckets[0][0] == shown.starts_on and shown.buckets[-1][1] >= shown.ends_on == today
    assert all(b[0] - a[1] == dt.timedelta(days=1) for a, b in zip(shown.buckets, shown.buckets[1:], strict=False))
    assert shown.before_starts_on <= shown.before_ends_on < shown.starts_on
    before = (shown.before_ends_on - shown.before_starts_on).days
    assert abs(before - (shown.ends_on - shown.starts_on).days) <= 1


@pytest.mark.parametrize("code", ["7d", "30d", "13w", "12m", "", "x", "<b>", "%00"])
def test_every_period_is_shown_and_an_unknown_one_is_13_weeks(
    enter: Callable[[str], Client], join: Join, noon: dt.datetime, code: str
) -> None:
    """With its figures, chart and table."""
    crowd(join, 9, noon)
    page = text_of(enter("operator").get("/console/", {"range": code}).content.decode())
    assert "Active members" in page and "Show as table" in page
    assert f'href="?range={read_range(code).code}" aria-current="true"' in page


def test_figures_are_those_counted_by_hand(enter: Callable[[str], Client], join: Join, noon: dt.datetime) -> None:
    """Active, sales less returns, second orders, tiers and who came up."""
    day = dt.timedelta(days=1)
    for name in ("ann", "bob", "cat"):
        join(name, at=noon - 400 * day)
    buy("ann", "1", "600", noon - 150 * day)
    buy("ann", "2", "500 100", noon - 70 * day)  # her second, after 80 days
    give_back("2", "2", noon - 60 * day)
    buy("bob", "3", "100", noon - 140 * day)
    buy("bob", "4", "50", noon - 2 * day)  # his second, after 138 days
    page = text_of(enter("operator").get("/console/").content.decode())
    assert '<dt>Active members</dt> <dd class="r"><span class="v num">2</span>' in page
    assert '<dt>Sales from members</dt> <dd class="r"><span class="v num">CN¥550</span>' in page
    assert '<dt>Second order in 90 days</dt> <dd class="r"><span class="v num">50.0%</span>' in page
    assert '1 <small>33.3%</small></td><td class="n pos">1</td>' in page  # one of three is Silver now
    start, end = noon.date() - 181 * day, noon.date() - 90 * day
    assert orders_queries.second_orders(start, end, 90) == orders_queries.SecondOrders(2, 1)
    assert sum(row.spend for row in orders_queries.spend_by_date(end, noon.date())) == Decimal(550)


def test_what_is_booked_by_hand_is_summed_beside_the_kinds(
    enter: Callable[[str], Client], join: Join, noon: dt.datetime
) -> None:
    """It has a column of its own, and the liability counts it."""
    ann = join("ann", at=noon - dt.timedelta(days=400))
    enter("operator")
    by = Account.objects.get().id
    ask(ann.id, 500, by, noon)
    ask(ann.id, -120, by, noon)
    page = text_of(enter("operator").get("/console/").content.decode())
    assert '<td class="n">0</td><td class="n">380</td></tr>' in page and "380 points unused" in page


def test_one_member_and_many_take_the_same_queries(
    enter: Callable[[str], Client], join: Join, noon: dt.datetime
) -> None:
    """For the role that sees most."""
    join("one")
    client = enter("admin")
    one, _ = queries_of(client, "/console/")
    crowd(join, 60, noon)
    many, _ = queries_of(client, "/console/")
    assert one == many <= MOST_QUERIES


def test_what_needs_somebody_comes_first(enter: Callable[[str], Client], programme: None, noon: dt.datetime) -> None:
    """A failed step, a held one, a night that was not run, orders that wait for their member."""
    client = enter("operator")
    assert "The night of 2 Mar 2026 has not been run" in client.get("/console/").content.decode()
    for step, state in (("expire_lots", "failed"), ("recalculate", "held")):
        JobRun.objects.create(
            step=step,
            business_date=dt.date(2026, 3, 2),
            state=state,
            error="The server <went> away.",
            detail={"moves": 12},
            started_at=noon,
            finished_at=noon,
        )
    buy("nobody", "P1", "10", noon)
    page = text_of(client.get("/console/").content.decode())
    assert "has not been run" not in page
    assert "The server &lt;went&gt; away." in page and "1 order waits for its member" in page
    assert page.index("failed, 2 Mar 2026") < page.index("waits for approval, 2 Mar 2026")
    assert 'class="cnt">2</span>' in page
    agent = text_of(enter("agent").get("/console/").content.decode())
    assert "/console/jobs/" not in agent and "1 order waits" in agent


def test_slow_figures_are_kept_for_some_minutes(
    enter: Callable[[str], Client], join: Join, noon: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And say as of when they are."""
    monkeypatch.setattr(overview, "SLOW_SECONDS", -1.0)
    try:
        crowd(join, 3, noon)
        client = enter("operator")
        first, _ = queries_of(client, "/console/?range=7d")
        again, page = queries_of(client, "/console/?range=7d")
        assert again == first - 9 and "Figures as of 12:00" in page
    finally:
        cache.clear()
