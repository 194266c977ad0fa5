"""Segments at the console: built without script, counted, saved, shared, filled, and asked by other pages."""

import csv
import datetime as dt
import io
import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from benefits.models import CouponBatch
from campaigns import actions as campaigns_actions
from campaigns import queries as campaigns_queries
from campaigns.models import ListedMember, Segment, SegmentVersion
from campaigns.rules.segments import All, Condition, Not, tree_from
from campaigns.rules.segments import Any as AnyOf
from kit.enums import Operator
from kit.models import AuditRow
from members.models import Account, Member, Tag
from membership_site.console.forms.segments import stored_of, typed_of
from membership_site.console.pages.segments import live_of
from tests.benefits.coupons import define

from .conftest import Join, buy, crowd, open_staff, queries_of, text_of

pytestmark = pytest.mark.django_db

Enter = Callable[[str], Client]
LIST, NEW, COUNT = "/console/segments/", "/console/segments/new/", "/console/segments/count/"
FIELDS = campaigns_queries.segment_fields()
SILVER = {"join": "all", "r0-field": "tiers.tier", "r0-was": "tiers.tier", "r0-operator": "is", "r0-value": "silver"}
SPENT = {
    "r1-field": "orders.count",
    "r1-was": "orders.count",
    "r1-operator": "at_least",
    "r1-value": "1",
    "r1-days": "90",
}


@pytest.fixture
def ann(join: Join, noon: dt.datetime) -> Member:
    """Ann, who is Silver by an order; Bob, who has none."""
    ann = join("ann")
    join("bob")
    buy("ann", "A-1", "1500", noon - dt.timedelta(days=10))
    return ann


def make(owner: str, name: str, *parts: dict[str, Any], shared: bool = False) -> int:
    account = Account.objects.filter(email=owner).first() or open_staff(owner.partition("@")[0])
    at = dt.datetime(2026, 3, 3, 4, tzinfo=dt.UTC)
    tree = tree_from({"all": list(parts)}, FIELDS)
    made = campaigns_actions.create_segment(name=name, tree=tree, owner_id=account.id, at=at, actor="test")
    Segment.objects.filter(id=made).update(is_shared=shared)
    return made


def asks(field: str, operator: str, *values: str) -> dict[str, Any]:
    return {"field": field, "operator": operator, "values": list(values)}


OPERATOR = "operator@staff.example"


# ---- who may


def test_who_may_see_and_change(enter: Enter, ann: Member) -> None:
    """Everybody of the staff sees; operators and administrators change; what is not shared is not there."""
    shared = make(OPERATOR, "Shared", asks("tiers.tier", "is", "silver"), shared=True)
    alone = make(OPERATOR, "Alone", asks("tiers.tier", "is", "silver"))
    for role in ("agent", "auditor", "finance"):
        client = enter(role)
        page = client.get(LIST).content.decode()
        assert "Shared" in page
        assert "Alone" not in page
        assert client.get(f"{LIST}{shared}/").status_code == 200
        assert client.get(f"{LIST}{alone}/").status_code == 404
        assert client.post(COUNT, SILVER).status_code == 200
        assert client.get(f"/console/members/?segment={alone}").status_code == 200
        for path in (NEW, f"{LIST}lists/new/", f"{LIST}{shared}/edit/", f"{LIST}{shared}/members.csv"):
            assert client.get(path).status_code == 403, (role, path)
        for path in ("change", "members"):
            assert client.post(f"{LIST}{shared}/{path}/", {"do": "archive"}).status_code == 403, (role, path)
    assert not Segment.objects.filter(is_archived=True).exists()
    assert enter("").get(LIST).status_code == 403
    for path in (LIST, NEW, f"{LIST}{shared}/", f"{LIST}{alone}/", f"{LIST}lists/new/"):
        assert enter("operator").get(path).status_code == 200, path


# ---- the builder


