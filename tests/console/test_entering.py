"""The staff's second factor, showing that it is still he, people, keys and the first set-up."""

import datetime as dt
import email
import email.policy
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.conf import settings as site
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client

from kit import api_keys
from kit.models import ApiKey, AuditRow
from members import actions as members_actions
from members.enums import StaffRole
from members.models import Account
from membership_site import factors
from membership_site.console.access import Capability
from membership_site.console.pages.checklist import checklist
from tests.conftest import NOON
from tests.messaging.test_smtp import Scripted

from .conftest import PASSWORD, Join, open_staff, queries_of

pytestmark = pytest.mark.django_db

LOG_IN, FACTOR, ASK = "/console/login/", "/console/own/factor/", "/console/login/factor/"
CONFIRM = "/console/own/confirm/"
TYPED = {"email": "admin@staff.example", "password": PASSWORD}


@pytest.fixture(autouse=True)
def _strict(settings: Any, programme: None) -> None:
    settings.STAFF_SECOND_FACTOR = "required"
    settings.STAFF_STEP_UP_MINUTES = 10
    cache.clear()


def app_code(secret: str, step: int = 0) -> str:
    """What an authenticator app shows now, or so many half minutes from now."""
    now = list(yield_hotp_counters_from_time())[1] if len(list(yield_hotp_counters_from_time())) > 1 else 0
    counter = now or next(iter(yield_hotp_counters_from_time()))
    return format_hotp_value(hotp_value(secret, counter + step))


def enrolled(client: Client) -> tuple[str, list[str]]:
    """Will log the administrator in, set up his factor, and return its secret and the recovery codes."""
    open_staff("admin")
    assert client.post(LOG_IN, TYPED)["Location"] == "/console/"
    assert client.get("/console/")["Location"] == f"{FACTOR}?next=/console/"
    client.get(FACTOR)
    secret = client.session[factors.SECRET]
    page = client.post(FACTOR, {"code": app_code(secret), "next": "/console/"}).content.decode()
    return secret, re.findall(r"<li>(\d{8})</li>", page)


def test_staff_set_up_a_factor_before_anything_else(client: Client) -> None:
    """The picture and the letters are shown once; a wrong code sets nothing up; then everything opens."""
    open_staff("admin")
    client.post(LOG_IN, TYPED)
    for path in ("/console/", "/console/people/", "/console/members/"):
        assert client.get(path)["Location"].startswith(FACTOR)
    page = client.get(FACTOR).content.decode()
    assert "<svg" in page and "authenticator app" in page
    wrong = client.post(FACTOR, {"code": "000000"})
    assert wrong.status_code == 422 and not Authenticator.objects.exists()
    done = client.post(FACTOR, {"code": app_code(client.session[factors.SECRET])}).content.decode()
    assert len(re.findall(r"<li>\d{8}</li>", done)) == 10
    assert client.get("/console/").status_code == 200
    assert client.session[factors.SHOWN] and factors.SECRET not in client.session
    kept = str(Authenticator.objects.values_list("data", flat=True))
    assert "secret" not in client.session and kept.count("gAAAA") == 2, "encrypted"
    assert AuditRow.objects.filter(deed="factor.enrolled").count() == 1


def test_a_password_alone_opens_nothing_afterwards(client: Client) -> None:
    """Half in is not in; a code opens once, a recovery code once, and without the password neither does."""
    secret, recovery = enrolled(client)
    cache.clear()
    stranger = Client()
    assert stranger.get(ASK)["Location"] == LOG_IN
    assert stranger.post(LOG_IN, TYPED | {"next": "/console/members/"})["Location"] == ASK
    assert "_auth_user_id" not in stranger.session and stranger.get("/console/").status_code == 302
    assert stranger.post(ASK, {"code": "000000"}).status_code == 422
    assert stranger.post(ASK, {"code": recovery[0]})["Location"] == "/console/members/"
    assert stranger.get("/console/").status_code == 200
    assert AuditRow.objects.filter(deed="factor.recovery_used").count() == 1
    again = Client()
    again.post(LOG_IN, TYPED)
    assert again.post(ASK, {"code": recovery[0]}).status_code == 422
    cache.clear()
    assert again.post(ASK, {"code": app_code(secret)})["Location"] == "/console/"
    replay = Client()
    replay.post(LOG_IN, TYPED)
    assert replay.post(ASK, {"code": app_code(secret)}).status_code == 422


def test_guessing_the_factor_is_stopped(client: Client) -> None:
    """After five tries in a minute even the right code opens nothing."""
    secret, _ = enrolled(client)
    cache.clear()
    thief = Client()
    thief.post(LOG_IN, TYPED)
    for _ in range(5):
        thief.post(ASK, {"code": "000000"})
    assert thief.post(ASK, {"code": app_code(secret)}).status_code == 422
    assert "_auth_user_id" not in thief.session


