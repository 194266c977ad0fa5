"""One spending given back whole: into its very lots, once, with courtesy where they ended; and what spending takes."""

import datetime as dt

import pytest

from membership_site import formats
from points import actions as points_actions
from points import queries as points_queries
from points.enums import Wallet
from points.models import Entry, Lot
from points.wording import explain
from tests.flows.shop import DAY, give_back, place, purse, use
from tests.kit.threads import kinds, together

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("balanced")]
THIRD = dt.date(2026, 3, 3)
SOON, LATE = (THIRD, dt.date(2026, 3, 10)), (THIRD, dt.date(2026, 12, 31))
NAMES = {"en": "Hand cream", "zh-hans": "护手霜"}
STEPS = [{"code": "redemption_cancelled", "points": 200, "reward": "cream", "names": NAMES}]


@pytest.fixture
def ann(join, give):
    member_id = join("ann").id
    give(member_id, 150, "soon", lot=SOON)
    give(member_id, 300, "late", lot=LATE)
    return member_id


def lots(member_id):
    rows = Lot.objects.filter(member_id=member_id, wallet="points").order_by("expires_on")
    return list(rows.values_list("expires_on", "points"))


def give_it_back(member_id, at, key="reward:1"):
    return points_actions.return_spent(member_id=member_id, source_key=key, steps=STEPS, at=at, actor="test")


def test_it_goes_back_to_its_very_lots_once(ann, noon):
    before = lots(ann)
    use(ann, 200, noon, "reward:1")
    first, again = give_it_back(ann, noon), give_it_back(ann, noon + DAY)
    assert lots(ann) == before and (first.seq, first.points) == (again.seq, again.points) == (4, 200)
    assert Entry.objects.filter(kind="restoration").count() == 1
    words = explain(points_queries.list_statement(ann, wallet=Wallet.POINTS, limit=1)[0], formats)
    assert words.title == "Points returned: Hand cream"
    assert words.sentences[0] == "Hand cream was given back, so 200 points came back to where they were."


def test_what_ended_meanwhile_can_be_used_for_the_courtesy_days(ann, noon):
    use(ann, 200, noon, "reward:1")
    give_it_back(ann, noon + 10 * DAY)
    assert lots(ann) == [(dt.date(2026, 3, 20), 150), (LATE[1], 300)]


def test_debt_is_repaid_first(ann, noon):
    place("1", ["100"], noon - 40 * DAY)
    use(ann, 550, noon, "reward:1")
    give_back("1", "R", {"1": 1}, noon)
    assert purse(ann, noon) == (0, 0, 100)
    give_it_back(ann, noon)
    assert purse(ann, noon) == (450, 0, 0)


def test_nothing_comes_back_of_what_was_not_spent(ann, noon):
    before = list(Entry.objects.values())
    with pytest.raises(points_actions.NothingSpent):
        give_it_back(ann, noon)
    assert list(Entry.objects.values()) == before


@pytest.mark.django_db(transaction=True)
def test_sixteen_at_once_give_it_back_once(join, give, noon):
    ann = join("ann").id
    give(ann, 500)
    use(ann, 200, noon, "reward:1")
    assert sum(kinds(together([lambda: give_it_back(ann, noon)] * 16)).values()) == 16
    assert purse(ann, noon) == (500, 0, 0) and Entry.objects.count() == 3


@pytest.mark.parametrize("points", [0, 1, 150, 200, 450, 999])
def test_what_a_spending_would_take_is_what_it_takes(ann, noon, points):
    told = points_queries.lots_for(ann, points, noon)
    if 0 < points <= 450:
        entry = use(ann, points, noon, "use")
        assert [(one.date, one.points) for one in told] == list(
            zip(entry.lot_expires_on, entry.lot_points, strict=True)
        )
    assert sum(one.points for one in told) == min(points, 450)


def test_nothing_can_be_taken_while_in_debt(ann, noon):
    place("1", ["100"], noon - 40 * DAY)
    use(ann, 550, noon, "use")
    give_back("1", "R", {"1": 1}, noon)
    assert points_queries.lots_for(ann, 10, noon) == ()


def test_a_reward_is_named_in_the_readers_language(ann, noon):
    from django.utils import translation

    step = {"code": "redeemed", "points": 200, "reward": "cream", "names": NAMES}
    policy = points_queries.policy_on(THIRD)
    points_actions.spend(
        member_id=ann, source_key="reward:1", points=200, explanation=[step], policy_id=policy.id, at=noon, actor="test"
    )
    [row] = points_queries.list_statement(ann, wallet=Wallet.POINTS, limit=1)
    assert explain(row, formats).title == "Redeemed: Hand cream"
    with translation.override("zh-hans"):
        assert "护手霜" in explain(row, formats).title
    prize = row.__class__(**{name: getattr(row, name) for name in row.__slots__} | {
        "explanation": [{"code": "prize", "points": 20, "reward": "luck", "names": {"en": "Luck"}}], "kind": "accrual",
    })  # fmt: skip
    words = explain(prize, formats)
    assert (words.title, words.sentences) == ("Won: Luck", ("Luck: a draw won 20 points.",))