def test_a_segment_is_built_row_by_row_without_script(enter: Enter, ann: Member) -> None:
    """Every button posts and shows the rows as they are now, with what was typed; then it is saved."""
    client = enter("operator")
    page = client.get(NEW).content.decode()
    assert page.count('class="rule"') == 1
    both = SILVER | SPENT | {"name": "Silver who order"}
    page = client.post(NEW, SILVER | {"do": "add", "name": "Silver who order"}).content.decode()
    assert page.count('class="rule"') == 2
    assert 'value="Silver who order"' in page
    grouped = client.post(NEW, both | {"do": "group"}).content.decode()
    assert 'name="g0-join"' in grouped
    assert 'name="g0r0-field"' in grouped
    group = {"g0-join": "none", "g0r0-field": "members.tag", "g0r0-operator": "any_of", "g0r0-value": ["vip", "tea"]}
    more = client.post(NEW, both | group | {"do": "add:g0"}).content.decode()
    assert 'name="g0r1-field"' in more
    dropped = client.post(NEW, both | group | {"do": "drop:r0"}).content.decode()
    assert 'name="r0-field"' not in dropped
    assert 'name="r1-field"' in dropped
    assert 'name="g0-join"' not in client.post(NEW, both | group | {"do": "ungroup:g0"}).content.decode()
    answer = client.post(NEW, both | group | {"do": "count"})
    assert re.search(r'class="big num">1<', answer.content.decode())
    answer = client.post(NEW, both | group | {"do": "save"}, follow=True)
    assert answer.redirect_chain
    version = SegmentVersion.objects.get()
    assert version.tree == {
        "all": [
            asks("tiers.tier", "is", "silver"),
            asks("orders.count", "at_least", "1") | {"days": 90},
            {"not": {"any": [asks("members.tag", "any_of", "tea", "vip")]}},
        ]
    }
    said = text_of(answer.content.decode())
    assert "Members whose tier is Silver and whose number of orders is at least 1 in the last 90 days" in said


def test_a_field_that_changed_brings_its_own_comparison(enter: Enter, ann: Member) -> None:
    """A comparison the field has not becomes its first, and the old value goes; htmx then asks for the count."""
    changed = SILVER | {"r0-field": "orders.last", "do": "field"}
    answer = enter("operator").post(NEW, changed, headers={"HX-Request": "true"})
    page = answer.content.decode()
    assert 'id="r0-value" name="r0-value" inputmode="decimal" maxlength="20" value=""' in page
    assert answer["HX-Trigger-After-Settle"] == '{"segment-changed": {}}'
    assert 'class="err"' not in page, "what was just begun is not complained about"


def test_what_is_wrong_is_said_at_its_row_and_nothing_is_saved(enter: Enter, ann: Member) -> None:
    client = enter("operator")
    wrong = SILVER | {"r1-field": "orders.spend", "r1-operator": "at_least", "r1-value": "much", "do": "save"}
    answer = client.post(NEW, wrong)
    page = text_of(answer.content.decode())
    assert answer.status_code == 422
    assert 'id="r1-error"' in page
    assert "Use an amount, for example 6000 or 59.90." in page
    assert "Give it a name" in page
    assert 'value="much"' in page
    assert "Not counted: a condition is not finished." in page
    assert client.post(NEW, SILVER | {"do": "save"}).status_code == 422, "no name"
    assert not Segment.objects.exists()
    make(OPERATOR, "Taken", asks("tiers.tier", "is", "gold"))
    assert "Choose another" in client.post(NEW, SILVER | {"do": "save", "name": "Taken"}).content.decode()


@pytest.mark.parametrize(
    "sent",
    [
        {"r0-field": "members.id); DROP TABLE members_member; --", "r0-operator": "is", "r0-value": "1"},
        {"r0-field": "tiers.tier", "r0-operator": "is", "r0-value": "' OR 1=1 --"},
        {"r0-field": "members.region", "r0-operator": "contains", "r0-value": "%'\\_\x00"},
        {"r0-field": "orders.spend", "r0-operator": "at_least", "r0-value": "9" * 400},
        {"r0-field": "members.attribute", "r0-operator": "is", "r0-value": "x", "r0-name": "a'b\"c$.*"},
        {"r0-field": "campaigns.segment", "r0-operator": "yes", "r0-value": "1 OR 1=1"},
        {"join": "<script>", "g99-join": "x", "g7r1-field": "x", "do": "add:g7" * 9},
        {f"r{n}-field": "tiers.tier" for n in range(500)},
        {"do": "drop:zzz"},
        {"do": "\x00"},
    ],
)
def test_hostile_rows_are_refused_or_mean_nobody(enter: Enter, ann: Member, sent: dict[str, str]) -> None:
    client = enter("operator")
    for path in (COUNT, NEW):
        assert client.post(path, sent).status_code in (200, 422), path
    assert Member.objects.count() == 2


