"""What people complained of elsewhere about expiry, each a test with its number in our collection."""

import datetime as dt
import random

import pytest
from django.db import IntegrityError, transaction

from kit import clock, dates
from membership_site.flows import nightly
from membership_site.flows.starter import POINTS_TERMS
from points import queries as points_queries
from points.models import Balance, Entry, ExpiryNotice, Lot, PolicyVersion
from points.rules.ledger import NotEnoughPoints
from points.rules.policy import BadTerms
from tests.flows.shop import DAY, do, give_back, place, purse, use
from tests.night import world
from tests.points.starter import policy

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("balanced")]


def publish(noon: dt.datetime, **terms: object) -> None:
    """Will put other terms into force for as long as anybody can remember."""
    PolicyVersion.objects.create(
        number=2, effective_on=dt.date(2020, 1, 1), terms={**POINTS_TERMS, **terms}, published_at=noon, actor="test"
    )


@pytest.mark.parametrize("expiry", [{"kind": "months", "count": 1}, {"kind": "inactivity", "count": 1}])
@pytest.mark.parametrize("seed", range(3))
def test_complaint_7_the_history_is_the_balance(seed, expiry, join, noon):
    """The balance is no number beside the history: at every instant of a life the two come to the same."""
    publish(noon, expiry=expiry, return_window_days=2)
    ann, rng, then, at = join("ann", at=noon).id, random.Random(seed), [], noon
    for number in range(40):
        at += rng.choice([1, 2, 3, 3, 40]) * DAY
        match rng.randrange(6):
            case 0 | 1:
                place(str(number), [("1", 2, str(rng.randrange(1, 200)))], at)
            case 2:
                do("survey", at)
            case 3 if available := purse(ann, at)[0]:
                use(ann, rng.randrange(1, available + 1), at)
            case 4 if Entry.objects.filter(source_key__startswith=f"order:web:{number - 2}:").exists():
                give_back(str(number - 2), "R", {"1": 1}, at)
            case 5:
                world.night(nightly.find_step("release_lots"), at.date() - DAY)
                world.night(nightly.find_step("expire_lots"), at.date() - DAY)
        assert points_queries.get_balance_as_of(ann, at) == points_queries.get_balance(ann, at)
        then.append((at, points_queries.get_balance(ann, at)))
    assert Entry.objects.filter(kind="expiry").exists()
    for at, balance in then:
        seen = points_queries.get_balance_as_of(ann, at)
        assert (seen.available, seen.pending, seen.debt) == (balance.available, balance.pending, balance.debt), at


KINDS = [
    ({"kind": "never"}, "9999-12-31"),
    ({"kind": "days", "count": 45}, "2026-04-24"),
    ({"kind": "months", "count": 2}, "2026-05-10"),
    ({"kind": "end_of_month", "count": 3}, "2026-06-30"),
    ({"kind": "end_of_period", "count": 0, "period": "month"}, "2026-03-31"),
    ({"kind": "end_of_period", "count": 1, "period": "quarter"}, "2026-06-30"),
    ({"kind": "end_of_period", "count": 0, "period": "half_year"}, "2026-06-30"),
    ({"kind": "end_of_period", "count": 0, "period": "year"}, "2026-12-31"),
    ({"kind": "inactivity", "count": 4}, "2026-07-10"),
]


@pytest.mark.parametrize(("expiry", "last"), KINDS)
def test_complaint_8_every_setting_of_expiry_does_something(expiry, last, join, noon):
    """An order of 3 March, usable from 10 March on: what the setting says is where it can be used last."""
    publish(noon, expiry=expiry, reminder_days=[5])
    ann = join("ann", at=noon).id
    place("1", ["100"], noon)
    ends = dt.date.fromisoformat(last)
    [row] = points_queries.get_balance(ann, noon + 7 * DAY).expiring
    assert (row.date, row.points) == (ends, 100)
    if ends.year < 9999:
        assert purse(ann, world.noon(ends)) == (100, 0, 0) and purse(ann, world.noon(ends + DAY)) == (0, 0, 0)
        nightly.run_step(name="notice_expiries", as_of=ends - 6 * DAY)
        assert ExpiryNotice.objects.values_list("expires_on", "due_on", "points").get() == (ends, ends - 5 * DAY, 100)


@pytest.mark.parametrize("expiry", [{"kind": "months", "count": 1}, {"kind": "inactivity", "count": 1}])
def test_complaint_9_what_has_expired_cannot_be_spent_though_no_night_was_run(expiry, join, noon):
    publish(noon, expiry=expiry)
    ann = join("ann", at=noon, reward=True).id
    last = clock.day_end(dt.date(2026, 4, 3))
    assert purse(ann, last)[0] == 100
    with pytest.raises(NotEnoughPoints) as refusal:
        use(ann, 1, last + dt.timedelta(microseconds=1))
    assert (refusal.value.wanted, refusal.value.spendable) == (1, 0)
    assert Entry.objects.filter(member_id=ann, kind="redemption").count() == 0
    use(ann, 100, last)


@pytest.mark.parametrize("expiry", [{"kind": "days", "count": 0}, {"kind": "days", "count": -5}, {"kind": "months"}])
def test_complaint_9_an_expiry_in_the_past_is_refused_where_it_is_entered(expiry, join, give, noon):
    with pytest.raises(BadTerms):
        policy(expiry=expiry)
    ann = join("ann").id
    with pytest.raises(IntegrityError), transaction.atomic():
        give(ann, 5, lot=(noon.date(), noon.date() - DAY))
    assert not Lot.objects.exists()


