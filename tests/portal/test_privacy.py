"""A member's own say: what is held and why, answers that hold at once, a copy, two weeks to think, his own facts."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from kit import audit
from members import actions as members_actions
from members import queries as members_queries
from members.models import Account, Consent, DataExport, ErasureRequest, Member
from membership_site.flows import member_exported
from tests.console.conftest import queries_of, text_of

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
FACTS = {
    "name": "Ann",
    "birthday": "1990-03-31",
    "gender": "",
    "region": "Xi’an",
    "language": "zh-hans",
    "time_zone": "",
}


@pytest.fixture(autouse=True)
def _without_worker(monkeypatch: Any) -> None:
    monkeypatch.setattr("membership_site.flows.tasks.make_exports.delay", lambda: None)


def page_of(browse: Client, path: str = "/privacy/") -> str:
    """Will return a page in one line."""
    return text_of(browse.get(path).content.decode())


def test_what_is_held_stands_with_its_reason(browse: Client, ann: Member) -> None:
    """And leads to where it is put right."""
    page = page_of(browse)
    for words in (
        ann.number,
        "ann@example.com",
        "To know you at the till.",
        "So that orders from there count for you.",
    ):
        assert words in page
    assert 'href="/privacy/"' in page_of(browse, "/me/") and "Linked account" in page_of(browse, "/me/")


def test_an_answer_holds_at_once_and_keeps_the_sentence(browse: Client, ann: Member) -> None:
    """Saying no is as near as saying yes; what nobody asks is not kept."""
    for given in ("yes", "no"):
        answer = browse.post("/privacy/answer/", {"channel": "email", "purpose": "marketing", "given": given})
        assert answer["Location"] == "/privacy/"
        assert members_queries.consents_in_force(ann.id)[0].given is (given == "yes")
    last = Consent.objects.latest("id")
    assert (last.text, last.actor) == ("You may send me offers and news by e-mail.", "member")
    page = page_of(browse)
    assert "No, 3 Mar 2026" in page and "Agreed, <time" in page
    for data in (
        {"channel": "fax", "purpose": "marketing", "given": "yes"},
        {"channel": "sms", "purpose": "profiling", "given": "yes"},
        {},
    ):
        browse.post("/privacy/answer/", data)
    assert Consent.objects.count() == 2 and browse.get("/privacy/answer/").status_code == 405


def test_a_copy_is_asked_for_and_fetched(browse: Client, noon: dt.datetime, ann: Member) -> None:
    """By the member alone."""
    for _press in range(2):
        assert browse.post("/privacy/copy/").status_code == 302
    assert DataExport.objects.count() == 1 and "Is being made" in page_of(browse)
    member_exported.make_waiting(now=lambda: noon)
    export = DataExport.objects.get()
    address = f"/privacy/copy/{export.id}.zip"
    assert address in page_of(browse) and "Ready until 10 Mar 2026" in page_of(browse)
    answer = browse.get(address)
    assert answer.content[:2] == b"PK" and ann.number in answer["Content-Disposition"]
    DataExport.objects.update(actor="staff:1")
    assert browse.get(address).status_code == 404


def test_an_erasure_is_looked_at_asked_for_and_withdrawn(browse: Client, ann: Member) -> None:
    """With what is lost in numbers."""
    page = page_of(browse, "/privacy/erase/")
    assert "points end." in page and "14 days from now" in page and not ErasureRequest.objects.exists()
    for _press in range(2):
        assert browse.post("/privacy/erase/")["Location"] == "/privacy/"
    assert "It is done in the night of 17 Mar 2026" in page_of(browse) and ErasureRequest.objects.count() == 1
    for _press in range(2):
        assert browse.post("/privacy/keep/")["Location"] == "/privacy/"
    assert "You asked to be erased" not in page_of(browse)


def test_facts_are_edited_with_reasons_and_a_birthday_once_a_year(browse: Client, ann: Member) -> None:
    """What is wrong stands at its field and changes nothing."""
    page = page_of(browse, "/me/edit/")
    assert "For birthday gifts. It can be changed once a year." in page
    assert browse.post("/me/edit/", FACTS)["Location"] == "/me/"
    ann.refresh_from_db()
    assert (ann.birthday, ann.region, ann.language) == (dt.date(1990, 3, 31), "Xi’an", "zh-hans")
    assert browse.post("/me/edit/", FACTS | {"birthday": "1991-03-31"}).status_code == 302
    again = browse.post("/me/edit/", FACTS | {"birthday": "1992-03-31"})
    assert again.status_code == 422 and "less than a year ago" in again.content.decode()
    for wrong in ({"birthday": "2030-01-01"}, {"birthday": "x"}, {"time_zone": "Moon/Base"}, {"language": "xx"}):
        assert browse.post("/me/edit/", FACTS | {"birthday": "1991-03-31"} | wrong).status_code == 422
    ann.refresh_from_db()
    assert ann.birthday == dt.date(1991, 3, 31)


def test_the_page_costs_the_same_for_one_look_and_three(browse: Client, ann: Member, noon: dt.datetime) -> None:
    """Who looked is told by role, with the reason."""
    staff = Account.objects.create_user("s@shop.example", is_staff=True, roles=["agent"], name="Agent Smith")

    def look() -> None:
        audit.record(
            at=noon, actor=f"staff:{staff.id}", deed="member.revealed", subject=f"member:{ann.id}", reason="A parcel"
        )
        browse.post("/privacy/answer/", {"channel": "sms", "purpose": "marketing", "given": "yes"})

    look()
    one, page = queries_of(browse, "/privacy/")
    assert "Customer service" in page and "A parcel" in page and "Agent Smith" not in page
    look()
    look()
    assert queries_of(browse, "/privacy/")[0] == one <= 13


@pytest.mark.parametrize("deed", ["message.previewed", "message.tried"])
def test_looks_at_messages_are_told_too(browse: Client, ann: Member, noon: dt.datetime, deed: str) -> None:
    """A message read again as hers, and one that was tried with her data."""
    assert "A message as you would read it" not in page_of(browse)
    audit.record(at=noon, actor="staff:1", deed=deed, subject=f"member:{ann.id}")
    assert "A message as you would read it" in page_of(browse)


def test_a_profile_that_says_the_same_changes_nothing(ann: Member, noon: dt.datetime) -> None:
    """And is not in the log."""
    facts = members_queries.own_facts(ann.id)
    assert members_actions.edit_profile(member_id=ann.id, stated=facts, at=noon, actor="member") == ()
