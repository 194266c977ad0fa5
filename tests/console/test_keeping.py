"""Notes, tags, merging, copies, erasure and stages at the console: said before, done once, by who may."""

import datetime as dt
import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from insights import jobs as insights_jobs
from kit.jobs import Night
from kit.models import AuditRow
from members import actions as members_actions
from members.models import Account, DataExport, Erasure, Member, Merge, Note, Tag
from membership_site.flows import member_exported
from points.models import Entry

from .conftest import Join, buy, crowd, queries_of, text_of

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
Enter = Callable[[str], Client]


@pytest.fixture
def ann(join: Join, noon: dt.datetime) -> Member:
    """Ann with an order."""
    member = join("ann", at=noon - 100 * DAY, reward=True)
    buy("ann", "A1", "600", noon - 40 * DAY)
    return member


@pytest.fixture
def bob(join: Join, noon: dt.datetime) -> Member:
    """Bob, who is Ann."""
    member = join("bob", at=noon - 90 * DAY, reward=True)
    buy("bob", "B1", "600", noon - 30 * DAY)
    return member


def path(member: Member, deed: str) -> str:
    """Will return the address of a deed."""
    return f"/console/members/{member.number}/{deed}/"


def sent(**rest: Any) -> dict[str, Any]:
    """Will return what is typed."""
    return {"reason": "The same person", "form_key": str(uuid.uuid4())} | rest


def page_of(client: Client, address: str, **data: Any) -> str:
    """Will return a page in one line."""
    return text_of(client.get(address, data).content.decode())


def test_a_note_is_written_once_and_edited_by_its_author_for_a_day(enter: Enter, ann: Member, noon: Any) -> None:
    """The audit log knows of it, not its words."""
    client = enter("agent")
    key = client.get(path(ann, "notes")).context["form"]["form_key"].value()
    note = {"text": "Likes jasmine tea", "form_key": str(uuid.UUID(str(key)))}
    for _press in range(2):
        assert client.post(path(ann, "notes"), note).status_code == 302
    kept = Note.objects.get()
    assert "Likes jasmine tea" in page_of(client, f"/console/members/{ann.number}/?panel=notes")
    assert client.post(path(ann, "notes"), {"text": ""}).status_code == 422
    edit = path(ann, f"notes/{kept.id}")
    assert "Likes jasmine tea" in page_of(client, edit)
    assert client.post(edit, note | {"text": "Likes oolong"}).status_code == 302
    refused = enter("operator").post(edit, note | {"text": "x"})
    assert refused.status_code == 422 and "Only who wrote a note edits it" in text_of(refused.content.decode())
    Note.objects.update(written_at=noon - 2 * DAY)
    assert client.post(edit, note | {"text": "x"}).status_code == 422
    assert Note.objects.get().text == "Likes oolong" and client.get(path(ann, "notes/999")).status_code == 404
    said = str(list(AuditRow.objects.filter(deed__startswith="member.note").values()))
    assert "jasmine" not in said and AuditRow.objects.filter(deed="member.note_edited").count() == 1


def test_tags_are_put_on_one_and_on_all_in_a_list(enter: Enter, join: Join, ann: Member, noon: Any) -> None:
    """With the number said before."""
    client = enter("agent")
    for _press in range(2):
        assert client.post(path(ann, "tags"), {"name": " tea  lover ", "deed": "put"}).status_code == 302
    assert list(Tag.objects.values_list("name", flat=True)) == ["tea lover"]
    assert "Take tea lover off" in page_of(client, f"/console/members/{ann.number}/?panel=profile")
    assert client.post(path(ann, "tags"), {"name": "tea lover", "deed": "take"}).status_code == 302
    assert not Tag.objects.exists()
    assert client.post(path(ann, "tags"), {"name": "", "deed": "eat"}).status_code == 422
    assert "Choose." in page_of(client, path(ann, "tags")) or client.get(path(ann, "tags")).status_code == 200
    crowd(join, 4, noon)
    assert "5 members are in this list." in page_of(client, "/console/members/tag/")
    assert "1 member is in this list." in page_of(client, "/console/members/tag/", q=ann.number)
    answer = client.post("/console/members/tag/", {"name": "spring", "deed": "put", "query": f"q={ann.number}"})
    assert answer["Location"] == "/console/members/?tag=spring" and Tag.objects.get().member_id == ann.id
    client.post("/console/members/tag/", {"name": "spring", "deed": "put", "query": ""})
    assert Tag.objects.count() == 5 and AuditRow.objects.filter(deed="member.tagged").count() == 6
    client.post("/console/members/tag/", {"name": "spring", "deed": "take", "query": "tag=spring"})
    assert not Tag.objects.exists()


