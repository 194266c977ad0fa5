"""A guest becomes a member: one page, a code, a welcome; and nobody learns who is a member already."""

import datetime as dt
import re
import uuid
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from kit import clock
from kit.models import AuditRow
from members import actions as members_actions
from members.enums import CodePurpose, CodeVerdict, IdentityKind, MemberStatus
from members.models import Account, AddressCode, Consent, Identity, Member
from members.queries import entering
from members.rules import email_identity
from membership_site import entering as seen
from membership_site.flows import code_sent, member_verified
from membership_site.portal.views import codes
from messaging.models import Message
from orders.models import ShopEvent
from points import queries as points_queries

pytestmark = pytest.mark.django_db

JOIN, VERIFY, ENTER = "/join/", "/enter/code/", "/enter/"
NEW = {"address": "Eve@Example.com", "terms": "on"}


@pytest.fixture(autouse=True)
def _fresh(programme: None) -> None:
    cache.clear()


def code_of(client: Client) -> str:
    """The code that went out for what this client asked last, from the outbox; wrong digits where none did."""
    ticket = client.session["code_asked"]["ticket"]
    sent = Message.objects.filter(source_key=f"code:{ticket}").values_list("values", flat=True).first()
    return sent["code"] if sent else "000000"


def join(client: Client, **typed: str) -> Any:
    """Will fill in the page and type the code."""
    assert client.post(JOIN, NEW | typed)["Location"] == VERIFY
    return client.post(VERIFY, {"code": code_of(client)})


def test_one_page_and_a_code_make_a_member(client: Client) -> None:
    """He is in, welcomed, with points and a coupon; what he allowed is kept with the sentences he read."""
    page = client.get(JOIN).content.decode()
    assert "100 points" in page
    answer = join(client, name="Eve", offers_email="on", password="tea-and-biscuits")
    assert answer["Location"] == "/welcome/"
    welcome = client.get("/welcome/").content.decode()
    assert "You are a member now" in welcome and "100" in welcome and "10 off" in welcome
    member = Member.objects.get()
    assert (member.status, member.name, member.language, member.source) == ("active", "Eve", "en", "portal")
    assert member.joined_at and points_queries.get_balance(member.id, member.joined_at).available == 100
    answers = {(row.channel, row.purpose): (row.given, row.text) for row in Consent.objects.all()}
    assert answers["email", "marketing"][0] and not answers["sms", "marketing"][0]
    assert "I can stop it at any time" in answers["email", "marketing"][1] and len(answers) == 3
    for text in (row.text for row in Consent.objects.all()):
        assert text in page
    visitor = Client()
    assert visitor.post("/login/", {"email": "eve@example.com", "password": "tea-and-biscuits"})["Location"] == "/"
    message = Message.objects.get()
    assert (message.channel, message.purpose, message.values["is_member"]) == ("email", "service", False)


def test_by_phone_without_a_password(client: Client) -> None:
    """The code goes by text message; he enters by a code again."""
    assert join(client, address="+86 138 0013 8000")["Location"] == "/welcome/"
    assert Message.objects.get().channel == "sms"
    assert not Account.objects.get().has_usable_password()
    visitor = Client()
    visitor.post(ENTER, {"address": "+8613800138000", "next": "/points/"})
    assert visitor.post(VERIFY, {"code": code_of(visitor)})["Location"] == "/points/"


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"address": ""}, "Enter an e-mail address or a phone number"),
        ({"address": "eve"}, "or a phone number such as"),
        ({"terms": ""}, "Agree to the terms, or stay a guest"),
        ({"password": "short"}, "too short"),
        ({"password": "Fernway-Circle-2026!"}, "The password can’t be the name of the programme."),
    ],
)
def test_what_is_missing_is_said_at_the_field(client: Client, typed: dict[str, str], words: str) -> None:
    """Nothing is kept or sent."""
    answer = client.post(JOIN, NEW | typed)
    assert answer.status_code == 422 and words in answer.content.decode() and 'role="alert"' in answer.content.decode()
    assert not Member.objects.exists() and not Message.objects.exists()


