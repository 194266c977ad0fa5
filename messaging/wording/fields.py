"""What the fields of templates hold, in words, for whoever writes one."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from messaging.enums import Channel
from messaging.rules.fields import CATALOGUE, Group, examples
from messaging.wording.rendering import render

ABOUTS: Mapping[str, str | Promise] = {
    "name": pgettext_lazy("field of a message", "the member’s name"),
    "first_name": pgettext_lazy("field of a message", "the member’s first name; of a Chinese name all of it"),
    "number": pgettext_lazy("field of a message", "the member’s number"),
    "programme_name": pgettext_lazy("field of a message", "what the programme is called"),
    "joined_on": pgettext_lazy("field of a message", "the date on which the member joined"),
    "birthday_month": pgettext_lazy("field of a message", "the month of the member’s birthday, 1 to 12"),
    "tier": pgettext_lazy("field of a message", "the tier held"),
    "tier_until": pgettext_lazy("field of a message", "the last date on which the tier is valid"),
    "next_tier": pgettext_lazy("field of a message", "the next tier above"),
    "to_next_tier": pgettext_lazy("field of a message", "how much more spending reaches it"),
    "points": pgettext_lazy("field of a message", "points that can be spent"),
    "points_worth": pgettext_lazy("field of a message", "what they take off an order"),
    "points_expiring": pgettext_lazy("field of a message", "points that end first"),
    "points_expiring_on": pgettext_lazy("field of a message", "the last date on which those can be used"),
    "growth": pgettext_lazy("field of a message", "growth value"),
    "coupons_ready": pgettext_lazy("field of a message", "how many coupons can be used now"),
    "coupons": pgettext_lazy("field of a message", "coupons that end some day: name, until"),
    "from_tier": pgettext_lazy("field of a message", "the tier before a change"),
    "to_tier": pgettext_lazy("field of a message", "the tier after a change"),
    "valid_until": pgettext_lazy("field of a message", "the last date of what the message tells of"),
    "falls_on": pgettext_lazy("field of a message", "the last date on which the tier is held, grace included"),
    "days_before": pgettext_lazy("field of a message", "how many days are left"),
    "more_spend": pgettext_lazy("field of a message", "how much more spending keeps the tier"),
    "more_orders": pgettext_lazy("field of a message", "how many more orders keep the tier"),
    "points_given": pgettext_lazy("field of a message", "points that were given"),
    "points_taken": pgettext_lazy("field of a message", "points that were taken back"),
    "points_spent": pgettext_lazy("field of a message", "points that were spent"),
    "points_ending": pgettext_lazy("field of a message", "points that end on a date"),
    "ends_on": pgettext_lazy("field of a message", "that date"),
    "order_number": pgettext_lazy("field of a message", "the number of the order"),
    "order_amount": pgettext_lazy("field of a message", "what the order came to"),
    "refund_amount": pgettext_lazy("field of a message", "what was refunded"),
    "reward_name": pgettext_lazy("field of a message", "the reward"),
    "coupon_name": pgettext_lazy("field of a message", "what the coupon gives"),
    "coupon_code": pgettext_lazy("field of a message", "the coupon’s code"),
    "coupon_until": pgettext_lazy("field of a message", "the last date on which the coupon can be used"),
    "multiplier": pgettext_lazy("field of a message", "how many times the points are given"),
    "starts_on": pgettext_lazy("field of a message", "the date on which it begins"),
    "code": pgettext_lazy("field of a message", "the code that proves an address"),
    "minutes": pgettext_lazy("field of a message", "how many minutes the code is good for"),
    "unsubscribe_url": pgettext_lazy("field of a message", "the address of the page that unsubscribes"),
    "preferences_url": pgettext_lazy("field of a message", "the address of the page of choices"),
    "satisfaction_url": pgettext_lazy("field of a message", "the address of the page that asks how satisfied he is"),
    "recommendation_url": pgettext_lazy(
        "field of a message", "the address of the page that asks whether he would recommend us"
    ),
    "inbox_url": pgettext_lazy("field of a message", "the address of the member’s inbox"),
    "open_url": pgettext_lazy("field of a message", "the picture that tells of an opened message"),
}

GROUPS: Mapping[Group, str | Promise] = {
    Group.MEMBER: pgettext_lazy("fields of a message", "Of the member"),
    Group.MESSAGE: pgettext_lazy("fields of a message", "Of what caused the message"),
    Group.SENDING: pgettext_lazy("fields of a message", "Of the sending"),
}

CHANNELS: Mapping[Channel, str | Promise] = {
    Channel.EMAIL: pgettext_lazy("channel", "E-mail"),
    Channel.INBOX: pgettext_lazy("channel", "Inbox"),
    Channel.SMS: pgettext_lazy("channel", "Text message"),
    Channel.PUSH: pgettext_lazy("channel", "Notification"),
    Channel.WEBHOOK: pgettext_lazy("channel", "Call to another system"),
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
