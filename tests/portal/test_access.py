"""Who gets into the members' door, and how."""

import datetime as dt

import pytest
import time_machine
from django.conf import settings
from django.test import Client

from members.models import Account, Member
from tests.conftest import NOON

from .conftest import PASSWORD

pytestmark = pytest.mark.django_db

PAGES = ("/", "/points/", "/orders/", "/tiers/", "/tiers/ahead/", "/code/", "/me/", "/privacy/")


@pytest.mark.parametrize("path", PAGES)
def test_a_stranger_is_asked_to_log_in(client: Client, path: str) -> None:
    """And comes back to the page he wanted."""
    answer = client.get(path)
    assert answer.status_code == 302
    assert answer["Location"] == f"/login/?next={path}"


@pytest.mark.parametrize("path", PAGES)
def test_a_member_sees_every_page(browse: Client, path: str) -> None:
    """Each is shown under the strict policy and kept out of caches of others by its cookie."""
    answer = browse.get(path)
    assert answer.status_code == 200
    assert "script-src 'self'" in answer["Content-Security-Policy"]
    assert "unsafe" not in answer["Content-Security-Policy"]


@pytest.mark.parametrize("path", PAGES)
def test_a_log_in_without_membership_is_told_so(client: Client, path: str, programme: None) -> None:
    """In a sentence, not with an empty page."""
    client.force_login(Account.objects.create_user("out@example.com"), backend=settings.AUTHENTICATION_BACKENDS[-1])
    answer = client.get(path)
    assert answer.status_code == 403
    assert "This log-in has no membership" in answer.content.decode()


@pytest.mark.parametrize("path", PAGES)
def test_pages_are_only_read(browse: Client, path: str) -> None:
    """A post to a page that changes nothing is refused."""
    assert browse.post(path).status_code == 405


def test_logging_in_with_e_mail_and_password(client: Client, browse: Client, ann: Member) -> None:
    """Capital letters in the address do not matter; the wanted page follows."""
    visitor = Client()
    answer = visitor.post("/login/", {"email": "Ann@Example.com", "password": PASSWORD, "next": "/points/"})
    assert answer.status_code == 302
    assert answer["Location"] == "/points/"
    assert visitor.get("/points/").status_code == 200
    assert visitor.get("/login/")["Location"] == "/"


@pytest.mark.parametrize("target", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)"])
def test_a_log_in_never_leads_elsewhere(browse: Client, target: str) -> None:
    """An address of another site in `next` is ignored."""
    answer = Client().post("/login/", {"email": "ann@example.com", "password": PASSWORD, "next": target})
    assert answer["Location"] == "/"


@pytest.mark.parametrize("word", ["points", "console:member", "points/", "../points/"])
@pytest.mark.parametrize("door", ["/login/", "/enter/", "/console/login/"])
def test_a_bare_word_to_go_on_to_is_no_page(browse: Client, door: str, word: str) -> None:
    """Neither the name of a page of ours nor a fault."""
    typed = {"email": "ann@example.com", "password": PASSWORD, "next": word}
    assert Client().get(door, {"next": word}).status_code == 200
    assert Client().post("/login/", typed)["Location"] == browse.get("/login/", {"next": word})["Location"] == "/"


@pytest.mark.parametrize("at", ["9999-12-31T23:59:59+00:00", "0001-01-01T00:00:00+23:59", "2026-03-03", "x"])
def test_a_place_that_no_calendar_has_is_the_first_page(browse: Client, at: str) -> None:
    """Wherever lists go on from an instant in the address."""
    for path in ("/points/", "/orders/", "/messages/"):
        for place in (at, f"{at}~1"):
            assert browse.get(path, {"before": place, "after": place}).status_code == 200


def test_a_press_after_the_session_ended_leads_back_to_its_page(client: Client, browse: Client) -> None:
    """To that of the button, not to the address that it posts to, which shows nothing; and says what was not done."""
    stranger, seen = Client(), {"referer": "http://testserver/?x=1"}
    answer = stranger.post("/check-in/", headers=seen)
    assert answer["Location"] == "/login/?next=http%3A//testserver/%3Fx%3D1"
    assert "You were logged out meanwhile. Nothing was changed" in stranger.get("/login/").content.decode()
    typed = {"email": "ann@example.com", "password": PASSWORD, "next": "http://testserver/?x=1"}
    assert stranger.post("/login/", typed)["Location"] == "http://testserver/?x=1"
    assert Client().post("/check-in/", headers={"referer": "https://evil.example/"})["Location"] == "/login/?next="
    assert Client().head("/login/").status_code == Client().head("/console/login/").status_code == 200


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"email": "ann@example.com", "password": "wrong"}, "Address and password do not go together"),
        ({"email": "nobody@example.com", "password": PASSWORD}, "Address and password do not go together"),
        ({"email": "ann", "password": PASSWORD}, "Use an e-mail address such as name@example.com, or a phone number"),
        ({"email": "", "password": ""}, "Enter your password."),
    ],
)
def test_a_refused_log_in_says_how_to_mend_it(browse: Client, typed: dict[str, str], sentence: str) -> None:
    """And keeps the address that was typed; it never says whether the address is known."""
    answer = Client().post("/login/", typed)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert sentence in page
    assert 'role="alert"' in page
    assert f'value="{typed["email"]}"' in page or not typed["email"]


def test_too_many_wrong_passwords_rest(browse: Client) -> None:
    """After the limit even the right password waits, and the page says for how long."""
    visitor = Client()
    for _ in range(settings.AXES_FAILURE_LIMIT):
        answer = visitor.post("/login/", {"email": "ann@example.com", "password": "wrong"})
    assert answer.status_code == 429
    assert "rests for 15 minutes" in answer.content.decode()
    assert visitor.post("/login/", {"email": "ann@example.com", "password": PASSWORD}).status_code == 429


def test_a_session_in_use_ends_after_ninety_days(browse: Client) -> None:
    """However often it is used; then a password or a code is asked for again."""
    visitor = Client()
    with time_machine.travel(NOON, tick=False):
        assert visitor.post("/login/", {"email": "ann@example.com", "password": PASSWORD}).status_code == 302
    for days in (*range(10, 90, 10), 89.9):
        with time_machine.travel(NOON + dt.timedelta(days=days), tick=False):
            assert visitor.get("/me/").status_code == 200, days
    with time_machine.travel(NOON + dt.timedelta(days=90.1), tick=False):
        assert visitor.get("/me/").status_code == 302


def test_logging_out_needs_a_press(browse: Client) -> None:
    """A link that somebody sends logs nobody out; a second press is harmless."""
    assert browse.get("/logout/").status_code == 405
    assert browse.post("/logout/")["Location"] == "/login/"
    assert browse.post("/logout/")["Location"] == "/login/"
    assert browse.get("/").status_code == 302


def test_the_language_of_the_account_is_the_first(browse: Client, ann: Member) -> None:
    """A browser that has not chosen a language takes the account's; one that has keeps its own."""
    Account.objects.filter(member=ann).update(language="zh-hant")
    typed = {"email": "ann@example.com", "password": PASSWORD}
    assert Client().post("/login/", typed).cookies[settings.LANGUAGE_COOKIE_NAME].value == "zh-hant"
    chosen = Client()
    chosen.cookies[settings.LANGUAGE_COOKIE_NAME] = "zh-hans"
    assert settings.LANGUAGE_COOKIE_NAME not in chosen.post("/login/", typed).cookies