def test_a_session_of_the_members_door_does_not_open_the_console(client: Client) -> None:
    """Whoever came in by the members' door logs in again at the staff's."""
    client.force_login(open_staff("admin"), backend="membership_site.entering.Backend")
    session = client.session
    session["door"] = "portal"
    session.save()
    assert client.get("/console/")["Location"].startswith(LOG_IN)
    assert client.get(LOG_IN).status_code == 200


STEPS_UP = (
    ("get", "/console/members/{number}/reveal/"),
    ("get", "/console/members/{number}/adjust/"),
    ("get", "/console/jobs/falls.csv"),
    ("get", "/console/people/invite/"),
    ("get", "/console/keys/"),
    ("post", "/console/parcels/packing-list.csv"),
    ("get", "/console/members/{number}/export/"),
    ("get", "/console/members/{number}/export/1.zip"),
    ("get", "/console/coupons/batches/1/codes.csv"),
)


def test_what_matters_asks_again(client: Client, join: Join) -> None:
    """After ten minutes; the password does where there is no app, and what was posted was not done."""
    number = join("ann").number
    client.force_login(open_staff("admin"), backend="membership_site.entering.Backend")
    session = client.session
    session[factors.SHOWN] = True
    session.save()
    for method, path in STEPS_UP:
        answer = getattr(client, method)(path.format(number=number))
        assert answer.status_code == 302 and answer["Location"].startswith(CONFIRM), path
    people = open_staff("agent").pk
    refused = client.post(
        f"/console/people/{people}/switch/", {"on": "0"}, headers={"referer": "https://evil.example/"}
    )
    assert refused["Location"].startswith(CONFIRM) and "evil" not in refused["Location"]
    assert Account.objects.get(pk=people).is_active
    assert client.get("/console/members/").status_code == 200, "looking at lists does not ask"
    assert client.post(CONFIRM, {"password": "wrong"}).status_code == 422
    assert client.post(CONFIRM, {"password": PASSWORD, "next": "//evil.example"})["Location"] == "/console/"
    assert client.get("/console/keys/").status_code == 200


def test_a_factor_is_asked_for_where_there_is_one(client: Client) -> None:
    """Not the password: who took the session may have that too."""
    secret, _ = enrolled(client)
    session = client.session
    session["shown_at"] = "2020-01-01T00:00:00+00:00"
    session.save()
    cache.clear()
    page = client.get(CONFIRM).content.decode()
    assert "authenticator app" in page and 'type="password"' not in page
    assert client.post(CONFIRM, {"code": "000000"}).status_code == 422
    cache.clear()
    assert client.post(CONFIRM, {"code": app_code(secret), "next": "/console/keys/"})["Location"] == "/console/keys/"


def test_ones_own_log_in(client: Client) -> None:
    """Devices, and new recovery codes that end the old ones."""
    _, old = enrolled(client)
    page = client.get("/console/own/").content.decode()
    assert "10 recovery codes are left" in page and "this device" in page
    new = re.findall(r"<li>(\d{8})</li>", client.post("/console/own/factor/codes/").content.decode())
    assert len(new) == 10 and not set(new) & set(old)
    assert client.post("/console/own/sessions/end/")["Location"] == "/console/own/"
    assert client.post("/console/own/sessions/999/end/")["Location"] == "/console/own/"
    assert client.get("/console/").status_code == 200


def test_optional_asks_for_none_and_says_so(client: Client, settings: Any) -> None:
    """For demonstrations; the log-in page says it."""
    settings.STAFF_SECOND_FACTOR = "optional"
    open_staff("admin")
    assert "STAFF_SECOND_FACTOR=optional" in client.get(LOG_IN).content.decode()
    client.post(LOG_IN, TYPED)
    assert client.get("/console/").status_code == 200
    client.post("/console/own/factor/codes/")
    assert not Authenticator.objects.exists()


def test_a_session_in_use_ends_after_a_day(client: Client, settings: Any) -> None:
    """However often it is used; one that is not used ends after twelve hours."""
    settings.STAFF_SECOND_FACTOR = "optional"
    open_staff("admin")
    for asked_after, answers in (((6, 12, 18, 23.9, 24.1), (200, 200, 200, 200, 302)), ((11.9, 24), (200, 302))):
        with time_machine.travel(NOON, tick=False):
            client.post(LOG_IN, TYPED)
        for hours, status in zip(asked_after, answers, strict=True):
            with time_machine.travel(NOON + dt.timedelta(hours=hours), tick=False):
                assert client.get("/console/").status_code == status, hours
        cache.clear()


