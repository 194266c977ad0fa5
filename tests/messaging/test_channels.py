"""The other channels: files, the shop's SMS gateway, signed webhooks, web push; and what they never speak to."""

import base64
import dataclasses
import datetime as dt
import http.server
import json
import threading

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from members.models import Identity
from messaging.channels.sms.providers.gateway import Gateway
from messaging.channels.webhook import rules as webhook_rules
from messaging.channels.webhook.providers import Webhook
from messaging.enums import Channel
from messaging.models import PushSubscription
from messaging.providers import web
from messaging.providers.faulty import BadFaults, Faulty, faults_from
from messaging.providers.web import Forbidden, NoAnswer, NotSent, post
from messaging.rules.addresses import address_hash, is_public
from messaging.rules.delivery import Accepted, Deferred, Outgoing, Refused, Unknown
from tests.conftest import NOON
from tests.messaging.outbox import put, send, state_of

SECRET = "whsec_" + base64.b64encode(b"0123456789abcdef01234567").decode()
OUTGOING = Outgoing(
    message_id=1, token="6f1b9a54-0000-4000-8000-000000000001", member_id=1, member_number="M1",
    addresses=("+8613800138000",), parts={"text": "Hello", "json": '{"hello": "Ann"}'}, language="en",
    is_marketing=True, at=NOON,
)  # fmt: skip
HERE = ("127.0.0.1",)


class Gate:
    """A web server of this machine that answers as it is told, and keeps what it was asked."""

    def __init__(self):
        self.asked, self.status, self.body, self.headers = [], 200, b"{}", {}
        gate = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                gate.asked.append((self.path, dict(self.headers), body))
                if gate.status == 0:
                    self.connection.close()
                    return
                self.send_response(gate.status)
                for name, value in gate.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(gate.body)

            def log_message(self, *args):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/in?a=1"


@pytest.fixture
def gate():
    """A web server that answers as it is told."""
    one = Gate()
    yield one
    one.server.shutdown()
    one.server.server_close()


@pytest.mark.parametrize(
    ("status", "outcome"),
    [(200, Accepted), (202, Accepted), (400, Refused), (401, Refused), (429, Deferred), (503, Deferred),
     (500, Unknown), (504, Unknown), (302, Refused), (0, Unknown)],
)  # fmt: skip
def test_the_shops_own_sms_gateway(gate, status, outcome):
    gate.status, gate.body, gate.headers = status, b'{"id": "sms-1"}', {"Location": "http://127.0.0.1:1/"}
    found = Gateway(gate.url, "key", HERE).deliver(OUTGOING)
    assert isinstance(found, outcome), found
    path, headers, body = gate.asked[0]
    assert len(gate.asked) == 1, "nothing is followed"
    assert (path, headers["Authorization"], headers["Idempotency-Key"]) == ("/in?a=1", "Bearer key", OUTGOING.token)
    assert json.loads(body) == {"to": "+8613800138000", "text": "Hello", "language": "en", "token": OUTGOING.token}
    if outcome is Accepted:
        assert found.provider_id == "sms-1"


def test_a_number_that_does_not_exist_bounces(gate):
    gate.status = 404
    assert Gateway(gate.url, "key", HERE).deliver(OUTGOING).bounces


def test_a_webhook_is_signed_and_comes_again_under_the_same_id(gate):
    other = "whsec_" + base64.b64encode(b"another-secret-of-32-bytes-here!").decode()
    provider = Webhook(gate.url, (SECRET, other), HERE)
    assert provider.deliver(OUTGOING) == Accepted(OUTGOING.token)
    _, headers, body = gate.asked[0]
    headers = {name.lower(): value for name, value in headers.items()}
    assert headers["webhook-id"] == OUTGOING.token
    stamp = int(headers["webhook-timestamp"])
    assert stamp == int(NOON.timestamp())
    for secret in (SECRET, other):
        [one] = webhook_rules.signatures((secret,), OUTGOING.token, stamp, body).split()
        assert one in headers["webhook-signature"].split()
    assert json.loads(body)["data"]["content"] == {"hello": "Ann"}
    for status, outcome in ((500, Deferred), (302, Deferred), (0, Deferred), (410, Refused)):
        gate.status = status
        assert isinstance(provider.deliver(OUTGOING), outcome)


def test_the_signature_is_that_of_the_specification():
    """The example of Standard Webhooks 1.0.0."""
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    signed = webhook_rules.signatures((secret,), "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    for wrong in ("whsec_", "whsec_%%%", "whsec_" + base64.b64encode(b"short").decode()):
        with pytest.raises(webhook_rules.BadSecret):
            webhook_rules.key_from(wrong)


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.0.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "::1", "fe80::1", "fc00::1",
     "::ffff:10.0.0.1", "224.0.0.1", "100.64.0.1", "2002:7f00:1::"],
)  # fmt: skip
def test_addresses_inside_a_network_are_not_public(address):
    assert not is_public(address)
    assert is_public("93.184.215.14")


def test_nothing_inside_is_spoken_to(gate, monkeypatch):
    for url in (gate.url, gate.url.replace("http:", "https:"), "ftp://example.com", "https:///x", "file:///etc/passwd"):
        with pytest.raises(Forbidden):
            post(url, b"{}", {})
    monkeypatch.setattr(web.socket, "getaddrinfo", lambda *a, **k: [(2, 1, 6, "", ("10.0.0.8", 443))])
    with pytest.raises(Forbidden, match="inside a network"):
        post("https://innocent.example.com/", b"{}", {})
    assert isinstance(Gateway("https://innocent.example.com/", "k", ()).deliver(OUTGOING), Refused)
    assert gate.asked == []


