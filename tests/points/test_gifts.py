"""Points given to another member: each with its dates, never pending ones, so many a day, once per key."""

import datetime as dt

import pytest

from kit.models import AuditRow
from members.models import Member
from membership_site.flows import points_given
from membership_site.flows.points_given import NotAMember
from points import actions as points_actions
from points import queries as points_queries
from points.actions import (
    GiftCapReached,
    GiftRefused,
    GiftsOff,
    GiftToOneself,
    GiftTooSmall,
    KeyReused,
    NotEnoughPoints,
    NoWallet,
)
from points.enums import Wallet
from points.models import Balance, Entry, Lot, PolicyVersion
from points.rules.gifts import left_today
from points.rules.policy import Gifts
from tests.flows.shop import DAY, give_back, place, purse, use
from tests.points.starter import POINTS_TERMS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("balanced")]
THIRD = dt.date(2026, 3, 3)
SOON, LATE = (THIRD, dt.date(2026, 3, 10)), (dt.date(2026, 1, 5), dt.date(2026, 12, 31))
PENDING = (dt.date(2026, 3, 9), dt.date(2026, 3, 9))


@pytest.fixture
def ann(join, give):
    """Ann with 150 points that end soon, 300 that end late, and 500 pending."""
    member_id = join("ann").id
    give(member_id, 150, "soon", lot=SOON)
    give(member_id, 300, "late", lot=LATE)
    give(member_id, 500, "pending", lot=PENDING)
    return member_id


@pytest.fixture
def bob(join):
    return join("bob").id


def gift(donor, recipient, points, at, key="k"):
    return points_given.give(
        donor_id=donor, recipient_id=recipient, points=points, gift_key=key, at=at, actor="member:1"
    )


def lots(member_id):
    rows = Lot.objects.filter(member_id=member_id, wallet="points").order_by("expires_on")
    return [(row.active_on, row.expires_on, row.points) for row in rows]


def books():
    return [list(model.objects.order_by("pk").values()) for model in (Balance, Lot, Entry, AuditRow)]


def publish(noon, **gifts):
    terms = {**POINTS_TERMS, "gifts": gifts}
    PolicyVersion.objects.create(number=2, effective_on=THIRD, terms=terms, published_at=noon)


def test_a_gift_keeps_its_dates_and_takes_what_ends_soonest(ann, bob, noon):
    entry = gift(ann, bob, 200, noon)
    assert (entry.kind, entry.points, entry.source_key) == ("transfer", -200, "gift:k")
    assert lots(bob) == [(*SOON, 150), (*LATE, 50)]
    assert lots(ann) == [(*PENDING, 500), (*LATE, 250)]
    given, got = (points_queries.entries_of(one, "gift:k")[0] for one in (ann, bob))
    numbers = dict(Member.objects.values_list("id", "number"))
    assert (given.points, given.explanation) == (
        -200,
        [{"code": "gift_to", "points": 200, "member": numbers[bob]}],
    )
    assert (got.points, got.explanation) == (200, [{"code": "gift_from", "points": 200, "member": numbers[ann]}])
    (row,) = AuditRow.objects.filter(deed="points.give")
    assert (row.subject, row.becomes) == (f"member:{ann}", {"to": bob, "points": 200, "key": "gift:k"})


def test_the_same_gift_is_one_and_other_content_is_refused(ann, bob, join, noon):
    cid = join("cid").id
    first = gift(ann, bob, 200, noon)
    before = books()
    again = gift(ann, bob, 200, noon + DAY)
    assert (again.seq, again.points, again.balance_after) == (first.seq, -200, first.balance_after)
    for donor, recipient, points in ((ann, bob, 199), (ann, cid, 200), (bob, ann, 200), (cid, bob, 200)):
        with pytest.raises(KeyReused, match="gift:k"):
            gift(donor, recipient, points, noon)
    assert books() == before


