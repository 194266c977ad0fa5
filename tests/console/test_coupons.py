"""Coupons at the console: written, published, made in batches, looked up, given and made void, by who may."""

import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from kombu.exceptions import OperationalError

from benefits import actions as benefits_actions
from benefits import jobs as benefits_jobs
from benefits.models import Coupon, CouponBatch, CouponDefinition, CouponTerms
from kit.models import AuditRow
from members.models import Account, Member
from membership_site.flows import starter, tasks
from tests.benefits.coupons import define, give

from .conftest import Join, queries_of, text_of

pytestmark = pytest.mark.django_db

LIST = "/console/coupons/"
TEN = "/console/coupons/ten/"
MOST_QUERIES = 18

Enter = Callable[[str], Client]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """How often the worker was told."""
    found: list[str] = []
    monkeypatch.setattr(tasks.make_batches, "delay", lambda: found.append("told"))
    return found


def typed(**changes: Any) -> dict[str, Any]:
    """What is typed for ten off, for seven days."""
    sent = {
        "code": "ten",
        "name_en": "Ten off",
        "kind": "amount",
        "amount": "10.00",
        "validity": "days",
        "days": "7",
        "uses_per_code": "1",
        "joining": "any",
    }
    return {name: value for name, value in (sent | changes).items() if value is not None}


def refused(answer: Any, words: str) -> None:
    """Will expect a form that was refused, with these words."""
    assert answer.status_code == 422, answer.status_code
    assert words in text_of(answer.content.decode())


# ---- terms


def test_a_coupon_is_written_published_and_followed_by_other_terms(enter: Enter, programme: None) -> None:
    """From the empty list to its second version."""
    client = enter("operator")
    assert client.post(LIST + "new/", typed()).status_code == 302
    page = text_of(client.get(TEN).content.decode())
    assert "Draft of version 1" in page and "CN¥10 off." in page and "Make coupons" not in page
    edited = typed(code=None, amount="12", minimum="50", tiers=["gold"], weekdays=["6", "7"], name_zh_hans="减12")
    assert client.post(TEN + "draft/", edited).status_code == 302
    look = text_of(client.get(TEN + "draft/publish/").content.decode())
    for said in ("CN¥12 off.", "It takes CN¥50 or more.", "It is for Gold.", "It works on Saturday and Sunday."):
        assert said in look
    seen = re.search(r'name="seen" value="(\w+)"', look)[1]
    for _press in range(2):
        assert client.post(TEN + "draft/publish/", {"seen": seen}).status_code == 302
    assert CouponTerms.objects.get(definition__code="ten").published_at is not None
    assert client.post(TEN + "draft/start/").status_code == 302
    assert (
        client.post(TEN + "draft/", typed(code=None, amount="13", validity="dates", ends_on="2026-12-31")).status_code
        == 302
    )
    page = text_of(client.get(TEN).content.decode())
    assert "Terms in force" in page and "Draft of version 2" in page and "Good through 31 Dec 2026." in page
    assert client.post(TEN + "draft/publish/", {}).status_code == 302
    page = text_of(client.get(TEN).content.decode())
    assert "Earlier versions" in page and "published 3 Mar 2026 by Operator Person" in page