# ---- people


@pytest.fixture
def admin(client: Client, settings: Any) -> Client:
    """An administrator who has just shown everything."""
    settings.STAFF_SECOND_FACTOR = "optional"
    settings.STAFF_STEP_UP_MINUTES = 0
    client.force_login(open_staff("admin"), backend="membership_site.entering.Backend")
    return client


@pytest.fixture
def post(settings: Any) -> Scripted:
    """The mail server that takes all mail of the house."""
    server = Scripted()
    settings.MESSAGE_EMAIL, settings.MESSAGE_SMTP_URL = "smtp", f"smtp://127.0.0.1:{server.port}?tls=off"
    return server


def test_somebody_is_invited_and_chooses_a_password(admin: Client, post: Scripted) -> None:
    """By a link in a mail, shown once besides; it opens once."""
    form = {"email": "Eve@Staff.example", "name": "Eve", "roles": ["campaign_author", "approver"]}
    answer = admin.post("/console/people/invite/", form)
    eve = Account.objects.get(email="eve@staff.example")
    assert answer["Location"] == f"/console/people/{eve.pk}/" and sorted(eve.roles) == ["approver", "campaign_author"]
    [raw] = post.letters
    letter = email.message_from_bytes(raw, policy=email.policy.default)
    link = re.search(r"http://testserver(/console/invited/\S+)", letter.get_content())[1]
    assert letter["To"] == "eve@staff.example" and letter["From"].addresses[0].addr_spec == site.MESSAGE_FROM_ADDRESS
    page = admin.get(answer["Location"]).content.decode()
    assert link in page and "A mail with the link is on its way." in page
    assert link not in admin.get(answer["Location"]).content.decode(), "shown once"
    guest = Client()
    assert "eve@staff.example" in guest.get(link).content.decode()
    assert guest.post(link, {"password": "short"}).status_code == 422
    assert guest.post(link, {"password": "quite-a-long-word"})["Location"] == LOG_IN
    assert guest.get(link).status_code == 410 and guest.get("/console/invited/x/y/").status_code == 410
    assert guest.post(LOG_IN, {"email": "eve@staff.example", "password": "quite-a-long-word"}).status_code == 302
    again = admin.post("/console/people/invite/", form)
    assert again.status_code == 422 and "There is a log-in with this address already" in again.content.decode()
    assert admin.post("/console/people/invite/", {"email": "x"}).status_code == 422


@pytest.mark.parametrize("provider", ["file", "smtp", "faulty:refused=1"])
def test_who_is_not_reached_by_mail_is_handed_the_link(
    admin: Client, settings: Any, tmp_path: Path, provider: str
) -> None:
    """Where mail is only written down, no server answers, or one breaks: it is said, and the link is there."""
    settings.MESSAGE_EMAIL, settings.MESSAGE_FOLDER = provider, str(tmp_path)
    settings.MESSAGE_SMTP_URL = "smtp://127.0.0.1:1?tls=off"
    answer = admin.post("/console/people/invite/", {"email": "eve@staff.example", "name": "Eve", "roles": ["agent"]})
    page = admin.get(answer["Location"]).content.decode()
    assert "The mail could not be sent. Hand the link over yourself." in page and "/console/invited/" in page
    assert bool(list(tmp_path.rglob("*.eml"))) is (provider == "file")


def test_roles_are_changed_and_nobody_changes_his_own(admin: Client, post: Scripted) -> None:
    """The audit log has every change; the last administrator stays."""
    me, eve = Account.objects.get(), open_staff("agent")
    page = f"/console/people/{eve.pk}/"
    assert admin.post(f"{page}roles/", {"roles": ["auditor"]})["Location"] == page
    eve.refresh_from_db()
    assert eve.roles == ["auditor"]
    assert admin.post(f"{page}roles/", {}).status_code == 422
    own = admin.post(f"/console/people/{me.pk}/roles/", {"roles": ["admin", "finance"]})
    assert own.status_code == 422 and "another administrator" in own.content.decode()
    for path in ("switch/", "reset-factor/", "link/"):
        assert admin.post(f"/console/people/{me.pk}/{path}", {"on": "0"}).status_code == 302
    me.refresh_from_db()
    assert me.is_active and me.roles == ["admin"] and not post.letters
    assert "Your roles and your log-in" in admin.get(f"/console/people/{me.pk}/").content.decode()
    assert admin.get("/console/people/99999/").status_code == 404
    assert admin.post("/console/people/99999/roles/", {"roles": ["admin"]}).status_code == 404