def test_nobody_learns_who_is_a_member(client: Client, ann: Member) -> None:
    """Joining, entering and forgetting say the same for a member's address as for a stranger's, wrong codes too."""
    for path, rest in ((JOIN, {"terms": "on"}), (ENTER, {}), ("/enter/forgotten/", {})):
        pages = []
        for address in ("ann@example.com", "odd@example.com"):
            cache.clear()
            visitor = Client()
            answer = visitor.post(path, {"address": address, **rest})
            wrong = "111111"
            assert code_of(visitor) != wrong, "once in a million runs: run it again"
            shown = [visitor.get(VERIFY), *(visitor.post(VERIFY, {"code": wrong}) for _ in range(6))]
            texts = [
                re.sub(r'value="[A-Za-z0-9]{64}"|a•••@|o•••@|"X-CSRFToken":"\w+"', "", p.content.decode())
                for p in shown
            ]
            pages.append((answer.status_code, answer["Location"], [p.status_code for p in shown], texts))
        for mine, theirs in zip(pages[0][3], pages[1][3], strict=True):
            assert [(a, b) for a, b in zip(mine.split("\n"), theirs.split("\n"), strict=True) if a != b] == [], path
        assert pages[0] == pages[1], path
    assert Message.objects.filter(member=ann).count() == 3


def test_a_member_who_joins_again_is_let_in_as_he_is(client: Client, ann: Member) -> None:
    """The message tells him, the name and password that were typed change nothing, and nothing is given twice."""
    before = points_queries.get_balance(ann.id, clock.now()).available
    answer = join(client, address="ann@example.com", name="Not Ann", password="somebody-elses")
    assert answer["Location"] == "/"
    assert Message.objects.get().values["is_member"] is True
    ann.refresh_from_db()
    assert ann.name == "Ann" and not ann.account.check_password("somebody-elses")
    assert points_queries.get_balance(ann.id, clock.now()).available == before


def test_who_squats_an_address_gets_nothing(client: Client) -> None:
    """The password of one who joined with somebody else's address never opens the membership of its owner."""
    squatter = Client()
    squatter.post(JOIN, NEW | {"password": "squatters-own-1", "name": "Squatter"})
    assert join(client, password="owners-own-word", name="Eve")["Location"] == "/welcome/"
    member = Member.objects.get()
    assert member.name == "Eve" and member.account.check_password("owners-own-word")
    assert squatter.post(VERIFY, {"code": code_of(client) if "code_asked" in client.session else "123456"}).status_code


def test_a_member_of_the_shop_claims_his_pages(client: Client, join: Any) -> None:
    """Registered by the API, never here: a code to his address opens his pages, and a password can be set after it."""
    bob = join("bob")
    client.post(ENTER, {"address": "bob@example.com"})
    assert client.post(VERIFY, {"code": code_of(client)})["Location"] == "/"
    bob.refresh_from_db()
    assert bob.account is not None and client.get("/points/").status_code == 200
    page = client.get("/me/password/").content.decode()
    assert "Password until now" not in page
    assert client.post("/me/password/", {"new": "tea-and-biscuits"})["Location"] == "/me/security/"
    assert client.get("/").status_code == 200


def test_a_forgotten_password_is_replaced(browse: Client) -> None:
    """By a code; every other session ends."""
    client = Client()
    client.post("/enter/forgotten/", {"address": "ann@example.com"})
    assert client.post(VERIFY, {"code": code_of(client)})["Location"] == "/me/password/"
    easy = client.post("/me/password/", {"new": "password12"})
    assert easy.status_code == 422
    client.post("/me/password/", {"new": "quite-another-word"})
    assert client.get("/").status_code == 200 and browse.get("/").status_code == 302
    assert Client().post("/login/", {"email": "ann@example.com", "password": "quite-another-word"})["Location"] == "/"


