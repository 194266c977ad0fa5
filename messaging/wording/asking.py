"""Messaging's questions in words: the sentences that members agree to; each is kept as it was shown."""

from django.utils.translation import gettext_lazy as _

from kit import programme
from messaging.enums import Channel

ASKS = {
    Channel.EMAIL: _("I agree to news and offers of %(programme)s by e-mail. I can stop them at any time."),
    Channel.SMS: _("I agree to news and offers of %(programme)s by text message. I can stop them at any time."),
    Channel.INBOX: _(
        "I agree to news and offers of %(programme)s in my inbox on these pages. I can stop them at any time."
    ),
    Channel.PUSH: _(
        "I agree to news and offers of %(programme)s as notifications of my browser. I can stop them at any time."
    ),
}


def ask_text(channel: Channel) -> str:
    """Will return the sentence by which somebody agrees to a channel, in the language that is being spoken."""
    return str(ASKS[channel]) % {"programme": programme.name()}
