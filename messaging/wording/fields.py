"""What the fields of templates hold, in words, for whoever writes one."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy as _p

from messaging.enums import Channel
from messaging.rules.fields import CATALOGUE, Group, examples
from messaging.wording.rendering import render

ABOUTS: Mapping[str, str | Promise] = {
    "name": _p("field of a message", "the member’s name"),
    "first_name": _p("field of a message", "the member’s first name; of a Chinese name all of it"),
    "number": _p("field of a message", "the member’s number"),
    "programme_name": _p("field of a message", "what the programme is called"),
    "joined_on": _p("field of a message", "the date on which the member joined"),
    "birthday_month": _p("field of a message", "the month of the member’s birthday, 1 to 12"),
    "tier": _p("field of a message", "the tier held"),
    "tier_until": _p("field of a message", "the last date on which the tier is valid"),
    "next_tier": _p("field of a message", "the next tier above"),
    "to_next_tier": _p("field of a message", "how much more spending reaches it"),
    "points": _p("field of a message", "points that can be spent"),
    "points_worth": _p("field of a message", "what they take off an order"),
    "points_expiring": _p("field of a message", "points that end first"),
    "points_expiring_on": _p("field of a message", "the last date on which those can be used"),
    "growth": _p("field of a message", "growth value"),
    "coupons_ready": _p("field of a message", "how many coupons can be used now"),
    "coupons": _p("field of a message", "coupons that end some day: name, until"),
    "from_tier": _p("field of a message", "the tier before a change"),
    "to_tier": _p("field of a message", "the tier after a change"),
    "valid_until": _p("field of a message", "the last date of what the message tells of"),
    "falls_on": _p("field of a message", "the last date on which the tier is held, grace included"),
    "days_before": _p("field of a message", "how many days are left"),
    "more_spend": _p("field of a message", "how much more spending keeps the tier"),
    "more_orders": _p("field of a message", "how many more orders keep the tier"),
    "points_given": _p("field of a message", "points that were given"),
    "points_taken": _p("field of a message", "points that were taken back"),
    "points_spent": _p("field of a message", "points that were spent"),
    "points_ending": _p("field of a message", "points that end on a date"),
    "ends_on": _p("field of a message", "that date"),
    "order_number": _p("field of a message", "the number of the order"),
    "order_amount": _p("field of a message", "what the order came to"),
    "refund_amount": _p("field of a message", "what was refunded"),
    "reward_name": _p("field of a message", "the reward"),
    "coupon_name": _p("field of a message", "what the coupon gives"),
    "coupon_code": _p("field of a message", "the coupon’s code"),
    "coupon_until": _p("field of a message", "the last date on which the coupon can be used"),
    "multiplier": _p("field of a message", "how many times the points are given"),
    "starts_on": _p("field of a message", "the date on which it begins"),
    "verify_url": _p("field of a message", "the address that confirms an e-mail address"),
    "unsubscribe_url": _p("field of a message", "the address of the page that unsubscribes"),
    "preferences_url": _p("field of a message", "the address of the page of choices"),
    "inbox_url": _p("field of a message", "the address of the member’s inbox"),
    "open_url": _p("field of a message", "the picture that tells of an opened message"),
}

GROUPS: Mapping[Group, str | Promise] = {
    Group.MEMBER: _p("fields of a message", "Of the member"),
    Group.MESSAGE: _p("fields of a message", "Of what caused the message"),
    Group.SENDING: _p("fields of a message", "Of the sending"),
}

CHANNELS: Mapping[Channel, str | Promise] = {
    Channel.EMAIL: _p("channel", "E-mail"),
    Channel.INBOX: _p("channel", "Inbox"),
    Channel.SMS: _p("channel", "Text message"),
    Channel.PUSH: _p("channel", "Notification"),
    Channel.WEBHOOK: _p("channel", "Call to another system"),
}


def channel_words(channel: Channel) -> str:
    """Will name a channel."""
    return str(CHANNELS[channel])


def field_words(code: str) -> str:
    """Will say what a field holds."""
    return str(ABOUTS[code])


def group_words(group: Group) -> str:
    """Will say who knows the fields of a group."""
    return str(GROUPS[group])


def example_words(code: str, language: str) -> str:
    """Will write the example of a field as a message would; empty for a list."""
    if CATALOGUE[code].items:
        return ""
    return render({"text": f"{{{{ {code} }}}}"}, examples(language, [code]), language)["text"]