def test_two_members_are_merged_with_the_effect_said_before(enter: Enter, ann: Member, bob: Member) -> None:
    """And the old number leads to the survivor; undone it does not."""
    client = enter("operator")
    said = ["600 points go over, each with its date.", f"{bob.number} is closed and leads to {ann.number} from now on."]
    shown = page_of(client, path(ann, "merge"), other=bob.number)
    form = sent(other=bob.number)
    looked = text_of(client.post(path(ann, "merge"), form | {"look": "1"}).content.decode())
    for sentence in said[1:]:
        assert sentence in shown and sentence in looked
    assert "The tier rises" in shown and not Merge.objects.exists()
    assert AuditRow.objects.filter(deed="member.merge_previewed").count() == 2
    answer = client.post(path(ann, "merge"), form)
    assert answer.status_code == 302, text_of(answer.content.decode())
    merge = Merge.objects.get()
    assert client.get(f"/console/members/{bob.number}/")["Location"] == f"/console/members/{ann.number}/"
    page = page_of(client, f"/console/members/{ann.number}/?panel=notes")
    assert f"{bob.number} was merged into this one" in page
    assert f"Came over from {bob.number}" in page_of(client, f"/console/members/{ann.number}/?panel=ledger")
    undo = path(ann, f"merges/{merge.id}/undo")
    assert f"{bob.number} is opened again" in page_of(client, undo)
    assert client.post(undo, sent(reason="")).status_code == 422
    assert client.post(undo, sent()).status_code == 302
    assert "This merge was undone before." in page_of(client, undo)
    assert client.get(f"/console/members/{bob.number}/").status_code == 200
    assert client.get(path(bob, f"merges/{merge.id}/undo")).status_code == 404


def test_what_cannot_be_merged_stands_at_the_field(enter: Enter, ann: Member, bob: Member) -> None:
    """And nobody merges himself; an address that no text can be is no fault."""
    assert enter("operator").get(path(ann, "merge"), {"other": "M\x001"}).status_code == 200
    client = enter("operator")
    for other, words in [(ann.number, "the same membership"), ("M1", "No member has this number")]:
        answer = client.post(path(ann, "merge"), sent(other=other))
        assert answer.status_code == 422 and words in text_of(answer.content.decode())
        assert words in page_of(client, path(ann, "merge"), other=other)
    Member.objects.filter(id=bob.id).update(account=Account.objects.get(email="operator@staff.example"))
    assert "This is your own membership" in text_of(
        client.post(path(ann, "merge"), sent(other=bob.number)).content.decode()
    )
    assert not Merge.objects.exists() and not Entry.objects.filter(kind="transfer").exists()


def test_duplicates_are_listed_and_told_apart(enter: Enter, ann: Member, bob: Member) -> None:
    """Under the same query count for one and for three."""
    client = enter("operator")
    assert "No pairs" in page_of(client, "/console/members/duplicates/")
    for member, phone in [(ann, "+8613800138000"), (bob, "13800138000")]:
        member.identities.create(kind="phone", value=phone)
    one, page = queries_of(client, "/console/members/duplicates/")
    assert "Same phone number, written differently" in page and f"?other={bob.number}" in page
    Member.objects.update(name="Li Na", birthday=dt.date(1990, 1, 1))
    cid = Member.objects.create(number="M19", name="Li Na", birthday=dt.date(1990, 1, 1))
    three, page = queries_of(client, "/console/members/duplicates/")
    assert one == three and page.count("Two people<") == 3 and cid.number in page
    for _press in range(2):
        client.post("/console/members/duplicates/apart/", {"first": bob.number, "second": ann.number, "kind": "phone"})
    assert text_of(client.get("/console/members/duplicates/").content.decode()).count("Two people<") == 2
    assert client.post("/console/members/duplicates/apart/", {"first": "x"}).status_code == 302