def test_a_log_in_is_closed_at_once(admin: Client, enter: Callable[[str], Client], post: Scripted) -> None:
    """Also one that is open just now; a factor is reset for its owner to set up another."""
    eve = enter("agent")
    account = Account.objects.get(email="agent@staff.example")
    assert eve.get("/console/").status_code == 200
    page = f"/console/people/{account.pk}/"
    admin.post(f"{page}switch/", {"on": "0"})
    assert eve.get("/console/").status_code == 302
    assert "closed" in admin.get("/console/people/").content.decode()
    assert admin.post(f"{page}link/").status_code == 302 and not post.letters
    admin.post(f"{page}switch/", {"on": "1"})
    admin.post(f"{page}link/")
    assert len(post.letters) == 1
    Authenticator.objects.create(user=account, type="totp", data={"secret": "x"})
    admin.post(f"{page}reset-factor/")
    assert not Authenticator.objects.exists()
    deeds = set(AuditRow.objects.values_list("deed", flat=True))
    assert {"staff.deactivated", "staff.let_in", "staff.factor_reset"} <= deeds


# ---- keys


def test_a_key_is_shown_once_and_revoked(admin: Client) -> None:
    """It works until then; when it was used last is told."""
    page = admin.post("/console/keys/", {"name": "web shop", "scopes": ["members:read"]}).content.decode()
    key = re.search(r"mk_[A-Za-z0-9_]{50}", page)[0]
    assert key not in admin.get("/console/keys/").content.decode()
    machine = Client(headers={"authorization": f"Bearer {key}"})
    assert machine.get("/api/v1/members/M0").status_code == 404
    row = ApiKey.objects.get()
    assert row.used_at is not None
    again = admin.post("/console/keys/", {"name": "web shop", "scopes": ["members:read"]})
    assert again.status_code == 422 and "A key has this name already" in again.content.decode()
    assert admin.post("/console/keys/", {"name": "x"}).status_code == 422
    admin.post(f"/console/keys/{row.id}/revoke/")
    admin.post("/console/keys/999/revoke/")
    assert machine.get("/api/v1/members/M0").status_code == 401
    assert "revoked on" in admin.get("/console/keys/").content.decode()


# ---- the first set-up


def setup_link(capsys: pytest.CaptureFixture[str]) -> str:
    """What the command prints."""
    call_command("setup_link", "--url", "http://testserver/")
    return capsys.readouterr().out.strip()


def test_the_first_administrator_sets_up(client: Client, capsys: pytest.CaptureFixture[str], settings: Any) -> None:
    """By the link that the server printed, once; then it prints none and opens nothing."""
    link = setup_link(capsys).removeprefix("http://testserver")
    assert client.get("/console/set-up/forged/").status_code == 404
    assert "Nobody may enter the console yet" in client.get(link).content.decode()
    typed = {"email": "boss@shop.example", "name": "Boss", "password": "quite-a-long-word"}
    assert client.post(link, typed | {"password": "x"}).status_code == 422
    assert client.post(link, typed)["Location"] == "/console/"
    assert client.get("/console/")["Location"].startswith(FACTOR)
    assert Client().get(link).status_code == 404 and setup_link(capsys) == ""
    settings.STAFF_SECOND_FACTOR = "optional"
    page = client.get("/console/").content.decode()
    assert "Invite the others" in page and "Name the programme" in page


def test_first_steps_tick_themselves_off(settings: Any, noon: Any) -> None:
    """By facts; and are gone when all are done."""
    person = type("P", (), {"may": lambda _self, _capability: True})()
    assert [step.is_done for step in checklist(person)] == [False] * 6
    settings.PROGRAMME_NAME = "Ours"
    settings.MESSAGE_EMAIL = "smtp"
    for address in ("a@b.cd", "b@b.cd"):
        members_actions.invite_staff(email=address, name="", roles=[], at=noon, actor="t")
    api_keys.create(name="shop", scopes=["all"], at=noon, actor="t")
    assert [step.is_done for step in checklist(person)] == [True, False, False, True, True, True]
    nobody = type("P", (), {"may": lambda _self, capability: capability != Capability.MANAGE_PEOPLE})()
    assert checklist(nobody) == ()


def test_one_person_and_three_take_the_same_queries(admin: Client, noon: Any) -> None:
    """So do one key and three."""
    taken = []
    for number in range(3):
        members_actions.invite_staff(email=f"p{number}@b.cd", name="P", roles=[StaffRole.AGENT], at=noon, actor="t")
        api_keys.create(name=f"shop {number}", scopes=["all"], at=noon, actor="t")
        taken.append([queries_of(admin, path)[0] for path in ("/console/people/", "/console/keys/")])
    assert taken[0] == taken[2]