def test_what_is_pending_or_missing_cannot_be_given(ann, bob, noon):
    before = books()
    with pytest.raises(NotEnoughPoints, match="451 points were asked for, 450 can be spent"):
        gift(ann, bob, 451, noon)
    assert books() == before
    gift(ann, bob, 450, noon)
    with pytest.raises(NotEnoughPoints):
        gift(ann, bob, 10, noon, "again")


def test_so_many_a_day_and_again_the_next(ann, bob, join, noon):
    cid = join("cid").id
    publish(noon, points_min=10, day_max=100)
    gift(ann, bob, 60, noon, "a")
    with pytest.raises(GiftCapReached, match="100 points may be given on one day, 40 of them are left") as refusal:
        gift(ann, cid, 41, noon, "b")
    assert (refusal.value.left, refusal.value.day_max) == (40, 100)
    gift(ann, cid, 40, noon, "b")
    assert points_queries.given_on(ann, THIRD) == 100
    use(bob, 10, noon)
    gift(bob, cid, 50, noon, "c")
    assert points_queries.given_on(bob, THIRD) == 50, "what was got or spent is not given"
    with pytest.raises(GiftCapReached):
        gift(ann, cid, 10, dt.datetime(2026, 3, 3, 15, 59, tzinfo=dt.UTC), "d")
    gift(ann, cid, 100, dt.datetime(2026, 3, 3, 16, tzinfo=dt.UTC), "d")


def test_what_a_programme_does_not_allow_is_refused_in_words_and_books_nothing(ann, bob, noon):
    before = books()
    with pytest.raises(GiftToOneself, match="another member only"):
        gift(ann, ann, 50, noon)
    with pytest.raises(GiftTooSmall, match="A gift is 10 points or more; 9 were"):
        gift(ann, bob, 9, noon)
    with pytest.raises(GiftTooSmall):
        gift(ann, bob, -50, noon)
    assert books() == before
    publish(noon, is_on=False)
    with pytest.raises(GiftsOff, match="at present"):
        gift(ann, bob, 50, noon)
    assert issubclass(GiftsOff, GiftRefused)
    assert left_today(Gifts(is_on=False), 0) == left_today(Gifts(day_max=10), 11) == 0


def test_only_active_members_give_and_get(ann, bob, noon):
    before = books()
    Member.objects.filter(id=bob).update(status="blocked")
    for donor, recipient in ((ann, bob), (bob, ann), (ann, 0)):
        with pytest.raises(NotAMember, match="is not an active member"):
            gift(donor, recipient, 50, noon)
    with pytest.raises(NoWallet):
        points_actions.give(donor_id=ann, recipient_id=0, points=50, gift_key="k", at=noon, actor="test")
    assert books() == before


def test_nobody_in_debt_gives_and_who_gets_repays_first(ann, bob, noon):
    place("1", ["100"], noon)
    use(ann, 550, noon + 7 * DAY)
    give_back("1", "R", {"1": 1}, noon + 7 * DAY)
    at = noon + 7 * DAY
    with pytest.raises(NotEnoughPoints, match="are owed"):
        gift(ann, bob, 50, at)
    debt = purse(ann, at)[2]
    points_actions.credit(
        member_id=bob, wallet=Wallet.POINTS, source_key="own", points=debt + 50, lot=LATE, explanation=[],
        policy_id=points_queries.policy_on(THIRD).id, at=at, actor="test",
    )  # fmt: skip
    gift(bob, ann, debt + 20, at)
    assert purse(ann, at) == (20, 0, 0)
    (got,) = points_queries.entries_of(ann, "gift:k")
    assert got.explanation[-1] == {"code": "debt_repaid", "points": debt}


def test_a_gift_ends_when_the_donors_would_have(ann, bob, noon):
    gift(ann, bob, 150, noon)
    assert purse(bob, noon + 7 * DAY) == (150, 0, 0)
    assert purse(bob, noon + 8 * DAY) == (0, 0, 0)
