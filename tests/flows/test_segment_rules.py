"""Earning rules for a segment: asked before the deed, kept with it, and what was published goes on being asked."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import translation

from campaigns import actions as campaigns_actions
from campaigns import queries as campaigns_queries
from campaigns.rules.segments import tree_from
from members.models import Account, Member
from members.rules import MemberReference
from membership_site import formats
from membership_site.flows import policy_preview, policy_tried, yearly_rewarded
from membership_site.flows.importing import history
from membership_site.flows.importing.rows import Item
from membership_site.flows.starter import POINTS_TERMS
from orders import queries as orders_queries
from points import actions as points_actions
from points import queries as points_queries
from points import wording
from points.models import Earning, Entry, PolicyVersion
from points.rules import draft as draft_rules
from points.rules.conditions import number_of
from points.rules.policy import BadTerms, policy_from_terms
from tests.flows import carts
from tests.flows.shop import DAY, do, give_back, order, place, purse

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("balanced")]

Join = Callable[..., Member]
FIELDS = campaigns_queries.segment_fields()
QUIET = {"field": "orders.last", "operator": "at_least", "values": ["45"]}
ACTOR = "staff:1"


@pytest.fixture
def owner(db: None) -> Account:
    return Account.objects.create(email="owner@staff.example", name="Olga", is_staff=True)


def now_in_rules(segment_id: int) -> str:
    """Will return a segment as a rule writes it that chooses it now."""
    return next(one for one, _name in campaigns_queries.segments_for_rules() if number_of(one) == str(segment_id))


def segment(owner: Account, at: dt.datetime, *conditions: dict[str, Any], name: str = "Quiet ones") -> int:
    tree = tree_from({"all": list(conditions)}, FIELDS)
    made = campaigns_actions.create_segment(name=name, tree=tree, owner_id=owner.id, at=at, actor=ACTOR)
    campaigns_actions.share_segment(segment_id=made, is_shared=True, at=at, actor=ACTOR)
    return made


def listed(owner: Account, at: dt.datetime, *members: Member) -> int:
    made = campaigns_actions.make_list(
        name="Guests", owner_id=owner.id, member_ids=[one.id for one in members], at=at, actor=ACTOR
    )
    campaigns_actions.share_segment(segment_id=made, is_shared=True, at=at, actor=ACTOR)
    return made


def rule(segment_id: int, **terms: Any) -> dict[str, Any]:
    when = [{"what": "segment", "is": [now_in_rules(segment_id)]}]
    said = {"code": "x2", "names": {"en": "Back"}, "deed": "order", "effect": "multiply", "amount": "2"}
    return {**said, "when": when, **terms}


def publish(at: dt.datetime, *rules: dict[str, Any], number: int = 2, **terms: Any) -> PolicyVersion:
    return PolicyVersion.objects.create(
        number=number,
        effective_on=at.date() - DAY,
        terms={**POINTS_TERMS, "rules": list(rules), **terms},
        published_at=at,
    )


def person(name: str) -> MemberReference:
    return MemberReference(external_id=f"c-{name}")


def test_who_was_away_is_welcomed_back_once(join: Join, owner: Account, noon: dt.datetime) -> None:
    """The order itself does not count against its member: he was quiet until it came."""
    join("ann")
    publish(noon, rule(segment(owner, noon, QUIET)))
    assert place("1", ["100"], noon).points == 100, "who has never ordered is not quiet"
    later = noon + 50 * DAY
    assert place("2", ["100"], later).points == 200
    assert place("3", ["100"], later + DAY).points == 100
    assert place("2", ["100"], later).points == 200, "a repeat"


def test_a_return_asks_as_the_first_booking_did(join: Join, owner: Account, noon: dt.datetime) -> None:
    ann = join("ann")
    guests = listed(owner, noon, ann)
    publish(noon, rule(guests))
    assert place("1", [("a", 2, "50")], noon).points == 200
    campaigns_actions.take_off_list(list_id=guests, member_ids=[ann.id], at=noon, actor=ACTOR)
    assert place("2", ["100"], noon + DAY).points == 100, "who is on a list is asked live"
    assert give_back("1", "R1", {"a": 1}, noon + 2 * DAY).reversed == 100
    place("1", [("a", 2, "60")], noon, stated_at=noon + 3 * DAY)
    assert purse(ann.id, noon + 3 * DAY) == (0, 120 + 100, 0)
    kept = {one.deed_key: one.facts["segments"] for one in Earning.objects.all()}
    assert kept == {"order:web:1": {str(guests): True}, "order:web:2": {str(guests): False}}


def test_why_it_did_not_fire_names_the_segment_to_the_staff_alone(
    join: Join, owner: Account, noon: dt.datetime
) -> None:
    join("ann")
    guests = listed(owner, noon)
    publish(noon, rule(guests))
    place("1", ["100"], noon)
    [step] = [one for one in Earning.objects.get().unfired if one["code"] == "rule_not_applied"]
    told = wording.why_not(step, formats, {})
    assert told == "it is only for a group of members that we choose, and you were not in it"
    staffs = wording.why_not(step, formats, {wording.segment_key(str(guests)): "Guests"})
    assert staffs == "it is only by members in the segment “Guests”"
    for language in ("zh-hans", "zh-hant"):
        with translation.override(language):
            assert "Guests" not in wording.why_not(step, formats, {}) != told


def test_a_rule_goes_on_asking_what_it_asked_when_it_was_written(join: Join, owner: Account, noon: dt.datetime) -> None:
    """An edit of the segment, or of one within it, changes no rule: members were told of other ones."""
    join("ann")
    tagged = {"field": "members.tag", "operator": "any_of", "values": ["vip"]}
    ones = segment(owner, noon - DAY, tagged, name="VIP")
    inner = {"field": "campaigns.segment", "operator": "yes", "values": [str(ones)]}
    outer = segment(owner, noon - DAY, inner, name="Outer")
    before = publish(noon, rule(outer))
    everybody = tree_from({"all": []}, FIELDS)
    campaigns_actions.save_segment(segment_id=ones, tree=everybody, seen=1, at=noon + DAY, actor=ACTOR)
    assert place("1", ["100"], noon + 2 * DAY).points == 100
    after = publish(noon + 3 * DAY, rule(outer), number=3)
    assert place("2", ["100"], noon + 4 * DAY).points == 200
    [changed] = draft_rules.differences(
        points_queries.policy_by_id(before.id), points_queries.policy_by_id(after.id), noon.date()
    )
    assert (changed.subject, changed.verdict) == ("x2", "worse"), "somebody may be left out, so the notice is due"


def test_a_cart_an_event_and_a_birthday_are_asked_alike(join: Join, owner: Account, noon: dt.datetime) -> None:
    ann, bob = join("ann"), join("bob")
    guests = listed(owner, noon, ann)
    more = [rule(guests, code=f"{on}-x", deed=on, effect="fixed", amount="7") for on in ("review", "birthday")]
    publish(noon, rule(guests), *more, events={**POINTS_TERMS["events"], "birthday": {"points": 50}})
    for member, name, worth in ((ann, "ann", 200), (bob, "bob", 100)):
        quoted = carts.quote(carts.asked(member.id, "100"), noon)
        booked = place(f"1-{name}", ["100"], noon, who=person(name))
        assert quoted.to_earn == booked.points == worth
    assert do("review", noon).points == do("review", noon, who=person("bob"), event_id="b").points + 7
    policy = points_queries.policy_on(noon.date())
    given = yearly_rewarded.reward(kind="birthday", member_ids=[ann.id, bob.id], date=noon.date(), policy=policy)
    assert given == (2, 107)
    stored = orders_queries.find_order("web", "1-ann")
    assert stored is not None
    assert policy_tried.try_order(order=stored, policy=policy, at=noon).points == 200


def test_members_of_a_batch_are_asked_for_in_one_query_a_segment(
    join: Join, owner: Account, noon: dt.datetime, django_assert_num_queries: Any
) -> None:
    ids = [join(name).id for name in ("ann", "bob", "cid")]
    guests, tags = listed(owner, noon), segment(owner, noon, QUIET)
    wanted = [now_in_rules(guests), now_in_rules(tags)]
    for members in (ids[:1], ids):
        with django_assert_num_queries(3):
            campaigns_queries.who_is_in(wanted, members, noon)


def test_an_import_books_as_the_shop_does(join: Join, owner: Account, noon: dt.datetime) -> None:
    join("ann")
    publish(noon, rule(segment(owner, noon, QUIET)))
    dates = {"1": noon, "2": noon + 50 * DAY, "3": noon + 51 * DAY}
    items = [Item(on, number, "c-ann", order(number, ["100"], on), []) for number, on in dates.items()]
    outcomes = history.book_orders(items, source="web", at=noon + 400 * DAY, actor="import")
    assert outcomes == ["new", "new", "new"]
    rows = Entry.objects.filter(wallet="points", source_key__startswith="order:web:").order_by("seq")
    assert list(rows.values_list("points", flat=True)) == [100, 200, 100]


def test_a_preview_remembers_what_was_asked_and_asks_the_rest_today(
    join: Join, owner: Account, noon: dt.datetime
) -> None:
    ann, bob = join("ann"), join("bob")
    guests = listed(owner, noon, ann)
    others = campaigns_actions.make_list(name="Others", owner_id=owner.id, member_ids=[bob.id], at=noon, actor=ACTOR)
    campaigns_actions.share_segment(segment_id=others, is_shared=True, at=noon, actor=ACTOR)
    publish(noon, rule(guests))
    place("1", ["100"], noon)
    place("1b", ["100"], noon, who=person("bob"))
    campaigns_actions.take_off_list(list_id=guests, member_ids=[ann.id], at=noon, actor=ACTOR)
    terms = {**POINTS_TERMS, "rules": [rule(guests, amount="3"), rule(others, code="x5", amount="5", priority=200)]}
    draft = PolicyVersion.objects.create(number=9, effective_on=noon.date(), terms=terms, actor=ACTOR)
    preview_id, _new = points_actions.request_preview(version_id=draft.id, months=12, at=noon + DAY, actor=ACTOR)
    policy_preview.run(preview_id=preview_id, now=lambda: noon + DAY)
    view = points_queries.get_preview(preview_id)
    assert view.state == "done", view.error
    earned = {side: sums["earned"] for side, sums in view.result["sides"].items()}
    assert earned == {"as_is": 200 + 100, "draft": 300 + 500}


def test_a_segment_that_a_rule_asks_is_neither_put_away_nor_hidden(
    join: Join, owner: Account, noon: dt.datetime
) -> None:
    guests = listed(owner, noon)
    publish(noon, rule(guests, is_on=False))
    assert not campaigns_queries.used_by(guests, noon)
    publish(noon, rule(guests), number=3)
    assert [names["en"] for names in campaigns_queries.used_by(guests, noon).rules] == ["Back"]
    deed: dict[str, Any] = {"segment_id": guests, "at": noon, "actor": ACTOR}
    with pytest.raises(campaigns_actions.SegmentInUse, match="Back"):
        campaigns_actions.archive_segment(**deed)
    with pytest.raises(campaigns_actions.SegmentInUse, match="Back"):
        campaigns_actions.share_segment(is_shared=False, **deed)
    publish(noon + DAY, number=4)
    later = noon + 3 * DAY
    campaigns_actions.share_segment(segment_id=guests, is_shared=False, at=later, actor=ACTOR)
    campaigns_actions.archive_segment(segment_id=guests, at=later, actor=ACTOR)


@pytest.mark.parametrize("values", [["1", "2"], ["vip"], ["0"], ["1@"], ["1@x"], ["-1@5"], []])
def test_a_condition_names_one_segment(values: list[str]) -> None:
    base = {"code": "x2", "names": {"en": "Back"}, "deed": "order", "effect": "multiply", "amount": "2"}
    terms = {**POINTS_TERMS, "rules": [{**base, "when": [{"what": "segment", "is": values}]}]}
    with pytest.raises(BadTerms):
        policy_from_terms(1, terms)