def test_the_count_says_tiers_examples_and_who_is_left_out(enter: Enter, ann: Member) -> None:
    Member.objects.filter(name="Bob").update(status="blocked")
    page = text_of(enter("agent").post(COUNT, {"join": "all"}).content.decode())
    assert 'class="big num">1</span> <span class="sub">member matches, 100.0% of 1' in page
    assert "Silver</span><b" in page
    assert 'Blocked members, never included</span><span class="num">1' in page
    assert f'/console/members/{ann.number}/">Ann</a>' in page
    assert "CN¥1,500" in page


def test_a_builder_shows_what_it_saved() -> None:
    """Every tree of two levels goes through the form unchanged; a deeper one is not shown as something else."""
    one, two = (Condition("tiers.tier", Operator.IS, (code,)) for code in ("gold", "silver"))
    for tree in (All(), All((one,)), AnyOf((one, two)), All((one, AnyOf((one, two)), Not(AnyOf((one,))), All((two,))))):
        typed = typed_of(tree)
        assert typed is not None
        assert tree_from(stored_of(typed)[0], FIELDS) == tree
    assert typed_of(All((AnyOf((All((one, two)), two)),))) is None
    assert typed_of(All((Not(All((one, two))),))) is None


# ---- a saved one


def test_a_change_is_a_new_version_and_is_told(enter: Enter, ann: Member) -> None:
    client = enter("operator")
    made = make(OPERATOR, "Mine", asks("tiers.tier", "is", "silver"), asks("orders.last", "at_least", "45"))
    edit = f"{LIST}{made}/edit/"
    page = client.get(edit).content.decode()
    assert page.count('class="rule"') == 2
    assert 'value="45"' in page
    changed = SILVER | SPENT | {"seen": "1", "do": "save"}
    assert client.post(edit, changed).status_code == 302
    stale = client.post(edit, SILVER | {"seen": "1", "do": "save"})
    assert stale.status_code == 422
    assert "another version meanwhile" in stale.content.decode()
    page = text_of(client.get(f"{LIST}{made}/").content.decode())
    assert "Version 2" in page
    assert "Gone: whose last order was at least 45 days ago" in page
    assert "New: whose number of orders is at least 1 in the last 90 days" in page
    again = client.post(edit, SILVER | SPENT | {"seen": "2", "do": "save"}, follow=True)
    assert "version 2 stays" in again.content.decode()


def test_it_is_renamed_copied_shared_and_put_away(enter: Enter, ann: Member) -> None:
    client = enter("operator")
    made = make(OPERATOR, "Mine", asks("tiers.tier", "is", "silver"))
    user = make(OPERATOR, "User", asks("campaigns.segment", "yes", str(made)))
    change = f"{LIST}{made}/change/"
    assert (
        "It is called “Ours” now."
        in client.post(change, {"do": "rename", "name": "Ours"}, follow=True).content.decode()
    )
    assert client.post(change, {"do": "rename", "name": ""}).status_code == 422
    assert client.post(change, {"do": "copy", "name": "User"}).status_code == 422
    client.post(change, {"do": "copy", "name": "Copy"})
    client.post(change, {"do": "share"})
    assert list(Segment.objects.filter(is_shared=True).values_list("id", flat=True)) == [made]
    kept = client.post(change, {"do": "archive"}, follow=True).content.decode()
    assert "It is still asked by User. Nothing was changed." in kept
    client.post(f"{LIST}{user}/change/", {"do": "archive"})
    client.post(change, {"do": "archive"})
    assert set(Segment.objects.filter(is_archived=True).values_list("id", flat=True)) == {made, user}
    assert "Ours" in client.get(f"{LIST}?archived=1").content.decode()
    assert client.get(f"{LIST}{made}/edit/").status_code == 302
    other = enter("admin")
    page = text_of(other.get(f"{LIST}{made}/").content.decode())
    assert "Rename it" not in page
    assert "Copy it under this name" in page
    for do in ("rename", "unshare", "archive"):
        refused = other.post(change, {"do": do, "name": "Theirs"}, follow=True).content.decode()
        assert "Only Operator Person names, shares and puts it away." in refused
    assert Segment.objects.get(id=made).name == "Ours"
    client.post(change, {"do": "unshare"})
    assert other.get(f"{LIST}{made}/").status_code == 404, "not shared any more"