def test_what_cannot_be_found_or_reached_was_not_sent(gate):
    with pytest.raises(NotSent):
        post("https://no-such-host.invalid/", b"{}", {})
    gate.server.shutdown()
    gate.server.server_close()
    with pytest.raises(NotSent):
        post(gate.url, b"{}", {}, HERE)
    assert isinstance(Gateway(gate.url, "k", HERE).deliver(OUTGOING), Deferred)


def test_whoever_says_nothing_leaves_it_open(gate, monkeypatch):
    gate.status = 0
    with pytest.raises(NoAnswer):
        post(gate.url, b"{}", {}, HERE)


@pytest.fixture
def vapid(settings):
    """Keys for web push."""
    key = ec.generate_private_key(ec.SECP256R1())
    settings.VAPID_PRIVATE_KEY = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    settings.VAPID_PUBLIC_KEY = (
        key.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode()
    )
    settings.VAPID_SUBJECT, settings.MESSAGE_PUSH = "club@example.com", "vapid"
    settings.MESSAGE_HOSTS_ALLOWED = list(HERE)


def browser(member, url, number=1):
    """Will let a browser of a member be pushed to."""
    point = ec.generate_private_key(ec.SECP256R1()).public_key()
    raw = point.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    keys = {
        "p256dh": base64.urlsafe_b64encode(raw).rstrip(b"=").decode(),
        "auth": base64.urlsafe_b64encode(b"0123456789abcdef").rstrip(b"=").decode(),
    }
    return PushSubscription.objects.create(member=member, endpoint=f"{url}&n={number}", keys=keys, created_at=NOON)


@pytest.mark.django_db
def test_push_reaches_every_browser_and_forgets_those_that_are_gone(ann, words, gate, vapid):
    browsers = [browser(ann, gate.url, number) for number in (1, 2)]
    message = put(ann.id, words, channel=Channel.PUSH)
    gate.status = 201
    send()
    assert state_of(message) == "sent"
    assert len(gate.asked) == 2
    headers = {name.lower(): value for name, value in gate.asked[0][1].items()}
    assert headers["content-encoding"] == "aes128gcm"
    assert headers["authorization"].startswith(("vapid", "WebPush"))
    assert b"Hello" not in gate.asked[0][2]
    gate.status = 410
    gone = put(ann.id, words, key="k2", channel=Channel.PUSH)
    send()
    assert state_of(gone) == ("failed", "refused")
    assert not PushSubscription.objects.filter(ended_at=None).exists()
    nobody = put(ann.id, words, key="k3", channel=Channel.PUSH, at=NOON + dt.timedelta(seconds=1))
    send(at=NOON + dt.timedelta(seconds=1))
    assert state_of(nobody) == ("skipped", "no_address")
    assert len(browsers) == 2


@pytest.mark.django_db
def test_push_and_webhook_are_off_until_they_are_set_up(ann, words, settings):
    settings.MESSAGE_PUSH, settings.MESSAGE_WEBHOOK_URL = "off", ""
    browser(ann, "https://push.example.com/?x=1")
    for channel in (Channel.PUSH, Channel.WEBHOOK):
        message = put(ann.id, words, channel=channel)
        send()
        assert state_of(message) == ("skipped", "no_address")


@pytest.mark.django_db
def test_files_and_gateway_and_webhook_by_their_settings(ann, words, gate, settings, tmp_path):

    Identity.objects.create(member=ann, kind="phone", value="+8613800138000")
    settings.MESSAGE_FOLDER, settings.MESSAGE_EMAIL, settings.MESSAGE_SMS = str(tmp_path), "file", "file"
    settings.MESSAGE_WEBHOOK_URL, settings.MESSAGE_WEBHOOK_SECRETS = gate.url, [SECRET]
    settings.MESSAGE_HOSTS_ALLOWED = list(HERE)
    messages = [put(ann.id, words, channel=one) for one in (Channel.EMAIL, Channel.SMS, Channel.WEBHOOK)]
    send()
    assert [state_of(one) for one in messages] == ["sent"] * 3
    assert {path.suffix for path in tmp_path.rglob("*.*")} == {".eml", ".txt"}
    assert len(gate.asked) == 1
    settings.MESSAGE_SMS, settings.MESSAGE_SMS_URL, settings.MESSAGE_SMS_KEY = "http", gate.url, "key"
    settings.MESSAGE_EMAIL = "console"
    more = [put(ann.id, words, channel=one, key="k2") for one in (Channel.EMAIL, Channel.SMS)]
    send()
    assert [state_of(one) for one in more] == ["sent"] * 2


def test_faults_are_drawn_by_their_shares():
    shares = faults_from("seed=3,deferred=0.1,refused=0.1,bounced=0.1,unknown=0.1")
    outgoing = [dataclasses.replace(OUTGOING, token=str(number)) for number in range(2000)]
    first = [Faulty(shares).deliver(one) for one in outgoing]
    assert first == [Faulty(shares).deliver(one) for one in outgoing]
    for kind in (Deferred, Unknown):
        assert 140 < sum(isinstance(one, kind) for one in first) < 260
    assert 1100 < sum(isinstance(one, Accepted) for one in first) < 1300
    assert sum(isinstance(one, Refused) and one.bounces for one in first) > 140
    for wrong in ("tired=0.1", "deferred=x", "deferred=0.6,unknown=0.6"):
        with pytest.raises(BadFaults):
            faults_from(wrong)


def test_one_address_has_one_hash():
    key = b"key"
    assert address_hash(key, "email", " Ann@Example.com") == address_hash(key, "email", "ann@example.com")
    assert address_hash(key, "sms", "+86 138 0013 8000") == address_hash(key, "sms", "8613800138000")
    assert address_hash(key, "email", "a@b.c") != address_hash(b"other", "email", "a@b.c")
    assert len(address_hash(key, "email", "a@b.c")) == 32