def test_codes_are_throttled(client: Client, ann: Member) -> None:
    """By address and by place, with a sentence that says how long; what was typed stays."""
    for _ in range(3):
        assert client.post(ENTER, {"address": "ann@example.com"}).status_code == 302
    answer = client.post(ENTER, {"address": "ann@example.com"})
    assert (
        answer.status_code == 429 and "Wait" in answer.content.decode() and "ann@example.com" in answer.content.decode()
    )
    for number in range(9):
        client.post(ENTER, {"address": f"x{number}@example.com"})
    assert client.post(ENTER, {"address": "y@example.com"}).status_code == 429
    assert Message.objects.count() == 3


def test_another_code_and_the_page_without_one(client: Client) -> None:
    """Sent again to the same address with the same wishes; nobody types a code whom none was sent."""
    assert client.get(VERIFY)["Location"] == ENTER and client.post("/enter/code/again/")["Location"] == ENTER
    client.post(JOIN, NEW | {"name": "Eve"})
    client.post("/enter/code/again/")
    assert Message.objects.count() == 2
    assert client.post(VERIFY, {"code": "12 34"}).status_code == 422
    code = code_of(client)
    assert client.post(VERIFY, {"code": f"{code[:3]} {code[3:]}"})["Location"] == "/welcome/"
    assert Member.objects.get().name == "Eve"
    assert client.get(JOIN)["Location"] == "/"


def test_a_late_code_says_so(client: Client, noon: dt.datetime) -> None:
    """And opens nothing."""
    client.post(JOIN, NEW)
    with time_machine.travel(noon + dt.timedelta(days=9), tick=False):
        answer = client.post(VERIFY, {"code": code_of(client)})
    assert answer.status_code in (302, 422)
    assert not Member.objects.filter(status=MemberStatus.ACTIVE).exists()


@pytest.mark.parametrize("target", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)"])
def test_a_code_never_leads_elsewhere(client: Client, ann: Member, target: str) -> None:
    """An address of another site in `next` is ignored."""
    client.post(ENTER, {"address": "ann@example.com", "next": target})
    assert client.post(VERIFY, {"code": code_of(client)})["Location"] == "/"


def test_forms_need_their_token() -> None:
    """No deed without the form's own token."""
    visitor = Client(enforce_csrf_checks=True)
    for path in (JOIN, ENTER, "/enter/forgotten/", "/enter/code/again/"):
        assert visitor.post(path, NEW).status_code == 403, path


def test_two_codes_for_one_address_give_one_reward(noon: dt.datetime) -> None:
    """Whichever is typed first activates; the other one lets in."""
    eve = email_identity("eve@example.com")
    tickets = [code_sent.send(identity=eve, purpose=CodePurpose.JOIN, at=noon) for _ in range(2)]
    done = []
    for ticket in tickets:
        code = Message.objects.get(source_key=f"code:{ticket}").values["code"]
        done.append(member_verified.verify(ticket=ticket, code=code, known_here=frozenset(), at=noon))
    assert [one.is_new for one in done] == [True, False]
    assert len({one.account_id for one in done}) == 1
    assert points_queries.get_balance(done[0].member_id, noon).available == 100
    unknown = member_verified.verify(ticket=uuid.uuid4(), code="123456", known_here=frozenset(), at=noon)
    assert unknown.verdict == CodeVerdict.EXPIRED