def test_a_shared_segment_is_changed_by_others_and_its_owner_is_told(enter: Enter, ann: Member) -> None:
    """Whoever may edit campaigns may change what it asks; once its owner has left, they keep it too."""
    made = make(OPERATOR, "Ours", asks("tiers.tier", "is", "silver"), shared=True)
    other = enter("admin")
    assert other.post(f"{LIST}{made}/edit/", SPENT | SILVER | {"seen": "1", "do": "save"}).status_code == 302
    assert [row.deed for row in AuditRow.objects.filter(subject=f"segment:{made}").order_by("id")][
        -1
    ] == "segment.saved"
    page = text_of(enter("operator").get(f"{LIST}{made}/").content.decode())
    assert "Admin Person saved version 2; Operator Person keeps the segment." in page
    Account.objects.filter(email=OPERATOR).update(is_active=False)
    other.post(f"{LIST}{made}/change/", {"do": "rename", "name": "Inherited"})
    assert Segment.objects.get(id=made).name == "Inherited"


def test_the_list_of_members_and_a_file_show_the_segment(enter: Enter, ann: Member, settings: Any) -> None:
    client = enter("operator")
    made = make(OPERATOR, "Mine", asks("tiers.tier", "is", "silver"))
    page = text_of(client.get(f"/console/members/?segment={made}").content.decode())
    assert "In the segment" in page
    assert ">Ann</a>" in page
    assert ">Bob</a>" not in page
    assert "1 member" in page
    assert "not shared with you" in enter("agent").get(f"/console/members/?segment={made}").content.decode()
    answer = client.get(f"{LIST}{made}/members.csv")
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert rows == [["Member number", "Tier", "Points", "Spend"], [ann.number, "Silver", rows[1][2], "1500.000"]]
    assert AuditRow.objects.filter(deed="segment.exported", subject=f"segment:{made}").count() == 1
    settings.STAFF_STEP_UP_MINUTES = 10
    asked = client.get(f"{LIST}{made}/members.csv")
    assert asked.status_code == 302 and reverse("console:confirm") in asked["Location"]
    assert AuditRow.objects.filter(deed="segment.exported").count() == 1, "nothing was taken"


def test_a_segment_pages_by_key_in_the_list_of_members(enter: Enter, join: Join, noon: dt.datetime) -> None:
    crowd(join, 60, noon)
    made = make(OPERATOR, "All", asks("orders.count", "at_least", "1"))
    client, seen, path = enter("operator"), [], f"/console/members/?segment={made}&sort=spend"
    while path:
        page = client.get(path).content.decode()
        seen += re.findall(r'<small class="num">(M\d+)</small>', page)
        older = re.search(r'rel="next" href="([^"]+)"', page)
        path = "/console/members/" + older[1].replace("&amp;", "&") if older else ""
    tree = tree_from({"all": [asks("orders.count", "at_least", "1")]}, FIELDS)
    assert len(seen) == len(set(seen)) == campaigns_queries.count_of(tree, noon)


def test_coupons_are_given_to_a_segment(enter: Enter, ann: Member, noon: dt.datetime) -> None:
    define(at=noon)
    made = make(OPERATOR, "Mine", asks("tiers.tier", "is", "silver"))
    client, path = enter("operator"), "/console/coupons/ten/make/found/"
    page = client.get(path).content.decode()
    assert f'value="segment={made}"' in page
    key = re.search(r'name="form_key" value="([^"]+)"', page)
    assert key is not None
    sent = {"label": "For Silver", "query": f"segment={made}", "form_key": key[1]}
    assert "Give it to 1 member" in client.post(path, sent).content.decode()
    client.post(path, sent | {"confirmed": "1"})
    assert CouponBatch.objects.get().members == [ann.id]


