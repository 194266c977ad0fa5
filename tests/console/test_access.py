"""Who may enter: the log-in of the staff, what each role sees and what it is refused, and the first administrator."""

import io
import re
import sys
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from members import actions as members_actions
from members.models import Account, Member
from membership_site.console.access import GRANTS, Capability

from .conftest import PASSWORD, Join, open_staff, text_of

pytestmark = pytest.mark.django_db

LOG_IN = "/console/login/"
ROLES = ("operator", "agent", "auditor", "finance", "campaign_author", "approver", "integrator", "admin")
MEMBERS = {"operator", "agent", "auditor", "finance", "approver", "admin"}
RULES = set(ROLES)
REPORTS = {"operator", "auditor", "finance", "campaign_author", "approver", "admin"}
BENEFITS = set(ROLES) - {"integrator"}
QUESTIONS = {"operator", "agent", "auditor", "finance", "admin"}
AUTHORS = {"operator", "campaign_author", "admin"}
SEEN_BY = {
    "/console/": set(ROLES),
    "/console/members/": MEMBERS,
    "/console/members/{number}/": MEMBERS,
    "/console/members/stages/": MEMBERS,
    "/console/members/stages/days/": {"operator", "admin"},
    "/console/members/duplicates/": {"operator", "admin"},
    "/console/members/tag/": {"operator", "agent", "admin"},
    "/console/members/coupon/": {"operator", "admin"},
    "/console/members/{number}/tags/": {"operator", "agent", "admin"},
    "/console/members/{number}/notes/": {"operator", "agent", "admin"},
    "/console/members/{number}/merge/": {"operator", "admin"},
    "/console/members/{number}/export/": {"operator", "agent", "admin"},
    "/console/members/{number}/erase/": {"operator", "admin"},
    "/console/members/{number}/looked/": MEMBERS,
    "/console/members/{number}/reveal/": {"operator", "agent", "admin"},
    "/console/members/{number}/ahead/": MEMBERS,
    "/console/members/{number}/tier/give/": {"operator", "admin"},
    "/console/members/{number}/tier/end/": {"operator", "admin"},
    "/console/members/{number}/tier/extend/": {"operator", "agent", "admin"},
    "/console/questions/": QUESTIONS,
    "/console/members/{number}/adjust/": {"operator", "agent", "admin"},
    "/console/approvals/": MEMBERS,
    "/console/jobs/": {"operator", "auditor", "finance", "integrator", "admin"},
    "/console/audit/": {"auditor", "finance", "admin"},
    "/console/proof/": set(ROLES),
    "/console/reports/": REPORTS,
    "/console/tiers/": set(ROLES),
    "/console/rules/": set(ROLES),
    "/console/coupons/": BENEFITS,
    "/console/members/{number}/coupon/": {"operator", "agent", "admin"},
    "/console/rewards/": BENEFITS,
    "/console/pools/": BENEFITS,
    "/console/parcels/": MEMBERS,
    "/console/benefits/": BENEFITS,
    "/console/bookings/": MEMBERS,
    "/console/messages/templates/": BENEFITS,
    "/console/messages/templates/new/": AUTHORS,
    "/console/messages/fields/": BENEFITS,
    "/console/messages/topics/": BENEFITS,
    "/console/messages/topics/new/": AUTHORS,
    "/console/segments/": BENEFITS,
    "/console/campaigns/": BENEFITS,
    "/console/campaigns/new/": AUTHORS,
    "/console/campaigns/settings/": BENEFITS,
    "/console/messages/outbox/": BENEFITS,
    "/console/messages/rules/": BENEFITS,
    "/console/messages/suppressions/": BENEFITS,
    "/console/own/": set(ROLES),
    "/console/settings/": {"operator", "auditor", "integrator", "admin"},
    "/console/people/": {"admin"},
    "/console/people/invite/": {"admin"},
    "/console/keys/": {"integrator", "admin"},
}

