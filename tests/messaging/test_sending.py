"""Sending: each message once, to whom it may go, when it may, and a reason for each that does not."""

import datetime as dt

import pytest

from tests.messaging.outbox import put, send, state_of

pytestmark = pytest.mark.django_db
NIGHT = dt.datetime(2026, 3, 3, 15, 0, tzinfo=dt.UTC)
"""Eleven at night in Shanghai."""


def test_a_message_goes_out_once(ann, words, sink, noon):
    message = put(ann.id, words)
    assert put(ann.id, words).id == message.id
    assert not send()
    assert not send()
    [outgoing] = sink.taken
    assert outgoing.addresses == ("ann@example.com",)
    assert outgoing.parts["subject"] == "Hello Ann"
    assert "/m/c/" in outgoing.parts["html"]
    assert state_of(message) == "sent"
    assert (message.provider, message.provider_id, message.language) == ("sink", "sink-1", "en")
    assert (message.sent_at, message.attempts) == (noon, 1)