def test_the_fields_show_what_is_kept(enter: Enter, programme: None) -> None:
    """Saved again as it is shown, a draft is the same."""
    client = enter("operator")
    more = {
        "kind": "percent",
        "amount": "",
        "percent": "12.5",
        "cap": "50",
        "minimum": "99.90",
        "categories": "tea, cups；mugs",
        "not_skus": "T9",
        "hours_from": "18:00",
        "hours_to": "22:00",
        "tiers": ["gold", "diamond"],
        "first_order": "on",
        "uses_per_code": "",
        "uses_per_member": "2",
        "uses_total": "100",
        "budget": "1000",
        "group": "shipping",
        "exclusive": "on",
        "joining": "some",
        "joins": "coupon",
        "priority": "3",
        "validity": "dates",
        "days": "",
        "starts_on": "2026-03-05",
        "ends_on": "2026-03-31",
    }
    client.post(LIST + "new/", typed(**more))
    before = CouponTerms.objects.get(definition__code="ten").terms
    assert before["scope"] == {"categories": ["tea", "cups", "mugs"], "not_skus": ["T9"]}
    page = client.get(TEN + "draft/")
    form = page.context["form"]
    shown = {}
    for field in form:
        value = field.value()
        shown[field.html_name] = field.field.prepare_value(value) if value is not None else ""
    assert (
        client.post(TEN + "draft/", {name: value for name, value in shown.items() if value is not False}).status_code
        == 302
    )
    assert CouponTerms.objects.get(definition__code="ten").terms == before
    assert not AuditRow.objects.filter(deed="coupon.draft_saved").exists()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"code": ""}, "Name it, for example spring-tea."),
        ({"code": "spring tea"}, "Use letters, digits and hyphens"),
        ({"code": "new"}, "This word is taken."),
        ({"name_en": ""}, "Give the coupon a name"),
        ({"amount": ""}, "State how much it takes off, for example 10.00"),
        ({"amount": "ten"}, "Use a number, for example 10.00."),
        ({"percent": "20"}, "State from 1 to 100 percent; leave it empty for another kind"),
        ({"cap": "5"}, "a coupon for an amount has none"),
        ({"kind": "gift", "amount": ""}, "Name the article by its SKU"),
        ({"days": ""}, "Say how many days, for example 30."),
        ({"days": "4000"}, "Use from 0 to 3660 days"),
        ({"validity": "dates", "starts_on": "2026-03-05", "ends_on": "2026-03-01"}, "the last is not before the first"),
        ({"starts_on": "soon"}, "Use a date such as 2027-03-31."),
        ({"hours_from": "18:00"}, "State from when to when"),
        ({"uses_total": "0"}, "Use a whole number from 1"),
    ],
)
def test_what_cannot_be_a_coupon_is_said_at_the_field(
    enter: Enter, programme: None, changes: dict[str, str], words: str
) -> None:
    """What was typed stays, and nothing is kept."""
    answer = enter("operator").post(LIST + "new/", typed(**changes))
    refused(answer, words)
    assert 'value="7"' in answer.content.decode() or "days" in changes
    assert not CouponDefinition.objects.exclude(code__in=starter.COUPONS).exists()


def test_a_code_that_is_taken_and_a_draft_that_another_changed_are_refused(enter: Enter, programme: None) -> None:
    """And nothing is overwritten."""
    client = enter("operator")
    client.post(LIST + "new/", typed())
    refused(client.post(LIST + "new/", typed(amount="11")), "There is a coupon of this code already.")
    seen = client.get(TEN + "draft/").context["form"]["seen"].value()
    client.post(TEN + "draft/", typed(code=None, amount="12", seen=seen))
    refused(
        client.post(TEN + "draft/", typed(code=None, amount="13", seen=seen)), "Somebody changed this draft meanwhile."
    )
    refused(client.post(TEN + "draft/publish/", {"seen": seen}), "Somebody changed the draft meanwhile.")
    assert CouponTerms.objects.get(definition__code="ten").terms["amount"] == "12"


def test_limits_stay_once_a_coupon_was_used(enter: Enter, join: Join) -> None:
    """The page says so, and what to do."""
    define(uses_total=5)
    CouponDefinition.objects.get(code="ten").count.__class__.objects.update(used=1)
    client = enter("operator")
    client.post(TEN + "draft/start/")
    refused(client.post(TEN + "draft/publish/"), "The draft says what is in force already")
    client.post(TEN + "draft/", typed(code=None, uses_total="6"))
    refused(client.post(TEN + "draft/publish/"), "uses and budget of everybody together stay as they are")


def test_the_sentences_follow_what_is_typed(enter: Enter, programme: None) -> None:
    """As a fragment beside the fields; what cannot be read yet says nothing."""
    client = enter("operator")
    said = text_of(client.post(LIST + "says/", typed(name_en="", amount="15")).content.decode())
    assert "CN¥15 off." in said
    for unread in ({"amount": ""}, {"amount": "", "name_en": ""}, {"kind": "gift", "name_en": ""}):
        answer = client.post(LIST + "says/", typed(**unread))
        assert answer.status_code == 200 and "as soon as its fields can be read" in answer.content.decode()


def test_a_first_draft_is_discarded_with_its_coupon(enter: Enter, programme: None) -> None:
    """After a look at what is lost; a second press finds nothing to do."""
    client = enter("operator")
    client.post(LIST + "new/", typed())
    assert "the coupon goes with its draft" in client.get(TEN + "draft/discard/").content.decode()
    for _press in range(2):
        assert client.post(TEN + "draft/discard/").status_code == 302
    assert not CouponDefinition.objects.exclude(code__in=starter.COUPONS).exists()


