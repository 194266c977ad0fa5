"""Log-ins of elsewhere, against a provider of our own that speaks OAuth 2 over real HTTP."""

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.socialaccount import providers
from allauth.socialaccount.models import SocialAccount, SocialToken
from allauth.socialaccount.providers.weibo.provider import WeiboProvider
from allauth.socialaccount.providers.weibo.views import WeiboOAuth2Adapter
from django.conf import settings as site
from django.core.cache import cache
from django.test import Client
from django.urls import clear_url_caches, include, path

from members.models import Account, Identity, Member
from members.queries import entering
from membership_site import social, urls
from messaging.models import Message

pytestmark = pytest.mark.django_db


class Provider(BaseHTTPRequestHandler):
    """Hands a token for the code `good`, and says who that is; everything it was asked is kept."""

    asked: list[tuple[str, dict[str, list[str]]]]
    uid = "4711"

    def do_POST(self) -> None:
        """Will hand out a token."""
        typed = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.asked.append((self.path, typed))
        good = typed.get("code") == ["good"] and typed.get("client_secret") == ["secret"]
        self._say(200 if good else 400, {"access_token": "T", "uid": self.uid} if good else {"error": "invalid_grant"})

    def do_GET(self) -> None:
        """Will say whose token it is."""
        self.asked.append((self.path, parse_qs(urlsplit(self.path).query)))
        self._say(200, {"id": self.uid, "idstr": self.uid, "screen_name": "eve", "profile_image_url": ""})

    def _say(self, status: int, words: dict[str, Any]) -> None:
        body = json.dumps(words).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name it overrides has
        """Will say nothing."""


@pytest.fixture
def provider(settings: Any, monkeypatch: pytest.MonkeyPatch, programme: None) -> Iterator[type[Provider]]:
    """Weibo, switched on, at an address of our own."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Own", (Provider,), {"asked": []}))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    root = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setattr(WeiboOAuth2Adapter, "access_token_url", f"{root}/token")
    monkeypatch.setattr(WeiboOAuth2Adapter, "authorize_url", f"{root}/authorize")
    monkeypatch.setattr(WeiboOAuth2Adapter, "profile_url", f"{root}/profile")
    monkeypatch.setitem(providers.registry.provider_map, "weibo", WeiboProvider)
    settings.SOCIAL_LOGINS = ["weibo"]
    settings.SOCIALACCOUNT_PROVIDERS = {"weibo": {"APPS": [{"client_id": "id", "secret": "secret"}]}}
    ways = path("elsewhere/", include("allauth.socialaccount.providers.weibo.urls"))
    monkeypatch.setattr(urls, "urlpatterns", [*urls.urlpatterns, ways])
    clear_url_caches()
    cache.clear()
    yield server.RequestHandlerClass
    server.shutdown()
    server.server_close()
    clear_url_caches()


def come(client: Client, code: str = "good", **start: str) -> Any:
    """Will go to the provider and come back with a code."""
    there = client.get("/elsewhere/weibo/login/", start)
    assert there.status_code == 302, there.content
    asked = parse_qs(urlsplit(there["Location"]).query)
    assert asked["client_id"] == ["id"] and asked["redirect_uri"][0].endswith("/elsewhere/weibo/login/callback/")
    return client.get("/elsewhere/weibo/login/callback/", {"code": code, "state": asked["state"][0]})


def code_of(client: Client) -> str:
    """The code that went out."""
    ticket = client.session["code_asked"]["ticket"]
    return Message.objects.get(source_key=f"code:{ticket}").values["code"]


def test_a_stranger_joins_and_enters_by_it_afterwards(client: Client, provider: type[Provider]) -> None:
    """Once he says by which address he becomes a member; the provider's token and profile are not kept."""
    assert "Enter with Weibo" in client.get("/login/").content.decode()
    assert come(client)["Location"] == "/join/"
    assert "Weibo knows you" in client.get("/join/").content.decode()
    client.post("/join/", {"address": "eve@example.com", "terms": "on"})
    assert client.post("/enter/code/", {"code": code_of(client)})["Location"] == "/welcome/"
    member = Member.objects.get()
    assert entering.find_by_login("weibo", "4711") == member.id
    page = client.get("/me/security/").content.decode()
    assert "Weibo, linked on" in page and "Link Weibo" not in page
    visitor = Client()
    assert come(visitor, next="/points/")["Location"] == "/points/"
    assert visitor.get("/").status_code == 200
    assert come(Client(), next="https://evil.example/")["Location"] == "/"
    assert not SocialAccount.objects.exists() and not SocialToken.objects.exists()
    assert [path for path, _ in provider.asked][:2] == ["/token", "/profile?access_token=T&uid=4711"]