def test_all_of_a_segment_are_tagged_or_given_a_coupon_and_nobody_else(
    enter: Enter, ann: Member, noon: dt.datetime
) -> None:
    """The list of members shows the segment, so what is done to all in it is done to the segment alone."""
    define(at=noon)
    made = make(OPERATOR, "Mine", asks("tiers.tier", "is", "silver"))
    client, query = enter("operator"), {"query": f"segment={made}"}
    for path in ("/console/members/tag/", "/console/members/coupon/"):
        assert "1 member is in this list." in client.get(path, {"segment": made}).content.decode()
    client.post("/console/members/tag/", query | {"name": "shiny", "deed": "put"})
    assert [tag.member_id for tag in Tag.objects.filter(name="shiny")] == [ann.id]
    gone = {"query": "segment=999"}
    client.post("/console/members/tag/", gone | {"name": "all", "deed": "put"})
    assert not Tag.objects.filter(name="all").exists()
    key = {"form_key": str(uuid.uuid4()), "label": "For Silver", "coupon": "ten", "confirmed": "ten:1"}
    assert client.post("/console/members/coupon/", query | key).status_code == 302
    assert CouponBatch.objects.get().members == [ann.id]


# ---- lists


def test_a_list_is_filled_by_hand_and_by_a_file(enter: Enter, ann: Member) -> None:
    client = enter("operator")
    assert client.post(f"{LIST}lists/new/", {"name": ""}).status_code == 422
    client.post(f"{LIST}lists/new/", {"name": "Tasters"})
    made = Segment.objects.get().id
    members = f"{LIST}{made}/members/"
    bad = client.post(members, {"members": "ann@example.com, nobody@example.com", "do": "add"})
    assert bad.status_code == 422
    assert "Nobody is known by nobody@example.com" in bad.content.decode()
    assert not ListedMember.objects.exists()
    client.post(members, {"members": f"{ann.number}\nann@example.com", "do": "add"})
    assert ListedMember.objects.get().member_id == ann.id
    file = SimpleUploadedFile("l.csv", b"email\nbob@example.com\nnobody@example.com\n")
    page = text_of(client.post(members, {"file": file, "do": "add"}, follow=True).content.decode())
    assert "1 member is new on the list. 1 row names nobody." in page
    assert "Rows to mend" in page
    assert "nobody@example.com" in client.get(f"{LIST}{made}/to-mend.csv").content.decode()
    assert enter("admin").get(f"{LIST}{made}/to-mend.csv").status_code == 404
    unreadable = SimpleUploadedFile("l.csv", b"who\nbob\n")
    assert client.post(members, {"file": unreadable}).status_code == 422
    assert client.post(members, {}).status_code == 422
    client.post(members, {"members": "bob@example.com", "do": "take_off"})
    assert ListedMember.objects.get().member_id == ann.id
    assert "who are on the list “Tasters”" in client.get(f"{LIST}{made}/").content.decode()


# ---- what pages cost


def test_pages_cost_the_same_for_one_row_and_for_many(enter: Enter, ann: Member) -> None:
    client = enter("operator")
    part = asks("tiers.tier", "is", "silver"), asks("members.tag", "any_of", "vip"), asks("orders.last", "known")
    first = make(OPERATOR, "One", *part)
    client.get(LIST)
    one, _page = queries_of(client, LIST)
    of_one, _page = queries_of(client, f"{LIST}{first}/")
    edited, _page = queries_of(client, f"{LIST}{first}/edit/")
    for number in range(3):
        made = make(OPERATOR, f"More {number}", *part)
        campaigns_actions.save_segment(
            segment_id=first,
            tree=tree_from({"all": [part[0], asks("members.tag", "any_of", f"t{number}")]}, FIELDS),
            seen=number + 1,
            at=dt.datetime(2026, 3, 3, 4, tzinfo=dt.UTC),
            actor="test",
        )
    assert queries_of(client, LIST)[0] == one <= 16
    assert queries_of(client, f"{LIST}{first}/")[0] <= of_one <= 36
    assert queries_of(client, f"{LIST}{made}/edit/")[0] == edited <= 30


def test_what_takes_too_long_is_named(join: Join, noon: dt.datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    crowd(join, 3, noon)
    monkeypatch.setattr("campaigns.queries.segments.COUNT_MILLISECONDS", 1)
    sums = [asks("orders.returned", "at_least", "5") | {"days": days} for days in range(1, 39)]
    slow = live_of(tree_from({"any": [*sums, asks("members.region", "is", "Shanghai")]}, FIELDS), noon)
    assert slow.trouble.startswith("This asks too much to be counted while you wait.")
    assert "What takes long: Share returned, %, summed up anew" in slow.trouble and "Region" not in slow.trouble
    assert "campaigns and files wait for it" in slow.trouble
