"""Flow: the link by which somebody of the staff chooses a password goes out by mail, or is handed over."""

from pathlib import Path
from typing import Any

import pytest

from membership_site.flows import staff_invited
from tests.conftest import NOON
from tests.messaging.test_smtp import Scripted


def _send() -> bool:
    words = {"subject": "You are invited", "text": "https://club.example.com/console/invited/x/"}
    return staff_invited.send_link(address="eve@staff.example", language="en", at=NOON, **words)


def test_it_goes_by_the_server_that_takes_all_mail(settings: Any) -> None:
    """Once for each press: a second link is a second letter."""
    server = Scripted()
    settings.MESSAGE_EMAIL, settings.MESSAGE_SMTP_URL = "smtp", f"smtp://127.0.0.1:{server.port}?tls=off"
    assert _send() and _send()
    assert len(server.letters) == 2 and all(b"/console/invited/x/" in letter for letter in server.letters)


@pytest.mark.parametrize("answers", [{"rcpt": "550 nobody here"}, {"greet": "554 go away"}])
def test_what_no_server_took_is_said(settings: Any, answers: dict[str, str]) -> None:
    """So that somebody hands the link over."""
    server = Scripted(**answers)
    settings.MESSAGE_EMAIL, settings.MESSAGE_SMTP_URL = "smtp", f"smtp://127.0.0.1:{server.port}?tls=off"
    assert not _send() and not server.letters


def test_what_is_only_written_down_was_not_sent(settings: Any, tmp_path: Path) -> None:
    """It lies in the folder, and reaches nobody."""
    settings.MESSAGE_EMAIL, settings.MESSAGE_FOLDER = "file", str(tmp_path)
    assert not _send()
    assert len(list(tmp_path.rglob("*.eml"))) == 1
