"""Handing over by SMTP, whatever the server does: what was certainly not taken is told from what nobody can tell."""

import dataclasses
import email
import email.policy
import socket
import threading

import pytest

from messaging.channels.email.providers import mime
from messaging.channels.email.providers.smtp import BadServer, Server, Smtp, server_from
from messaging.rules.delivery import Accepted, Deferred, Outgoing, Refused, Unknown
from tests.conftest import NOON

OUTGOING = Outgoing(
    message_id=1, token="6f1b9a54-0000-4000-8000-000000000001", member_id=1, member_number="M1",
    addresses=("ann@example.com",), parts={"subject": "Hello", "text": "Hello\n.\nAnn", "html": "<p>Hello</p>"},
    language="en", is_marketing=True, at=NOON, unsubscribe_url="https://club.example.com/m/u/abc",
)  # fmt: skip


AT_ONCE = "250-here\r\n250 PIPELINING"


class Scripted:
    """A mail server that follows a script: what it answers to each command, or None to drop the line."""

    def __init__(self, **script):
        self.script = {"greet": "220 here", "data": "354 go on", "end": "250 taken"} | script
        self.letters, self.asked, self.lines = [], [], 0
        self.socket = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def port(self):
        return self.socket.getsockname()[1]

    def _serve(self):
        while True:
            line, _ = self.socket.accept()
            self.lines += 1
            threading.Thread(target=self._talk, args=(line,), daemon=True).start()

    def _talk(self, line):
        said = line.makefile("rwb", buffering=0)
        said.write(f"{self.script['greet']}\r\n".encode())
        for raw in said:
            self.asked.append(raw.decode().strip())
            verb = raw.split()[0].decode().lower()
            answer = self.script.get(verb.rstrip(":"), "250 well")
            if not self._answer(line, said, answer):
                return
            if verb == "data" and answer.startswith("354"):
                letter = b""
                while not letter.endswith(b"\r\n.\r\n"):
                    if not (more := said.read(1)):
                        return
                    letter += more
                self.letters.append(letter)
                if not self._answer(line, said, self.script["end"]):
                    return

    @staticmethod
    def _answer(line, said, answer):
        if answer == "silence":
            threading.Event().wait(3)
            return False
        if answer is None or answer == "":
            line.shutdown(socket.SHUT_RDWR)
            line.close()
            return False
        said.write(f"{answer}\r\n".encode())
        return True


def smtp(server):
    """Will return a provider that hands over to a server."""
    where = Server("127.0.0.1", server.port, wants_tls=False)
    return Smtp(where, "club@example.com", lambda one: mime.letter(one, "Club <club@example.com>"), timeout=0.5)


@pytest.mark.parametrize(
    ("script", "outcome"),
    [
        ({}, Accepted()),
        ({"greet": "421 too many"}, Deferred),
        ({"mail": "421 closing"}, Deferred),
        ({"mail": "452 no room"}, Deferred),
        ({"mail": "550 not you"}, Refused),
        ({"rcpt": "450 greylisted"}, Deferred),
        ({"rcpt": "550 no such user"}, Refused),
        ({"rcpt": "554 policy"}, Refused),
        ({"rcpt": ""}, Deferred),
        ({"rcpt": "silence"}, Deferred),
        ({"data": "451 later"}, Deferred),
        ({"data": "554 no"}, Refused),
        ({"end": "421 closing"}, Deferred),
        ({"end": "452 no room"}, Deferred),
        ({"end": "550 spam"}, Refused),
        ({"end": ""}, Unknown),
        ({"end": "silence"}, Unknown),
    ],
)
@pytest.mark.parametrize("ehlo", ["250 here", AT_ONCE])
def test_faults(script, outcome, ehlo):
    server = Scripted(**script, ehlo=ehlo)
    found = smtp(server).deliver(OUTGOING)
    if isinstance(outcome, type):
        assert isinstance(found, outcome), found
    else:
        assert found == outcome
    if isinstance(found, Refused):
        assert found.bounces == (script.get("rcpt") == "550 no such user")


def test_one_line_serves_many_and_a_refusal_does_not_end_it():
    server = Scripted()
    provider = smtp(server)
    assert provider.deliver(OUTGOING) == Accepted()
    server.script["rcpt"] = "550 no such user"
    assert isinstance(provider.deliver(OUTGOING), Refused)
    server.script["rcpt"] = "250 well"
    assert provider.deliver(OUTGOING) == Accepted()
    assert server.lines == 1
    server.script["rcpt"] = ""
    assert isinstance(provider.deliver(OUTGOING), Deferred)
    server.script["rcpt"] = "250 well"
    assert provider.deliver(OUTGOING) == Accepted()
    assert server.lines == 2
    provider.close()


def test_a_server_that_takes_it_is_asked_all_at_once_and_nobody_gets_words_in_vain():
    server = Scripted(ehlo=AT_ONCE)
    provider = smtp(server)
    assert provider.deliver(OUTGOING) == Accepted()
    server.script |= {"rcpt": "550 no such user", "data": "503 nobody to send to"}
    assert provider.deliver(OUTGOING) == Refused("550 no such user", bounces=True)
    server.script |= {"mail": "451 later", "rcpt": "503 who are you"}
    assert provider.deliver(OUTGOING) == Deferred("451 later")
    server.script |= {"mail": "250 well", "rcpt": "250 well", "data": "354 go on"}
    assert provider.deliver(OUTGOING) == Accepted()
    assert server.lines == 1
    server.script["rcpt"] = "550 no such user"
    assert provider.deliver(OUTGOING) == Refused("550 no such user", bounces=True)
    server.script["rcpt"] = "250 well"
    assert provider.deliver(OUTGOING) == Accepted()
    assert server.lines == 2
    assert len(server.letters) == 3
    provider.close()