def test_a_member_links_and_unlinks(browse: Client, ann: Member, provider: type[Provider]) -> None:
    """From his own page; what is linked to another is refused."""
    assert "Link Weibo" in browse.get("/me/security/").content.decode()
    assert come(browse, process="connect")["Location"] == "/me/security/"
    [linked] = entering.linked_logins(ann.id)
    bob = Member.objects.create(number="M26")
    Identity.objects.filter(id=linked.id).update(member=bob)
    come(browse, process="connect")
    assert "linked to another membership" in browse.get("/me/security/").content.decode()
    Identity.objects.filter(id=linked.id).update(member=ann)
    assert browse.post(f"/me/logins/{linked.id}/unlink/")["Location"] == "/me/security/"
    assert entering.linked_logins(ann.id) == []


def test_the_only_way_in_stays(browse: Client, ann: Member, provider: type[Provider]) -> None:
    """A member who is known by nothing else keeps it."""
    come(browse, process="connect")
    ann.identities.filter(kind="email").delete()
    [linked] = entering.linked_logins(ann.id)
    ann.refresh_from_db()
    Account.objects.update(password="!")
    assert ann.account is not None
    browse.force_login(ann.account, backend=site.AUTHENTICATION_BACKENDS[-1])
    browse.post(f"/me/logins/{linked.id}/unlink/")
    assert "It is your only way in" in browse.get("/me/security/").content.decode()
    assert entering.linked_logins(ann.id) == [linked]


def test_what_goes_wrong_is_said(client: Client, provider: type[Provider]) -> None:
    """A code that is not good, a refusal there, a state that is not ours: back at the log-in, nobody is in."""
    assert come(client, code="bad")["Location"] == "/login/"
    assert "Weibo did not let you in" in client.get("/login/").content.decode()
    there = client.get("/elsewhere/weibo/login/")
    state = parse_qs(urlsplit(there["Location"]).query)["state"][0]
    refused = client.get("/elsewhere/weibo/login/callback/", {"error": "access_denied", "state": state})
    forged = client.get("/elsewhere/weibo/login/callback/", {"code": "good", "state": "forged"})
    assert refused["Location"] == forged["Location"] == "/login/"
    assert "_auth_user_id" not in client.session and not Member.objects.exists()


def test_nothing_is_offered_that_is_not_switched_on(client: Client, programme: None) -> None:
    """Without SOCIAL_LOGINS there is no address and no button."""
    assert social.ways() == [] and client.get("/elsewhere/weibo/login/").status_code == 404
    assert "Enter with" not in client.get("/login/").content.decode()


NEEDED = [f"{name}_CLIENT_{part}" for name in ("WEIXIN", "GOOGLE") for part in ("ID", "SECRET")]
WHOLE = {"SOCIAL_LOGINS": "weixin,google", **dict.fromkeys(NEEDED, "x")}


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"SOCIAL_LOGINS": "weixin"}, "WEIXIN_CLIENT_ID is not set. SOCIAL_LOGINS names weixin"),
        ({"SOCIAL_LOGINS": "weixin", "WEIXIN_CLIENT_ID": "x"}, "WEIXIN_CLIENT_SECRET is not set"),
        ({"SOCIAL_LOGINS": "nobody"}, "which nobody offers"),
        ({"SOCIAL_LOGINS": "../etc"}, "which nobody offers"),
        ({"STAFF_SECOND_FACTOR": "maybe"}, "Choose of required, optional"),
        (WHOLE, ""),
    ],
)  # fmt: skip
def test_settings_that_are_not_whole_are_refused_at_start(environment: dict[str, str], words: str) -> None:
    """With what to do; whole ones start, with the providers' addresses."""
    script = (
        "import django; django.setup(); from membership_site import social; print([way[2] for way in social.ways()])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "membership_site.settings", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    if words:
        assert done.returncode and words in done.stderr
    else:
        assert re.search(r"/elsewhere/weixin/login/.*/elsewhere/google/login/", done.stdout), done.stderr