def test_complaint_22_when_an_old_lot_expires_the_others_stay_whole(join, give, noon):
    """What was spent came from the lot that ended first; the end of that lot takes its rest and nothing else."""
    ann, today = join("ann").id, noon.date()
    for number, (points, days) in enumerate(((100, 10), (70, 20), (30, 30))):
        give(ann, points, f"lot{number}", lot=(today - number * DAY, today + days * DAY))
    use(ann, 60, noon)
    assert purse(ann, noon) == (140, 0, 0)
    for days, left in ((10, 140), (11, 100), (20, 100), (21, 30), (30, 30), (31, 0)):
        assert purse(ann, noon + days * DAY) == (left, 0, 0)
    nightly.run(as_of=today + 40 * DAY)
    gone = Entry.objects.filter(kind="expiry").order_by("seq").values_list("points", "business_date", "lot_points")
    assert list(gone) == [(-40, today + 10 * DAY, [40]), (-70, today + 20 * DAY, [70]), (-30, today + 30 * DAY, [30])]


def test_complaint_22_a_lot_is_known_by_its_dates_not_by_a_label(join, give, noon):
    ann, today = join("ann").id, noon.date()
    for key in ("a", "b", "same words", "same words, once more"):
        give(ann, 10, key, lot=(today, today + 9 * DAY))
    give(ann, 1, "other", lot=(today, today + 8 * DAY))
    assert sorted(lot.points for lot in Lot.objects.filter(member_id=ann)) == [1, 40]
    nightly.run(as_of=today + 8 * DAY)
    assert purse(ann, noon + 9 * DAY) == (40, 0, 0)


ZONES = ("Asia/Shanghai", "America/New_York", "Europe/London", "Pacific/Auckland")
LAST_DATES = (
    "2026-03-08",  # clocks forward in New York
    "2026-03-29",  # clocks forward in London
    "2026-04-05",  # clocks back in Auckland
    "2026-11-01",  # clocks back in New York
    "2026-10-25",  # clocks back in London
    "2028-02-29",
    "2027-02-28",
    "2026-12-31",
)


@pytest.mark.parametrize("zone", ZONES)
def test_complaint_24_the_last_date_is_a_whole_one_in_the_programmes_zone(zone, programme, settings):
    """Usable through the last instant of the date, gone with the next; the same date in balance, notice and ledger."""
    settings.PROGRAMME_TIME_ZONE = zone
    for last in LAST_DATES:
        with transaction.atomic():
            ends_with(dt.date.fromisoformat(last))
            transaction.set_rollback(True)


def ends_with(ends: dt.date) -> None:
    """Will let a lot with a date and one that waits end on a date, and look at both sides of midnight."""
    publish(world.noon(ends), expiry={"kind": "inactivity", "count": 2})
    [ann, bob] = world.people(2, ends - 80 * DAY)
    begun = next(ends - days * DAY for days in range(57, 65) if dates.add_months(ends - days * DAY, 2) == ends)
    world.give(ann, 10, (begun, ends), begun)
    world.give(bob, 10, (begun, dates.WHILE_ACTIVE), begun)
    nightly.run_step(name="notice_expiries", as_of=ends - 2 * DAY)
    nightly.run_step(name="expire_lots", as_of=ends - DAY)
    over = clock.day_start(ends + DAY)
    for member_id in (ann, bob):
        [row] = points_queries.get_balance(member_id, over - dt.timedelta(microseconds=1)).expiring
        assert (row.date, row.points) == (ends, 10)
        assert points_queries.get_balance(member_id, over).available == 0
    nightly.run_step(name="expire_lots", as_of=ends)
    gone = Entry.objects.filter(kind="expiry").values_list("business_date", "at", "points")
    assert list(gone) == [(ends, over - dt.timedelta(microseconds=1), -10)] * 2
    assert list(ExpiryNotice.objects.values_list("expires_on", flat=True)) == [ends] * 2
    assert not Balance.objects.filter(available__gt=0, wallet="points").exists()


@pytest.mark.parametrize(
    ("begun", "ends"), [("2028-01-31", "2028-02-29"), ("2027-01-31", "2027-02-28"), ("2026-10-31", "2026-11-30")]
)
def test_complaint_24_the_first_and_the_last_day_count(begun, ends, programme):
    """A month from the 31st ends with the last day of a shorter month, and that day can be used to its end."""
    publish(world.noon(dt.date(2026, 1, 1)), expiry={"kind": "months", "count": 1}, sign_up_points=0)
    [ann] = world.people(1, dt.date(2026, 1, 1))
    active = dt.date.fromisoformat(begun)
    lot = (active, points_queries.policy_on(active).expires_on(active))
    assert lot[1].isoformat() == ends
    world.give(ann, 10, lot, active - DAY)
    assert points_queries.get_balance(ann, clock.day_start(active) - dt.timedelta(microseconds=1)).available == 0
    assert points_queries.get_balance(ann, clock.day_start(active)).available == 10
    assert points_queries.get_balance(ann, clock.day_end(lot[1])).available == 10
    use(ann, 10, clock.day_end(lot[1]))
