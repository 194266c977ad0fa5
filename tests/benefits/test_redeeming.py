"""Points for rewards: all or nothing, once a call, never more than there are; taken back to the very lots."""

import datetime as dt
import uuid

import pytest

from benefits import actions as benefits_actions
from benefits.actions import NotCancelled, NotRedeemed
from benefits.enums import FulfilmentState
from benefits.models import Coupon, CouponDefinition, Fulfilment, GiftItem, PartnerCode, Pool, Redemption, Reward, Taken
from benefits.rules import lottery
from kit.models import AuditRow
from members import actions as members_actions
from points.actions import KeyReused
from points.models import Entry, Lot
from tests.benefits.shelf import cancel, coupon, gift, pool, prizes, redeem, reward, take
from tests.flows.shop import DAY, place, purse
from tests.kit.threads import kinds, overlapping, together
from tests.members.people import person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("balanced")]
THIRD = dt.date(2026, 3, 3)
SOON, LATE = (THIRD, dt.date(2026, 3, 10)), (THIRD, dt.date(2026, 12, 31))
TABLES = (Coupon, Fulfilment, GiftItem, PartnerCode, Redemption, Reward, Taken, Entry, Lot)


@pytest.fixture
def ann(join, give):
    """Ann with 1,500 points that end soon and 3,000 that end late."""
    member_id = join("ann").id
    give(member_id, 1500, "soon", lot=SOON)
    give(member_id, 3000, "late", lot=LATE)
    return member_id


def lots(member_id):
    rows = Lot.objects.filter(member_id=member_id, wallet="points").order_by("expires_on")
    return list(rows.values_list("expires_on", "points"))


def world():
    """Everything a redemption may touch, as it stands."""
    return [list(model.objects.order_by("pk").values()) for model in TABLES]


def refused(member_id, code, **rest):
    """Will expect a refusal that changes nothing, and return its facts."""
    before = world()
    with pytest.raises(NotRedeemed) as error:
        redeem(member_id, **rest)
    assert error.value.refusal.code == code, error.value
    assert str(error.value).endswith("Nothing was spent.")
    assert world() == before
    return error.value.refusal.facts


# ---- redeem


def test_a_coupon_for_points(ann, noon):
    coupon()
    reward(kind="coupon", left=5)
    done = redeem(ann)
    assert (done.kind, done.points, done.state, done.is_new) == ("coupon", 2000, "done", True)
    issued = Coupon.objects.get()
    assert (issued.code, issued.member_id, issued.source_key) == (done.code, ann, f"redemption:{done.id}")
    assert lots(ann) == [(LATE[1], 2500)], "soonest first"
    assert (Reward.objects.get().left, Taken.objects.get().times) == (4, 1)
    entry = Entry.objects.get(source_key=f"redemption:{done.id}")
    assert entry.explanation[0]["code"] == "redeemed" and entry.explanation[0]["names"]["zh-hans"] == "护手霜"
    assert AuditRow.objects.get(deed="reward.redeemed").becomes["points"] == 2000


def test_a_gift_and_a_partners_code_for_points(ann):
    gift(left=1), pool()
    reward(), reward("film", "partner_code")
    sent = redeem(ann)
    assert Fulfilment.objects.get().redemption_id == sent.id and GiftItem.objects.get(code="cream").left == 0
    code = redeem(ann, "portal:2", "film")
    assert code.code == "", "a partner's code is shown by revealing it"
    assert PartnerCode.objects.get(id=code.partner_code_id).member_id == ann


def test_the_same_call_gives_the_first_redemption_as_it_stands(ann, noon):
    gift()
    reward(), reward("other")
    first = redeem(ann)
    before = world()
    again = redeem(ann, at=noon + DAY)
    assert (again.id, again.is_new, world()) == (first.id, False, before)
    with pytest.raises(KeyReused):
        redeem(ann, reward="other")
    assert world() == before
    cancel(first.id)
    assert redeem(ann).state == "cancelled"


def test_the_price_is_that_of_the_tier_held(join, give, noon):
    ann = join("ann").id
    place("1", ["1200"], noon - 20 * DAY)
    give(ann, 5000)
    gift()
    reward(prices={"member": 3000, "silver": 900})
    assert redeem(ann).points == 900
    reward("gold", prices={"gold": 500})
    assert refused(ann, "not_for_tier", source_key="2", reward="gold") == {"tier": "silver", "tiers": ("gold",)}


