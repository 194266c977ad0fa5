"""A template, members who may be written to, and a clock that tests set."""

import pytest

from membership_site.flows import starter_templates
from messaging.rules.delivery import Accepted
from tests.conftest import NOON
from tests.messaging import outbox


class Sink:
    """A provider that keeps what it is given, and answers what it is told to."""

    name = "sink"
    is_ours = False

    def __init__(self):
        self.taken = []
        self.answers = []

    def deliver(self, outgoing):
        self.taken.append(outgoing)
        return self.answers.pop(0) if self.answers else Accepted(f"sink-{len(self.taken)}")

    def close(self):
        pass


@pytest.fixture
def sink(monkeypatch):
    """Takes the e-mails that are sent."""
    one = Sink()
    outbox.give_provider(monkeypatch, "email", lambda: one)
    return one


@pytest.fixture
def words(db):
    """The id of a published template version with words for every channel."""
    return outbox.words()


@pytest.fixture
def ann(join):
    """A member who may be written to by every channel."""
    member = join("ann")
    outbox.consent(member.id)
    return member


@pytest.fixture
def templates(db: None) -> None:
    """The starter's topics and templates, published."""
    starter_templates.load(at=NOON, actor="test")