@pytest.mark.parametrize("address", ["ann@example.com\r\nRCPT TO:<x@example.com>", "änn@example.com"])
def test_an_address_that_no_server_takes_is_refused_before_anything_is_said(address):
    server = Scripted()
    where = Server("127.0.0.1", server.port, wants_tls=False)
    found = Smtp(where, "club@example.com", lambda one: b"x").deliver(
        dataclasses.replace(OUTGOING, addresses=(address,))
    )
    assert isinstance(found, Refused) and not found.bounces
    assert not [one for one in server.asked if one.startswith(("MAIL", "RCPT"))]


def test_nobody_listens():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    found = Smtp(Server("127.0.0.1", port), "club@example.com", lambda one: b"", timeout=0.5).deliver(OUTGOING)
    assert isinstance(found, Deferred)


def read(letter):
    """Will read a letter as a mail program does."""
    return email.message_from_bytes(letter, policy=email.policy.default)


def test_a_letter_says_who_and_what_and_how_to_end_it():
    server = Scripted()
    smtp(server).deliver(OUTGOING)
    [raw] = server.letters
    assert b"\r\n..\r\n" in raw
    found = read(raw.replace(b"\r\n..", b"\r\n.").removesuffix(b".\r\n"))
    assert found["From"] == "Club <club@example.com>"
    assert found["To"] == "ann@example.com"
    assert found["Message-ID"] == "<6f1b9a54-0000-4000-8000-000000000001@localhost>"
    assert found["List-Unsubscribe"] == "<https://club.example.com/m/u/abc>"
    assert found["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert found.get_body(("plain",)).get_content().splitlines() == ["Hello", ".", "Ann"]
    assert found.get_body(("html",)).get_content().strip() == "<p>Hello</p>"


def test_a_letter_in_chinese_and_a_service_message():
    said = "您好，" * 60
    parts = {"subject": said, "text": said * 20, "html": ""}
    one = dataclasses.replace(OUTGOING, parts=parts, is_marketing=False)
    raw = mime.letter(one, "会员 <club@example.com>", reply_to="help@example.com")
    assert raw.isascii()
    assert max(map(len, raw.splitlines())) < 1000
    found = read(raw)
    assert found["Subject"] == said
    assert found["From"] == "会员 <club@example.com>"
    assert found["Reply-To"] == "help@example.com"
    assert found["List-Unsubscribe"] is None
    assert found.get_content().strip() == said * 20


@pytest.mark.parametrize("before", ["", "<html>\n", ".\n", "a · b\n"])
def test_a_long_line_is_folded_and_reads_as_it_was(before):
    said = before + '<td style="margin: 0">' * 200 + "\n. \n.dot\n" + "x" * 76 + "\n" + "y" * 1000
    raw = mime.letter(
        dataclasses.replace(OUTGOING, parts={"subject": "Hi", "text": "a", "html": said}), "c@example.com"
    )
    assert raw.count(b"\n") == raw.count(b"\r\n") > 50
    assert max(map(len, raw.splitlines())) <= 200
    assert b"base64" not in raw
    assert read(raw).get_body(("html",)).get_content().splitlines() == said.splitlines()


@pytest.mark.parametrize(
    ("address", "named"),
    [("ann@example.com", "<ann@example.com>"), ("Ann <ann@example.com>", "<ann@example.com>"), ("<a@b.c>", "<a@b.c>")],
)
def test_an_address_in_the_envelope(address, named):
    server = Scripted()
    smtp(server).deliver(dataclasses.replace(OUTGOING, addresses=(address,)))
    assert f"RCPT TO:{named}" in server.asked


@pytest.mark.parametrize("field", ["addresses", "subject", "unsubscribe_url"])
def test_no_header_can_be_slipped_in(field):
    bad = "x\r\nBcc: everybody@example.com"
    changes = {
        "addresses": {"addresses": (bad,)},
        "subject": {"parts": {"subject": bad, "text": "x"}},
        "unsubscribe_url": {"unsubscribe_url": bad},
    }[field]
    one = dataclasses.replace(OUTGOING, **changes)
    if field == "subject":
        assert read(mime.letter(one, "club@example.com"))["Bcc"] is None
    else:
        with pytest.raises(mime.BadHeader):
            mime.letter(one, "club@example.com")
        found = smtp(Scripted()).deliver(one)
        assert isinstance(found, Refused)


def test_how_a_server_is_named():
    assert server_from("smtp://u%40x:p@mail.example.com") == Server("mail.example.com", 587, "u@x", "p")
    assert server_from("smtps://mail.example.com").port == 465
    assert server_from("smtp://127.0.0.1:25?tls=off").wants_tls is False
    with pytest.raises(BadServer):
        server_from("mail.example.com")