@pytest.mark.parametrize(
    ("changes", "code", "facts"),
    [
        ({"is_on": False}, "off", {}),
        ({"starts_at": dt.datetime(2026, 3, 4, tzinfo=dt.UTC)}, "not_yet", {"starts_at"}),
        ({"ends_at": dt.datetime(2026, 3, 3, 4, tzinfo=dt.UTC)}, "over", {"ends_at"}),
        ({"prices": {"gold": 1}}, "not_for_tier", {"tier", "tiers"}),
        ({"left": 0}, "sold_out", {}),
        ({"member_max": 0}, "limit", {"most"}),
        ({"prices": {"*": 4600}}, "not_enough", {"missing", "price"}),
    ],
)
def test_each_refusal_has_its_code_and_changes_nothing(ann, changes, code, facts):
    gift()
    reward(**changes)
    assert set(refused(ann, code)) == set(facts)


def test_what_is_missing_counts_what_is_owed(join, noon):
    ann = join("ann").id
    gift()
    reward(price=500)
    assert refused(ann, "not_enough") == {"missing": 500, "price": 500}
    assert refused(ann, "unknown_reward", reward="nothing") == {}


def test_who_has_not_joined_has_nothing_to_pay_with(programme, noon):
    stranger = members_actions.register(new=person("eve"), joined_at=None, at=noon, actor="test")
    gift()
    reward()
    refused(stranger.id, "not_joined")


def test_what_the_shelf_lacks_is_refused(ann):
    gift(left=0), pool(codes=0), coupon()
    reward(), reward("film", "partner_code"), reward("ten", "coupon")
    refused(ann, "sold_out")
    refused(ann, "sold_out", reward="film")
    for table in (GiftItem, Pool):
        table.objects.update(is_archived=True)
    refused(ann, "off")
    refused(ann, "off", reward="film")
    CouponDefinition.objects.update(is_archived=True)
    refused(ann, "off", reward="ten")


def test_a_member_has_it_as_often_as_one_may(ann):
    gift()
    reward(price=100, member_max=2)
    redeem(ann), redeem(ann, "portal:2")
    assert refused(ann, "limit", source_key="portal:3") == {"most": 2}


# ---- cancel


def test_points_go_back_to_their_very_lots_with_their_dates(ann, noon):
    coupon()
    reward(kind="coupon", left=1, member_max=1, cancel_days=7)
    before = lots(ann)
    done = redeem(ann)
    back = cancel(done.id, noon + DAY, by_member=True)
    assert (back.state, back.points, lots(ann)) == ("cancelled", 2000, before)
    assert (Reward.objects.get().left, Taken.objects.get().times) == (1, 0)
    assert Coupon.objects.get().void_reason == "changed my mind"
    row = Redemption.objects.get()
    assert (row.cancelled_at, row.cancel_reason) == (noon + DAY, "changed my mind")
    after = world()
    assert cancel(done.id, noon + 2 * DAY).state == "cancelled" and world() == after
    assert redeem(ann, "portal:2").is_new, "stock and limit are free again"


def test_what_has_lapsed_meanwhile_comes_back_for_the_courtesy_days(ann, noon):
    gift()
    reward()
    done = redeem(ann)
    cancel(done.id, noon + 10 * DAY)
    assert lots(ann) == [(dt.date(2026, 3, 20), 1500), (LATE[1], 3000)]
    entry = Entry.objects.get(kind="restoration")
    assert [step["code"] for step in entry.explanation] == ["redemption_cancelled", "date_kept", "courtesy"]


def kept(redemption_id, code, at, *, by_member=False):
    """Will expect a cancellation to be refused and to change nothing."""
    before = world()
    with pytest.raises(NotCancelled) as error:
        cancel(redemption_id, at, by_member=by_member)
    assert error.value.refusal.code == code and str(error.value).endswith("Nothing was changed.")
    assert world() == before


def test_what_was_used_sent_or_read_stays(ann, noon):
    coupon(), gift(), pool()
    reward("ten", "coupon", price=10), reward(price=10), reward("film", "partner_code", price=10)
    ten, cream, film = (redeem(ann, code, code) for code in ("ten", "cream", "film"))
    Coupon.objects.update(held=1)
    kept(ten.id, "held", noon)
    Coupon.objects.update(held=0, used=1)
    kept(ten.id, "used", noon)
    Coupon.objects.update(used=0)
    benefits_actions.reveal_code(member_id=ann, code_id=film.partner_code_id, at=noon, actor="test")
    kept(film.id, "read", noon)
    Fulfilment.objects.update(state="shipped", carrier="SF")
    kept(cream.id, "sent", noon)
    Fulfilment.objects.update(state="returned")
    cancel(cream.id, noon)
    assert (Fulfilment.objects.get().state, GiftItem.objects.get(code="cream").left) == ("cancelled", 3)