def test_no_code_is_logged(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    """Neither when it is sent nor when it is typed."""
    with caplog.at_level(0):
        client.post(JOIN, NEW)
        code = code_of(client)
        client.post(VERIFY, {"code": code})
    assert code not in caplog.text
    assert code.encode() not in bytes(AddressCode.objects.get().digest)


# ---- invitations


def test_a_friend_joins_by_a_link(browse: Client, ann: Member) -> None:
    """The device remembers the link until he joins; his inviter sees how far he is, not who he is."""
    client = Client()
    page = browse.get("/invite/").content.decode()
    code = re.search(r"/join/\?ref=([A-Z0-9]{8})", page)[1]
    assert "You and your friend get 200 points each." in page and "Nobody yet" in page
    assert "You were invited" in client.get(f"{JOIN}?ref={code}").content.decode()
    assert settings.SESSION_COOKIE_NAME not in client.cookies or client.cookies["invited_by"]["httponly"]
    join(client, name="Eve Adams")
    event = ShopEvent.objects.get(type="referral")
    assert (event.member_id, event.properties["friend"]) == (ann.id, Member.objects.get(name="Eve Adams").number)
    page = browse.get("/invite/").content.decode()
    assert "E…" in page and "Adams" not in page and "the first order is still to come" in page


def test_nobody_invites_himself(browse: Client, ann: Member) -> None:
    """On his own device: refused, with what it looks like in the audit log; the membership itself is given."""
    code = members_actions.open_invitations(member_id=ann.id, at=clock.now(), actor="t")
    own = Client()
    own.post("/login/", {"email": "ann@example.com", "password": "a-long-password"})
    own.post("/logout/")
    own.get(f"{JOIN}?ref={code}")
    assert join(own, address="ann+2@example.com")["Location"] == "/welcome/"
    assert not ShopEvent.objects.filter(type="referral").exists()
    row = AuditRow.objects.get(deed="referral.refused")
    assert row.becomes == {"inviter": ann.number, "alike": ["email", "device"]}


def test_a_forged_invitation_is_nobody(client: Client) -> None:
    """Neither a made-up code nor a cookie that we did not sign does anything."""
    client.cookies["invited_by"] = "ABCDEFGH:forged"
    client.get(f"{JOIN}?ref=<script>")
    assert join(client)["Location"] == "/welcome/"
    assert not ShopEvent.objects.exists() and entering.find_inviter("ABCDEFGH") is None


# ---- sessions


def test_devices_are_listed_and_logged_out(browse: Client) -> None:
    """Each by what its browser calls itself; one at a time, or all others at once."""
    typed = {"email": "ann@example.com", "password": "a-long-password"}
    phone, desk = Client(HTTP_USER_AGENT="Mozilla/5.0 (iPhone) Safari/605"), Client(HTTP_USER_AGENT="Firefox Windows")
    for one in (phone, desk):
        one.post("/login/", typed)
    page = desk.get("/me/security/").content.decode()
    assert "Safari, iPhone" in page and "Firefox, Windows" in page and "this device" in page
    session_id = re.search(r"/me/sessions/(\d+)/end/", page.split("Safari, iPhone")[0].split("Firefox, Windows")[-1])
    other = re.findall(r"/me/sessions/(\d+)/end/", page)[-1]
    assert session_id and desk.post(f"/me/sessions/{other}/end/")["Location"] == "/me/security/"
    assert phone.get("/").status_code == 302 and desk.get("/").status_code == 200
    phone.post("/login/", typed)
    desk.post("/me/sessions/end/")
    assert phone.get("/").status_code == 302 and desk.get("/").status_code == 200
    for path in ("/me/sessions/end/", "/me/sessions/1/end/", "/me/logins/1/unlink/"):
        assert desk.get(path).status_code == 405


def test_the_old_password_is_asked_for_unless_a_code_was_shown(browse: Client, noon: Any) -> None:
    """After ten minutes; a wrong one changes nothing."""
    client = Client()
    typed = {"email": "ann@example.com", "password": "a-long-password"}
    client.post("/login/", typed)
    session = client.session
    session["shown_at"] = (noon - dt.timedelta(days=400)).isoformat()
    session.save()
    assert "Password until now" in client.get("/me/password/").content.decode()
    wrong = client.post("/me/password/", {"old": "wrong", "new": "quite-another-word"})
    assert wrong.status_code == 422 and "This is not your password" in wrong.content.decode()
    right = client.post("/me/password/", {"old": "a-long-password", "new": "quite-another-word"})
    assert right["Location"] == "/me/security/"


def test_tries_of_the_old_password_are_counted_for_who_has_a_phone_number_alone(browse: Client, noon: Any) -> None:
    """As at the log-in: after so many wrong ones the right one is refused too, for a while."""
    account = Account.objects.get(email="ann@example.com")
    Identity.objects.filter(member__account=account).delete()
    account.member.identities.create(kind=IdentityKind.PHONE, value="+8613800138000", verified_at=noon)
    Account.objects.filter(pk=account.pk).update(email=None)
    client = Client()
    client.post("/login/", {"email": "+8613800138000", "password": "a-long-password"})
    session = client.session
    session["shown_at"] = (noon - dt.timedelta(days=400)).isoformat()
    session.save()
    for old in (*["wrong"] * settings.AXES_FAILURE_LIMIT, "a-long-password"):
        answer = client.post("/me/password/", {"old": old, "new": "quite-another-word"})
    assert answer.status_code == 429
    assert Account.objects.get(pk=account.pk).check_password("a-long-password")


def test_the_staff_enter_by_their_own_door(client: Client) -> None:
    """A staff log-in typed at the members' page opens nothing there."""
    Account.objects.create_user("boss@example.com", "a-long-password", is_staff=True, roles=["admin"])
    answer = client.post("/login/", {"email": "boss@example.com", "password": "a-long-password"})
    assert answer["Location"] == "/console/login/" and "_auth_user_id" not in client.session


# ---- behind proxies, and how much a page asks


@pytest.mark.parametrize(
    ("proxies", "heard", "place"),
    [
        (0, "6.6.6.6", "127.0.0.1"),
        (1, "6.6.6.6, 10.0.0.9", "10.0.0.9"),
        (2, "6.6.6.6, 10.0.0.9, 10.0.0.1", "10.0.0.9"),
        (2, "10.0.0.9", "127.0.0.1"),
    ],
)
def test_tries_are_counted_by_what_our_own_proxies_heard(
    rf: RequestFactory, settings: Any, proxies: int, heard: str, place: str
) -> None:
    """Nobody gets fresh tries by naming another address."""
    settings.PROXY_COUNT = proxies
    assert seen.place_of(rf.get("/", headers={"x-forwarded-for": heard})) == place


def queries_of(client: Client, path: str) -> int:
    """How many queries a page takes."""
    with CaptureQueriesContext(connection) as asked:
        assert client.get(path).status_code == 200
    return len(asked)


def test_one_friend_and_three_take_the_same_queries(browse: Client, ann: Member) -> None:
    """So do one device and three."""
    code = members_actions.open_invitations(member_id=ann.id, at=clock.now(), actor="t")
    taken = []
    for number in range(3):
        guest = Client(HTTP_USER_AGENT=f"Firefox {number}")
        guest.get(f"{JOIN}?ref={code}")
        join(guest, address=f"friend{number}@example.com", name="Friend")
        Client(HTTP_USER_AGENT="Firefox").post("/login/", {"email": "ann@example.com", "password": "a-long-password"})
        taken.append((queries_of(browse, "/invite/"), queries_of(browse, "/me/security/")))
    assert taken[0] == taken[2], taken


def test_asking_takes_the_same_time(ann: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a message costs is waited for where none goes out."""
    waited: list[float] = []
    monkeypatch.setattr(codes, "sleep", waited.append)
    for address in ("ann@example.com", "odd@example.com"):
        Client().post(ENTER, {"address": address})
    assert len(waited) == 2 and all(0 <= seconds < codes.ASK_SECONDS for seconds in waited) and max(waited) > 0


def test_a_strangers_address_costs_what_a_members_does(client: Client, ann: Member) -> None:
    """But for the message itself, and how many went there lately, so that the time tells nothing either."""
    counts = []
    for address in ("ann@example.com", "odd@example.com"):
        cache.clear()
        visitor = Client()
        with CaptureQueriesContext(connection) as asked:
            visitor.post(ENTER, {"address": address})
        counts.append(len(asked))
    assert counts[0] - counts[1] <= 6, counts