def test_a_copy_is_made_for_a_reason_and_fetched_by_who_asked(
    enter: Enter, ann: Member, noon: Any, monkeypatch: Any
) -> None:
    """Both stand in the list of who looked."""
    monkeypatch.setattr("membership_site.flows.tasks.make_exports.delay", lambda: None)
    client = enter("agent")
    assert client.post(path(ann, "export"), sent(reason="")).status_code == 422
    assert client.post(path(ann, "export"), sent(reason="She asked by phone")).status_code == 302
    assert "Is being made" in page_of(client, path(ann, "export"))
    member_exported.make_waiting(now=lambda: noon)
    export = DataExport.objects.get()
    address = f"/console/members/{ann.number}/export/{export.id}.zip"
    assert address in page_of(client, path(ann, "export"))
    fetched = client.get(address)
    assert fetched["Content-Type"] == "application/zip" and fetched.content[:2] == b"PK"
    assert enter("operator").get(address).status_code == 404
    looked = page_of(client, path(ann, "looked"))
    assert "She asked by phone" in looked and "Fetched a copy of all data" in looked and "Agent Person" in looked


def test_an_erasure_says_what_it_ends_and_is_confirmed_by_the_number(enter: Enter, ann: Member) -> None:
    """And cannot be done twice."""
    client = enter("admin")
    page = page_of(client, path(ann, "erase"))
    assert re.search(r"\d+ points end\.", page) and "An erasure cannot be undone." in page
    wrong = client.post(path(ann, "erase"), sent(typed="M1"))
    assert wrong.status_code == 422 and not Erasure.objects.exists()
    assert client.post(path(ann, "erase"), sent(typed=ann.number.lower())).status_code == 302
    page = page_of(client, f"/console/members/{ann.number}/?panel=profile")
    assert "Erased" in page and "No name" in page and "a••••@example.com" not in page
    assert "This member was erased before." in page_of(client, path(ann, "erase"))
    assert client.post(path(ann, "erase"), sent(typed=ann.number)).status_code == 200


def test_stages_are_counted_listed_and_told_by_days_that_are_set(enter: Enter, join: Join, noon: Any) -> None:
    """The list costs the same for one and for three, and pages on."""
    client = enter("operator")
    assert "Nobody" in page_of(client, "/console/members/stages/")
    people = [join(f"guest{n}", at=noon - 20 * DAY) for n in range(30)]
    one_night(noon)
    address = "/console/members/stages/?stage=new"
    one, page = queries_of(client, address)
    assert people[0].number in page and people[29].number not in page
    more = re.search(r'rel="next" href="([^"]+)"', page)
    assert more
    second = client.get("/console/members/stages/" + more[1].replace("&amp;", "&")).content.decode()
    assert people[29].number in second and people[0].number not in second
    days = {"new_days": 5, "sleeping_days": 25, "lapsed_days": 60, "won_back_days": 9}
    wrong = client.post("/console/members/stages/days/", days | {"lapsed_days": 20})
    assert wrong.status_code == 422 and "Use more days than for falling asleep." in wrong.content.decode()
    assert client.post("/console/members/stages/days/", days).status_code == 302
    one_night(noon)
    few, page = queries_of(client, "/console/members/stages/")
    assert "Asleep within 14 days" in page and people[0].number in page and few <= one
    more = re.search(r'rel="next" href="([^"]+)"', page)
    assert (
        more
        and people[29].number in client.get("/console/members/stages/" + more[1].replace("&amp;", "&")).content.decode()
    )
    member = page_of(client, f"/console/members/{people[0].number}/?panel=profile")
    assert "Tags and life-cycle" in member and "since 3 Mar 2026" in member


def one_night(noon: dt.datetime) -> None:
    """Will tell the stages at noon's date."""
    for _chunk in insights_jobs.tell_stages(Night(noon.date()), 0):
        pass


def test_a_members_page_costs_the_same_for_one_and_for_three(enter: Enter, ann: Member, noon: Any) -> None:
    """Notes, tags."""
    client = enter("operator")
    staff = Account.objects.get(email="operator@staff.example")

    def add(number: int) -> None:
        members_actions.write_note(
            member_id=ann.id, text=f"note {number}", form_key=uuid.uuid4(), at=noon, actor=f"staff:{staff.id}"
        )
        members_actions.put_tags(member_ids=[ann.id], name=f"tag {number}", at=noon, actor="staff:1")

    add(1)
    base = f"/console/members/{ann.number}/?panel="
    one = [queries_of(client, base + panel)[0] for panel in ("notes", "profile")]
    add(2)
    add(3)
    notes, notes_page = queries_of(client, f"{base}notes")
    profile, profile_page = queries_of(client, f"{base}profile")
    assert one == [notes, profile] and "note 3" in notes_page and "tag 3" in profile_page