def test_a_member_has_the_rewards_days_and_the_staff_have_time(ann, noon):
    gift()
    reward("never", price=10), reward(price=10, cancel_days=2)
    never, cream = redeem(ann, "1", "never"), redeem(ann, "2")
    kept(never.id, "too_late", noon, by_member=True)
    kept(cream.id, "too_late", noon + 3 * DAY, by_member=True)
    assert cancel(cream.id, noon + 2 * DAY, by_member=True).state == "cancelled"
    assert cancel(never.id, noon + 3 * DAY).state == "cancelled"
    with pytest.raises(benefits_actions.NoRedemption):
        cancel(uuid.uuid4())


def test_a_code_that_nobody_read_is_the_next_ones(ann, join, noon):
    pool(codes=1)
    reward("film", "partner_code", price=10)
    done = redeem(ann, reward="film")
    cancel(done.id)
    assert take(join("bob").id).code == "cinema-1"
    assert Redemption.objects.get().partner_code_id is None


def test_giving_up_a_gift_gives_its_points_back_and_only_those_that_were_paid(ann, noon):
    gift(left=9)
    reward(price=10)
    redeem(ann)
    promised = benefits_actions.promise(member_id=ann, item="cream", source_key="grant:1", at=noon, actor="test")

    def give_up(one):
        benefits_actions.give_up_gift(fulfilment_id=one, reason="out of print", at=noon, actor="staff:1")

    before = purse(ann, noon)[0]
    for one in (Fulfilment.objects.get(redemption__isnull=False).id, promised.id):
        give_up(one), give_up(one)
    assert purse(ann, noon)[0] == before + 10 and GiftItem.objects.get(code="cream").left == 9
    assert set(Fulfilment.objects.values_list("state", flat=True)) == {FulfilmentState.CANCELLED}
    assert Redemption.objects.get().cancel_reason == "out of print"


# ---- many at once


@pytest.mark.django_db(transaction=True)
def test_thirty_two_want_one_of_ten_and_ten_have_paid_and_got_it(join, give, noon):
    members = [join(f"guest{n}").id for n in range(4)]
    for member_id in members:
        give(member_id, 10_000)
    gift(left=None)
    reward(price=100, left=10)
    answers = together([lambda n=n: redeem(members[n % 4], f"k{n}") for n in range(32)])
    assert kinds(answers) == {"Redeemed": 10, "NotRedeemed": 22}
    assert {error.refusal.code for error in answers if hasattr(error, "refusal")} == {"sold_out"}
    assert Reward.objects.get().left == 0 and Fulfilment.objects.count() == Redemption.objects.count() == 10
    assert sum(purse(member_id, noon)[0] for member_id in members) == 39_000
    done = [answer for answer in answers if not hasattr(answer, "refusal")]
    back = together([lambda one=one: cancel(one.id) for one in done] * 3)
    assert kinds(back) == {"Redeemed": 30} and Reward.objects.get().left == 10
    assert sum(purse(member_id, noon)[0] for member_id in members) == 40_000


@pytest.mark.django_db(transaction=True)
def test_one_member_from_everywhere_at_once_keeps_limit_balance_and_key(join, give, noon):
    ann = join("ann").id
    give(ann, 1000)
    coupon()
    reward("ten", "coupon", price=100, member_max=3)
    answers = together([lambda n=n: redeem(ann, f"k{n}", "ten") for n in range(16)])
    assert kinds(answers) == {"Redeemed": 3, "NotRedeemed": 13} and purse(ann, noon)[0] == 700
    reward("more", "coupon", price=100)
    same = together([lambda: redeem(ann, "same", "more")] * 8)
    assert len({answer.id for answer in same}) == 1 and purse(ann, noon)[0] == 600
    rest = together([lambda n=n: redeem(ann, f"r{n}", "more") for n in range(16)])
    assert kinds(rest) == {"Redeemed": 6, "NotRedeemed": 10} and purse(ann, noon)[0] == 0