def test_an_archived_coupon_is_issued_no_more_and_again(enter: Enter, join: Join) -> None:
    """With one button each."""
    define()
    client = enter("operator")
    client.post(TEN + "archive/", {"do": "archive"})
    page = client.get(TEN).content.decode()
    assert "Archived" in page and "Make coupons" not in page
    client.post(TEN + "archive/", {"do": "unarchive"})
    assert "Make coupons" in client.get(TEN).content.decode()
    assert client.post("/console/coupons/none/archive/").status_code == 404


def test_the_list_and_a_coupon_take_the_same_queries_for_more(enter: Enter, join: Join, noon: Any) -> None:
    """However many coupons, versions and batches there are."""
    define()
    client = enter("auditor")
    request(noon)
    client.get(TEN)  # the ladder is remembered from here on
    one, page = queries_of(client, LIST)
    own, _page = queries_of(client, TEN)
    for number in range(3):
        define(f"c{number}")
        give(join(f"m{number}").id, "ten", source_key=str(number))
        request(noon)
    many, page = queries_of(client, LIST)
    assert one == many <= MOST_QUERIES and "c2" in page
    assert queries_of(client, TEN)[0] == own <= MOST_QUERIES


# ---- batches


def request(noon: Any, **changes: Any) -> int:
    """Will ask for a batch of three codes."""
    sent = {
        "definition": "ten",
        "label": "Leaflet",
        "size": 3,
        "form_key": uuid.uuid4(),
        "at": noon,
        "actor": "staff:1",
    }
    return benefits_actions.request_batch(**sent | changes)[0]


def sent(**changes: Any) -> dict[str, Any]:
    """What is typed for a batch."""
    return {"label": "Leaflet", "form_key": str(uuid.uuid4())} | changes


def test_codes_are_made_watched_and_downloaded(enter: Enter, join: Join, noon: Any, told: list[str]) -> None:
    """Once for a form; the page goes on asking while the worker is at it."""
    define()
    client, form = enter("operator"), sent(size="3", begins="May")
    for _press in range(2):
        answer = client.post(TEN + "make/codes/", form)
        assert answer.status_code == 302, text_of(answer.content.decode())
    batch = CouponBatch.objects.get()
    path = f"/console/coupons/batches/{batch.id}/"
    assert answer["Location"] == path and told == ["told", "told"]
    page = client.get(path).content.decode()
    assert "0 of 3 made" in page and "every 2s" in page
    benefits_jobs.make_open_batches(lambda: noon)
    page = client.get(path).content.decode()
    assert "3 of 3 made" in page and "every 2s" not in page
    lines = b"".join(client.get(path + "codes.csv")).decode().split()
    assert lines[0] == "\ufeffCode,Member" and len(lines) == 5
    assert all(line.startswith("MAY") for line in lines[2:])
    assert client.get("/console/coupons/batches/999/").status_code == 404


