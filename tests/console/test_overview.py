"""The overview: figures equal to a count by hand, what needs somebody, every period, nothing at all."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.core.cache import cache
from django.test import Client

from campaigns import actions as campaigns_actions
from campaigns.enums import CampaignKind
from kit import cached
from kit.models import JobRun
from members.models import Account
from membership_site.console.pages.jobs import STEP_WORDS
from membership_site.console.pages.periods import DAYS, MONTHS, RANGES, WEEKS, Cut, own_period, period, read_range
from orders import queries as orders_queries
from points.models import Entry
from tests.campaigns import cast
from tests.conftest import NOON
from tests.points.test_adjusting import ask

from .conftest import Join, buy, crowd, give_back, queries_of, questions_of, text_of

pytestmark = pytest.mark.django_db

MOST_QUESTIONS = 15


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


@pytest.mark.parametrize("beside_last_year", [False, True])
@pytest.mark.parametrize(
    ("days", "cut", "buckets"),
    [(1, DAYS, 1), (31, DAYS, 31), (32, WEEKS, 5), (182, WEEKS, 26), (183, MONTHS, 6), (1096, MONTHS, 37)],
)
def test_dates_of_ones_own_are_cut_by_their_length(days: int, cut: Cut, buckets: int, beside_last_year: bool) -> None:
    """Every date is in one bucket, and every date of the time before stands beside one."""
    day = dt.timedelta(days=1)
    starts_on = dt.date(2023, 3, 2)
    shown = own_period(starts_on, starts_on + (days - 1) * day, beside_last_year=beside_last_year)
    assert (shown.range.cut, len(shown.buckets)) == (cut, buckets)
    dates = [starts_on + n * day for n in range(days)]
    assert [date for first, last in shown.buckets for date in dates if first <= date <= last] == dates
    before = (shown.before_ends_on - shown.before_starts_on).days + 1
    if beside_last_year:
        assert shown.before_starts_on == dt.date(2022, 3, 2) and abs(before - days) <= 1
    else:
        assert (before, shown.before_ends_on) == (days, starts_on - day)
    beside = [shown.bucket_beside(shown.before_starts_on + n * day) for n in range(before)]
    assert beside == sorted(beside) and set(beside) == set(range(buckets))


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("starts=2026-02-01&ends=2026-01-31", "It is before the first date. Give the first date, or a later one."),
        ("starts=2026-02-01&ends=2026-03-04", "This date has not come yet. Give today or an earlier date."),
        ("starts=2023-02-01&ends=2026-02-02", "Look at 3 years at most."),
        ("starts=1999-12-31&ends=2000-01-02", "There are no figures so far back. Choose a later one."),
        ("starts=soon&ends=2026-02-02", "Write a date, for example 2026-03-31."),
        ("starts=2026-02-30&ends=2026-03-02", "Write a date, for example 2026-03-31."),
        ("starts=&ends=2026-03-02", "This field is required."),
        ("starts=%00&ends=%00%27", "Write a date, for example 2026-03-31."),
    ],
)
def test_dates_that_cannot_be_are_refused_at_their_field(
    enter: Callable[[str], Client], programme: None, query: str, said: str
) -> None:
    """What was typed stays, and the range that ends today is shown meanwhile."""
    answer = enter("operator").get(f"/console/?{query}")
    page = text_of(answer.content.decode())
    assert answer.status_code == 422 and said in page.split('class="card filters')[1].split("</form>")[0]
    assert "3 Dec 2025 to 3 Mar 2026, compared with the 13 weeks before" in page
    assert '<details class="defs" open>' in page


def test_dates_of_ones_own_and_the_year_before(enter: Callable[[str], Client], join: Join, noon: dt.datetime) -> None:
    """Sales beside those of the same days a year before, and the points of the last date, not of today."""
    day = dt.timedelta(days=1)
    join("ann", at=noon - 500 * day)
    for number, amount, days in (("1", "100", 390), ("2", "300", 30), ("3", "900", 2)):
        buy("ann", number, amount, noon - days * day)
    client = enter("operator")
    page = text_of(client.get("/console/?starts=2026-01-20&ends=2026-02-10&vs=year").content.decode())
    assert "20 Jan 2026 to 10 Feb 2026, compared with the same days a year before" in page
    assert '<dt>Sales from members</dt> <dd class="r"><span class="v num">CN¥300</span>' in page
    assert "200.0%" in page and "Sales from members by day" in page
    assert '<th scope="row">1 Feb</th><td class="n">CN¥300.00</td><td class="n">CN¥0.00</td>' in page
    assert '<th scope="row">11 Feb</th>' not in page
    assert "aria-current" not in page.split('role="group" aria-label="Period"')[1].split("</div>")[0]
    booked = Entry.objects.filter(wallet="points", business_date__lte=dt.date(2026, 2, 10))
    assert f"{sum(booked.values_list('points', flat=True))} points unused" in page
    weeks = text_of(client.get("/console/?range=13w&vs=year").content.decode())
    assert "compared with the same days a year before" in weeks and 'href="?range=7d&amp;vs=year"' in weeks
    nothing = text_of(client.get("/console/?starts=2020-01-01&ends=2020-01-02").content.decode())
    assert "No points were moved in this time" in nothing and "No orders of members in this time" in nothing


def test_the_latest_night_says_what_it_came_to(
    enter: Callable[[str], Client], programme: None, noon: dt.datetime
) -> None:
    """In a sentence; what stopped first, then what did something, the rest folded away."""
    for index, step in enumerate(STEP_WORDS):
        rows = 40 + index if index % 6 == 0 else 0
        times = {"business_date": dt.date(2026, 3, 2), "started_at": noon + dt.timedelta(seconds=index)}
        JobRun.objects.create(step=step, state="done", rows=rows, finished_at=noon, **times)
    client = enter("operator")

    def card() -> str:
        return text_of(client.get("/console/").content.decode()).split('id="h-jobs"')[1].split("</section>")[0]

    busy = -(-len(STEP_WORDS) // 6)
    said = card()
    assert f"All {len(STEP_WORDS)} steps went well." in said and "2 Mar 2026, up to 12:00" in said
    assert f"{busy - 3} more step" in said and f"{len(STEP_WORDS) - busy} steps had nothing to do" in said
    assert said.count('class="num"') == busy
    JobRun.objects.filter(step="proof").update(state="failed", error="The books do not add up.")
    JobRun.objects.filter(step="expire_lots").update(state="held", error="It moves many.")
    said = card()
    assert f"{len(STEP_WORDS) - 2} of {len(STEP_WORDS)} steps are done." in said
    assert said.index("The books do not add up.") < said.index("It moves many.") < said.index("more step")


def test_campaigns_under_way_and_planned_are_listed(enter: Callable[[str], Client], programme: None) -> None:
    """To who sees campaigns; those that wait for a second person are counted in the nav as before."""
    cast.reachable("ann")
    run = cast.launched()
    campaigns_actions.create(name="A draft", kind=CampaignKind.ONCE, author_id=cast.staff().id, at=NOON, actor="test")
    page = text_of(enter("operator").get("/console/").content.decode())
    card = page.split('id="h-live"')[1].split("</section>")[0]
    assert f'<a href="/console/campaigns/{run.campaign_id}/"><b>Come back</b></a>' in card and "A draft" not in card
    assert "New campaign" in card and "New campaign" not in enter("finance").get("/console/").content.decode()
    assert 'id="h-live"' not in enter("integrator").get("/console/").content.decode()


def test_five_needs_are_shown_and_the_others_folded(
    enter: Callable[[str], Client], programme: None, noon: dt.datetime
) -> None:
    """The worst first."""
    for step in list(STEP_WORDS)[:8]:
        times = {"business_date": dt.date(2026, 3, 2), "started_at": noon, "finished_at": noon}
        JobRun.objects.create(step=step, state="failed", error="No.", **times)
    page = text_of(enter("operator").get("/console/").content.decode())
    needs = page.split('id="h-todo"')[1].split("</section>")[0]
    assert needs.split("<details")[0].count("<li>") == 5 and needs.split("<details")[1].count("<li>") == 3
    assert "3 more" in needs


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
    spans = [(start, end)]
    trade = orders_queries.trade((end, noon.date()), buyers=spans, firsts=spans, within_days=90, most=1)
    assert trade.second == (orders_queries.SecondOrders(2, 1),)
    assert sum(row.spend for row in trade.dates) == Decimal(550)


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
    one = questions_of(client, "/console/")
    crowd(join, 60, noon)
    for number in range(6):
        cast.launched(name=f"Come back {number}")
    for step in ("expire_lots", "recalculate_tiers", "proof"):
        started = {"started_at": noon, "business_date": noon.date()}
        JobRun.objects.create(step=step, state="failed", error="The disk is full.", finished_at=noon, **started)
    JobRun.objects.create(step="release_lots", state="running", **started)
    assert one == questions_of(client, "/console/") == MOST_QUESTIONS
    for query in ("?range=12m", "?vs=year", "?starts=2026-01-01&ends=2026-02-20"):
        assert questions_of(client, f"/console/{query}") == MOST_QUESTIONS, query


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
    monkeypatch.setattr(cached, "SLOW_SECONDS", -1.0)
    try:
        crowd(join, 3, noon)
        client = enter("operator")
        first, _ = queries_of(client, "/console/?range=7d")
        again, page = queries_of(client, "/console/?range=7d")
        assert again == first - 2 and "Figures as of 12:00" in page
    finally:
        cache.clear()