INNER = {path for path in SEEN_BY if "{" in path} | {
    "/console/members/stages/days/",
    "/console/members/tag/",
    "/console/members/coupon/",
    "/console/own/",
    "/console/people/invite/",
    "/console/campaigns/new/",
    "/console/campaigns/settings/",
    "/console/messages/templates/new/",
    "/console/messages/fields/",
    "/console/messages/topics/",
    "/console/messages/topics/new/",
    "/console/messages/rules/",
    "/console/messages/suppressions/",
}
"""Pages that the nav does not lead to."""


@pytest.mark.parametrize("role", [*ROLES, ""])
def test_each_role_sees_its_pages_and_is_told_who_may_see_the_others(
    enter: Callable[[str], Client], join: Join, role: str
) -> None:
    """Every page of the console, for every role; the nav shows what may be seen and nothing else."""
    number = join("ann").number
    client = enter(role)
    for path, roles in SEEN_BY.items():
        answer = client.get(path.format(number=number))
        assert answer.status_code == (200 if role in roles else 403), path
        page = answer.content.decode()
        if role and role not in roles:
            assert "Open to:" in page and "Nothing was changed" in page
        elif role:
            links = set(re.findall(r'class="it" href="([^"]+)"', page))
            assert links == {path for path, roles in SEEN_BY.items() if role in roles and path not in INNER}
        else:
            assert "has no role yet" in page


def test_nobody_and_members_are_kept_out(client: Client, join: Join, noon: Any) -> None:
    """Without a log-in every page leads to the log-in and back; a member is told whose console it is."""
    ann = join("ann")
    for path in SEEN_BY:
        answer = client.get(path.format(number=ann.number))
        assert answer.status_code == 302 and answer["Location"].startswith(LOG_IN + "?next="), path
    fragment = client.get("/console/members/?q=a", headers={"HX-Request": "true"})
    assert fragment["HX-Redirect"] == LOG_IN
    account = members_actions.open_member_account(
        member_id=ann.id, email="ann@example.com", password=PASSWORD, at=noon, actor="test"
    )
    client.force_login(account, backend="allauth.account.auth_backends.AuthenticationBackend")
    for path in SEEN_BY:
        answer = client.get(path.format(number=ann.number))
        assert answer.status_code == 403 and "The console is for the staff" in answer.content.decode(), path


def test_staff_log_in_and_out(client: Client, programme: None) -> None:
    """Back to the page that was asked for, never to a foreign one; the session lasts a working day."""
    open_staff("agent")
    data = {"email": "Agent@Staff.example", "password": PASSWORD, "next": "/console/members/?q=a"}
    answer = client.post(LOG_IN, data)
    assert answer.status_code == 302 and answer["Location"] == "/console/members/?q=a"
    assert client.session.get_expiry_age() == 12 * 3600
    assert client.get(LOG_IN)["Location"] == "/console/"
    for _press in range(2):
        assert client.post("/console/logout/")["Location"] == LOG_IN
    assert client.get("/console/").status_code == 302
    evil = client.post(LOG_IN, data | {"next": "https://evil.example/"})
    assert evil["Location"] == "/console/"


def test_a_members_log_in_is_refused_with_a_clear_sentence(client: Client, join: Join, noon: Any) -> None:
    """Right password, wrong door: he is shown his own; with a wrong one he learns nothing."""
    members_actions.open_member_account(
        member_id=join("ann").id, email="ann@example.com", password=PASSWORD, at=noon, actor="test"
    )
    right = client.post(LOG_IN, {"email": "ann@example.com", "password": PASSWORD})
    assert right.status_code == 422 and "The console is for the staff" in right.content.decode()
    assert 'href="/login/"' in right.content.decode() and "_auth_user_id" not in client.session
    wrong = client.post(LOG_IN, {"email": "ann@example.com", "password": "wrong"})
    assert wrong.status_code == 422 and "do not go together" in wrong.content.decode()
    nobody = client.post(LOG_IN, {"email": "<b>@x", "password": ""})
    assert nobody.status_code == 422 and "&lt;b&gt;@x" in nobody.content.decode()