def test_a_queue_that_cannot_be_reached_delays_a_batch(
    enter: Enter, join: Join, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is kept, and says so."""

    def unreachable() -> None:
        raise OperationalError

    monkeypatch.setattr(tasks.make_batches, "delay", unreachable)
    define()
    answer = enter("operator").post(TEN + "make/codes/", sent(size="3"), follow=True)
    assert "begun by itself later" in answer.content.decode() and CouponBatch.objects.count() == 1


def test_a_failed_batch_goes_on(enter: Enter, join: Join, noon: Any, told: list[str]) -> None:
    """After its reason was read."""
    define()
    batch_id = request(noon)
    with pytest.raises(ZeroDivisionError):
        benefits_jobs.make_batch(batch_id, lambda: noon, draw=lambda _prefix, count: [""] * (count // 0))
    client, path = enter("operator"), f"/console/coupons/batches/{batch_id}/"
    page = client.get(path).content.decode()
    assert "ZeroDivisionError" in page and "Go on with the batch" in page
    assert client.post(path + "resume/").status_code == 302
    benefits_jobs.make_open_batches(lambda: noon)
    answer = client.post(path + "resume/", follow=True)
    assert "All coupons of this batch are made." in answer.content.decode() and told == ["told"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"size": "0"}, "greater than or equal to 1"),
        ({"size": "many"}, "Use a whole number"),
        ({"size": "3", "label": ""}, "Say what they are for"),
        ({"size": "3", "begins": "ABCDEFGHIJKLM"}, "Use 12 letters and figures at most."),
        ({"size": "3", "form_key": "x"}, "Open it anew."),
    ],
)
def test_what_cannot_be_made_is_said_at_the_field(
    enter: Enter, join: Join, told: list[str], changes: dict[str, str], words: str
) -> None:
    """And nothing is made."""
    define()
    refused(enter("operator").post(TEN + "make/codes/", sent(**changes)), words)
    assert not CouponBatch.objects.exists() and not told


def test_listed_members_get_one_each_after_their_number_was_confirmed(
    enter: Enter, join: Join, noon: Any, told: list[str]
) -> None:
    """Pasted and in a file, each once; a file's numbers wait in the field."""
    define()
    ann, bob, cid = (join(name) for name in ("ann", "bob", "cid"))
    client = enter("operator")
    form = sent(numbers=f"{ann.number.lower()}, {bob.number}")
    file = SimpleUploadedFile("members.csv", f"name,number\nCid,{cid.number}\nAnn,{ann.number}\n".encode("utf-8-sig"))
    answer = client.post(TEN + "make/members/", {**form, "file": file})
    page = text_of(answer.content.decode())
    assert answer.status_code == 200 and "3 members get “Ten off” each." in page and cid.number in page
    assert not CouponBatch.objects.exists()
    yes = {**form, "numbers": answer.context["form"]["numbers"].value(), "confirmed": "3"}
    for _press in range(2):
        assert client.post(TEN + "make/members/", yes).status_code == 302
    benefits_jobs.make_open_batches(lambda: noon)
    assert sorted(Coupon.objects.values_list("member_id", flat=True)) == sorted([ann.id, bob.id, cid.id])
    shown = b"".join(client.get(f"/console/coupons/batches/{CouponBatch.objects.get().id}/codes.csv")).decode()
    assert bob.number in shown


def test_unknown_and_blocked_members_are_named_and_nobody_is_given_anything(
    enter: Enter, join: Join, told: list[str]
) -> None:
    """The list stays as it was typed."""
    define()
    ann, bob = join("ann"), join("bob")
    Member.objects.filter(id=bob.id).update(status="blocked")
    client = enter("operator")
    answer = client.post(TEN + "make/members/", sent(numbers=f"{ann.number} {bob.number} M999"))
    refused(answer, f"These numbers are of nobody who can be given a coupon: {bob.number} and M999.")
    assert ann.number in answer.content.decode()
    refused(
        client.post(TEN + "make/members/", sent(numbers=" ".join(f"X{n}" for n in range(12)))),
        "12 numbers are of nobody who can be given a coupon",
    )
    refused(client.post(TEN + "make/members/", sent()), "Name at least one member, or choose a file.")
    for content in (b"\xff\xfe\x00", "number\nM0000001\n".encode("utf-16-le")):
        file = SimpleUploadedFile("members.csv", content)
        refused(client.post(TEN + "make/members/", sent(file=file)), "The file is not text in UTF-8.")
    assert not CouponBatch.objects.exists() and not told


def test_everybody_whom_a_view_finds_gets_one(enter: Enter, join: Join, noon: Any, told: list[str]) -> None:
    """Now, blocked ones left out; asked again where it finds others by then."""
    define()
    ann, bob = join("ann"), join("bob")
    Member.objects.filter(id=bob.id).update(status="blocked")
    client = enter("operator")
    client.post("/console/members/views/", {"name": "Ann alone", "query": "q=ann"})
    form = sent(query="sort=")
    assert "1 member gets “Ten off”." in text_of(client.post(TEN + "make/found/", form).content.decode())
    cid = join("cid")
    again = client.post(TEN + "make/found/", {**form, "confirmed": "1"})
    assert again.status_code == 200 and "2 members get" in again.content.decode() and not CouponBatch.objects.exists()
    assert client.post(TEN + "make/found/", {**form, "confirmed": "2"}).status_code == 302
    benefits_jobs.make_open_batches(lambda: noon)
    assert set(Coupon.objects.values_list("member_id", flat=True)) == {ann.id, cid.id}
    assert "1 member gets" in client.post(TEN + "make/found/", sent(query="q=ann")).content.decode()
    refused(client.post(TEN + "make/found/", sent(query="q=nobody")), "This view or segment is gone.")
    Member.objects.update(status="blocked")
    refused(client.post(TEN + "make/found/", sent(query="sort=")), "This view finds nobody")


def test_all_in_the_list_get_one_with_the_effect_said_before(
    enter: Enter, join: Join, noon: Any, told: list[str]
) -> None:
    """How many, who has one, the most that comes off; another coupon or another number is asked about again."""
    define(), define("free", kind="free_shipping", amount="0")
    define("few", budget="15")
    ann, bob = join("ann"), join("bob")
    give(ann.id)
    client, path = enter("operator"), "/console/members/coupon/"
    assert f'href="{path}?sort=points"' in client.get("/console/members/", {"sort": "points"}).content.decode()
    page = text_of(client.get(path, {"q": ann.number}).content.decode())
    assert "1 member is in this list." in page and f'name="query" value="q={ann.number}"' in page
    form = sent(query="", coupon="ten")
    page = text_of(client.post(path, form).content.decode())
    for said in (
        "2 members get “Ten off” each.",
        "1 of them has one that is ready already, and gets another.",
        "Together they take off CN¥20.00 at most.",
        "Give it to 2 members",
    ):
        assert said in page, said
    assert "at most" not in client.post(path, {**form, "coupon": "free"}).content.decode()
    assert "CN¥15.00 at most" in client.post(path, {**form, "coupon": "few"}).content.decode()
    for stale in ({"coupon": "few", "confirmed": "ten:2"}, {"confirmed": "ten:1"}):
        assert client.post(path, {**form, **stale}).status_code == 200
    assert not CouponBatch.objects.exists() and not told
    for _press in range(2):
        assert client.post(path, {**form, "confirmed": "ten:2"}).status_code == 302
    benefits_jobs.make_open_batches(lambda: noon)
    assert sorted(Coupon.objects.exclude(batch=None).values_list("member_id", flat=True)) == sorted([ann.id, bob.id])
    refused(client.post(path, sent(query="", coupon="gone")), "This coupon is not issued any more.")
    assert "This view finds nobody" in client.get(path, {"q": "nobody"}).content.decode()
    assert "A filter of this list cannot be read." in client.get(path, {"segment": "77"}).content.decode()


def test_one_code_for_many_is_chosen(enter: Enter, join: Join) -> None:
    """Once; another coupon's code and one too short are refused."""
    define(uses_per_code=None)
    client, form = enter("operator"), sent(code="Welcome 10")
    for _press in range(2):
        answer = client.post(TEN + "make/shared/", form, follow=True)
        assert "WELCOME10" in answer.content.decode() and "Whoever brings it" in answer.content.decode()
    refused(client.post(TEN + "make/shared/", sent(code="welcome-10")), "There is a coupon with this code already.")
    refused(client.post(TEN + "make/shared/", sent(code="AB")), "Use 4 to 30 letters and figures.")
    assert Coupon.objects.count() == 1


def test_what_is_not_published_is_not_made(enter: Enter, programme: None, told: list[str]) -> None:
    """Nor what is archived."""
    client = enter("operator")
    client.post(LIST + "new/", typed())
    refused(client.post(TEN + "make/codes/", sent(size="3")), "This coupon is not issued")
    assert client.get("/console/coupons/none/make/codes/").status_code == 404


# ---- one coupon


def test_a_code_is_looked_up_and_made_void(enter: Enter, join: Join) -> None:
    """However it is typed; with whose it is, and why it is void."""
    define()
    ann = join("ann")
    issued = give(ann.id)
    client = enter("agent")
    path = f"{LIST}code/?code={issued.code[:4].lower()}-{issued.code[4:]}"
    count, page = queries_of(client, path)
    assert count <= MOST_QUERIES and "Ready" in page and "Ann" in page and "CN¥10 off." in page
    author = enter("campaign_author").get(path).content.decode()
    assert ann.number in author and "Ann" not in author and f"/members/{ann.number}/" not in author
    refused(client.post(LIST + "code/void/", {"code": issued.code, "reason": ""}), "Say why")
    for _press in range(2):
        assert client.post(LIST + "code/void/", {"code": issued.code, "reason": "Given twice"}).status_code == 302
    page = client.get(path).content.decode()
    assert "Made void 3 Mar 2026: Given twice" in page and "Make it void" not in page
    assert "There is no coupon of this code" in client.get(f"{LIST}code/?code=XXXX").content.decode()
    assert client.post(LIST + "code/void/", {"code": "XXXX", "reason": "Given twice"}).status_code == 404


def test_a_used_or_held_coupon_is_not_made_void(enter: Enter, join: Join) -> None:
    """And the page says why."""
    define()
    issued = give(join("ann").id)
    client, sent_ = enter("operator"), {"code": issued.code, "reason": "Given twice"}
    Coupon.objects.update(held=1)
    refused(client.post(LIST + "code/void/", sent_), "A checkout holds it just now.")
    Coupon.objects.update(held=0, used=1)
    refused(client.post(LIST + "code/void/", sent_), "It is used already")


def test_an_agent_does_not_stop_a_code_that_many_share(enter: Enter, join: Join, noon: Any) -> None:
    """An operator does."""
    define(uses_per_code=None)
    benefits_actions.share_code(
        definition="ten", code="WELCOME10", label="x", form_key=uuid.uuid4(), at=noon, actor="staff:1"
    )
    sent_ = {"code": "welcome10", "reason": "It leaked"}
    agent = enter("agent")
    assert "Make it void" not in agent.get(f"{LIST}code/?code=WELCOME10").content.decode()
    assert agent.post(LIST + "code/void/", sent_).status_code == 403
    assert enter("operator").post(LIST + "code/void/", sent_).status_code == 302
    assert Coupon.objects.get().void_reason == "It leaked"


def test_a_member_is_given_one_coupon_for_a_form(enter: Enter, join: Join) -> None:
    """It stands on his page, with the reason in the log."""
    define()
    ann = join("ann")
    client, path = enter("agent"), f"/console/members/{ann.number}/coupon/"
    assert "Give Ann a coupon" in client.get(path).content.decode()
    form = {"coupon": "ten", "reason": "Parcel was late", "form_key": str(uuid.uuid4())}
    for _press in range(2):
        assert client.post(path, form).status_code == 302
    assert Coupon.objects.get().member_id == ann.id
    assert AuditRow.objects.get(deed="coupon.issued").reason == "Parcel was late"
    page = text_of(client.get(f"/console/members/{ann.number}/?panel=coupons").content.decode())
    assert "Give a coupon" in page and "CN¥10 off · Use by 10 Mar 2026, 7 days left" in page
    define("five", amount="5")
    refused(client.post(path, form | {"coupon": "five"}), "sent before with other content")
    refused(client.post(path, form | {"coupon": "none"}), "This coupon is not issued any more.")
    refused(client.post(path, form | {"reason": ""}), "Say why")


def test_nobody_gives_to_himself_or_to_who_is_blocked(enter: Enter, join: Join) -> None:
    """And nothing is issued."""
    define()
    ann, bob = join("ann"), join("bob")
    client = enter("operator")
    form = {"coupon": "ten", "reason": "Parcel was late", "form_key": str(uuid.uuid4())}
    Member.objects.filter(id=ann.id).update(account=Account.objects.get(email="operator@staff.example"))
    Member.objects.filter(id=bob.id).update(status="blocked")
    refused(client.post(f"/console/members/{ann.number}/coupon/", form), "This is your own membership")
    refused(client.post(f"/console/members/{bob.number}/coupon/", form), "is given nothing")
    assert not Coupon.objects.exists()


@pytest.mark.parametrize("role", ["agent", "auditor", "finance"])
def test_only_operators_write_and_make_coupons(enter: Enter, join: Join, noon: Any, role: str) -> None:
    """Others see, and are told who may."""
    define()
    batch_id = request(noon)
    client = enter(role)
    for path in (LIST, TEN, f"/console/coupons/batches/{batch_id}/"):
        page = client.get(path).content.decode()
        assert "Open to:" not in page and "New coupon" not in page and "Make coupons" not in page
    for rest in (
        "draft/",
        "draft/publish/",
        "draft/discard/",
        "make/codes/",
        "make/members/",
        "make/found/",
        "make/shared/",
    ):
        assert client.get(TEN + rest).status_code == 403, rest
    for rest in ("draft/start/", "archive/"):
        assert client.post(TEN + rest).status_code == 403, rest
    assert client.get(f"/console/coupons/batches/{batch_id}/codes.csv").status_code == 403
    assert client.post(f"/console/coupons/batches/{batch_id}/resume/").status_code == 403
