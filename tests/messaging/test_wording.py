"""Whatever can become of a message has words, in every language."""

import pytest
from django.conf import settings
from django.utils import translation

from messaging.enums import Channel, DispatchState, MessageEventKind, MessageState, Reason, SuppressionCause
from messaging.wording import outcomes, pauses
from messaging.wording.fields import channel_words


@pytest.mark.parametrize("language", [code for code, _ in settings.LANGUAGES])
def test_everything_has_words(language):
    with translation.override(language):
        said = [
            *map(channel_words, Channel),
            *map(outcomes.dispatch_words, DispatchState),
            *map(outcomes.state_words, MessageState),
            *map(outcomes.reason_words, Reason),
            *map(outcomes.cause_words, SuppressionCause),
            *map(outcomes.event_words, MessageEventKind),
            *(outcomes.why_not(reason, "", {}) for reason in Reason),
            outcomes.why_not("frequency_cap", "email/-/4/7", {}),
            outcomes.why_not("missing_value", "gift", {}),
        ]
    assert all(said)
    if language != "en":
        assert sum(one.isascii() for one in said) <= 3, [one for one in said if one.isascii()]


def test_a_cap_is_said_with_its_numbers():
    assert "At most 2 messages a day: E-mail, any topic." in outcomes.why_not("frequency_cap", "email/-/2/1", {})
    assert "4 messages" in outcomes.why_not("frequency_cap", "email/-/4/7", {})
    assert outcomes.cause_words("complained") in outcomes.why_not("suppressed", "complained", {})
    assert outcomes.why_not("", "", {}) == ""


def test_a_pause_is_said_in_the_houses_language():
    with translation.override("zh-hans"):
        assert pauses.why_paused("errors", count=1, text="421") == (
            "1 message in a row could not be handed over. The last time the provider said: 421"
        )