def test_guessing_is_stopped(client: Client, programme: None) -> None:
    """After eight wrong passwords even the right one is refused for a while."""
    open_staff("agent")
    for _guess in range(8):
        client.post(LOG_IN, {"email": "agent@staff.example", "password": "wrong"})
    answer = client.post(LOG_IN, {"email": "agent@staff.example", "password": PASSWORD})
    assert answer.status_code in (403, 429) and "_auth_user_id" not in client.session


def test_writing_asks_for_the_form(programme: None) -> None:
    """No deed by GET, none without the form's token."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(open_staff("admin"), backend="allauth.account.auth_backends.AuthenticationBackend")
    for path in ("/console/members/views/", "/console/members/views/1/delete/", "/console/logout/"):
        assert client.get(path).status_code == 405, path
        assert client.post(path, {"name": "x", "query": "tier=gold"}).status_code == 403, path


def test_the_auditor_is_granted_no_deed() -> None:
    """He reads everything and changes nothing."""
    deeds = {
        *(Capability.REVEAL_CONTACTS, Capability.KEEP_VIEWS, Capability.RUN_JOBS),
        *(Capability.ADJUST_POINTS, Capability.APPROVE, Capability.EDIT_RULES),
        *(Capability.GIVE_TIERS, Capability.EXTEND_TIERS, Capability.ANSWER_QUESTIONS),
        *(Capability.EDIT_BENEFITS, Capability.ISSUE_COUPONS, Capability.FULFIL_GIFTS, Capability.ANSWER_BOOKINGS),
        *(Capability.MERGE_MEMBERS, Capability.EDIT_TAGS, Capability.WRITE_NOTES),
        *(Capability.EXPORT_MEMBER, Capability.EXPORT_LISTS, Capability.ERASE_MEMBERS),
        *(Capability.EDIT_CAMPAIGNS, Capability.START_CAMPAIGNS),
        *(Capability.EDIT_MESSAGES, Capability.SEND_MESSAGES),
        *(Capability.MANAGE_PEOPLE, Capability.MANAGE_KEYS),
    }
    assert GRANTS["auditor"] == frozenset(Capability) - deeds


# ---- manage.py create_staff


def create(monkeypatch: pytest.MonkeyPatch, password: str, *arguments: str) -> str:
    """Will run the command with a password on standard input and return what it says."""
    monkeypatch.setattr(sys, "stdin", io.StringIO(password + "\n"))
    said = io.StringIO()
    call_command("create_staff", *arguments, "--password-stdin", stdout=said)
    return said.getvalue()


def test_the_first_administrator_is_made_by_command(monkeypatch: pytest.MonkeyPatch, client: Client) -> None:
    """He can log in at once, and the audit log says where he came from."""
    said = create(
        monkeypatch, "tea-and-biscuits-7", "Boss@Staff.example", "--roles", "admin, auditor", "--name", "Boss"
    )
    assert "boss@staff.example may log in at /console/login/ as admin, auditor." in said
    answer = client.post(LOG_IN, {"email": "boss@staff.example", "password": "tea-and-biscuits-7"})
    assert answer["Location"] == "/console/"
    assert "Created a staff log-in" in text_of(client.get("/console/audit/").content.decode())


@pytest.mark.parametrize(
    ("arguments", "password", "words"),
    [
        (("boss", "--roles", "admin"), "tea-and-biscuits-7", "not an e-mail address"),
        (("a@staff.example", "--roles", "king"), "tea-and-biscuits-7", "king is no role"),
        (("a@staff.example", "--roles", ","), "tea-and-biscuits-7", "Nothing is no role"),
        (("a@staff.example", "--roles", "admin"), "short", "No log-in was opened"),
        (("a@staff.example", "--roles", "admin"), "", "No log-in was opened"),
        (("known@staff.example", "--roles", "admin"), "tea-and-biscuits-7", "has a log-in already"),
        (("a@staff.example",), "tea-and-biscuits-7", "Give it as an argument"),
    ],
)
def test_the_command_says_what_is_wrong(
    monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], password: str, words: str
) -> None:
    """And opens no log-in."""
    open_staff("agent", "known@staff.example")
    with pytest.raises(CommandError, match=re.escape(words)):
        create(monkeypatch, password, *arguments)
    assert Account.objects.count() == 1 and not Member.objects.exists()