@pytest.mark.django_db(transaction=True)
def test_a_crash_halfway_leaves_nothing_half_done(join, give):
    ann = join("ann").id
    give(ann, 1000)
    coupon(), gift(left=5)
    reward("ten", "coupon", price=100, left=5), reward(price=100, left=5)
    before = world()

    def crash(code):
        redeem(ann, code, code)
        raise RuntimeError("the machine stops here")

    answers = together([lambda: crash("ten"), lambda: crash("cream")])
    assert kinds(answers) == {"RuntimeError": 2} and world() == before
    assert {answer.is_new for answer in together([lambda: redeem(ann, "ten", "ten"), lambda: redeem(ann, "cream")])}


@pytest.mark.django_db(transaction=True)
def test_reading_a_code_and_giving_it_back_cross_and_one_of_them_wins(join, give, noon):
    ann = join("ann").id
    give(ann, 1000)
    pool()
    reward("film", "partner_code", price=100)
    done = redeem(ann, reward="film")

    def read():
        return benefits_actions.reveal_code(member_id=ann, code_id=done.partner_code_id, at=noon, actor="test")

    first, second = overlapping(read, lambda: cancel(done.id))
    assert first == "cinema-1" and isinstance(second, NotCancelled)
    assert purse(ann, noon)[0] == 900


# ---- draws


def test_a_draw_gives_the_prize_that_its_number_falls_on(ann, noon):
    gift(), pool(), coupon()
    rows = prizes(
        ("cream", "gift", "cream", "0.1", 1),
        ("ten", "coupon", "ten", "0.2", None),
        ("film", "partner_code", "cinema", "0.3", 2),
        ("bonus", "points", "50", "rest", None),
    )
    reward("wheel", "draw", price=10, prizes=rows)
    seeds = {place: seed_for(rows, place) for place in range(4)}
    done = {place: redeem(ann, f"k{place}", "wheel", seed=seeds[place]) for place in range(4)}
    assert [done[place].drawn["place"] for place in range(4)] == [0, 1, 2, 3]
    assert Fulfilment.objects.get().redemption_id == done[0].id
    assert done[1].code == Coupon.objects.get().code
    assert PartnerCode.objects.get(member=ann).id == done[2].partner_code_id
    assert Entry.objects.get(source_key=f"redemption:{done[3].id}:prize").points == 50
    assert [prize["left"] for prize in Reward.objects.get().prizes] == [0, None, 1, None]
    again = redeem(ann, "k9", "wheel", seed=seeds[0])
    assert (again.drawn["place"], again.drawn["gone"]) == (3, [0]), "what is gone falls to the consolation prize"
    kept(again.id, "draw", noon)


def test_a_draw_whose_shelf_is_empty_gives_nothing_and_says_so(ann):
    gift(left=0)
    reward("wheel", "draw", price=10, prizes=prizes(("cream", "gift", "cream", "1", None)))
    done = redeem(ann, reward="wheel")
    assert (done.drawn["place"], done.drawn["gone"]) == (None, [0])
    assert not Fulfilment.objects.exists() and GiftItem.objects.get(code="cream").left == 0
    assert len(bytes.fromhex(done.drawn["seed"])) == 32


def seed_for(rows, place):
    """Will find a seed that draws a prize."""
    read = lottery.prizes_from(rows)
    return next(seed for n in range(10_000) if lottery.draw(read, seed := n.to_bytes(32)).place == place)


@pytest.mark.django_db(transaction=True)
def test_thirty_two_draw_at_once_and_no_prize_is_given_more_often_than_there_are(join, give, noon):
    members = [join(f"guest{n}").id for n in range(4)]
    for member_id in members:
        give(member_id, 1000)
    gift(left=3), coupon()
    rows = prizes(("cream", "gift", "cream", "0.5", None), ("ten", "coupon", "ten", "0.5", 5))
    reward("wheel", "draw", price=10, prizes=rows)
    answers = together([lambda n=n: redeem(members[n % 4], f"k{n}", "wheel") for n in range(32)])
    assert kinds(answers) == {"Redeemed": 32}
    won = [answer.drawn["place"] for answer in answers]
    assert (won.count(0), won.count(1)) == (Fulfilment.objects.count(), Coupon.objects.count())
    assert won.count(0) <= 3 and won.count(1) <= 5
    assert GiftItem.objects.get(code="cream").left == 3 - won.count(0)
    assert Reward.objects.get().prizes[1]["left"] == 5 - won.count(1)
