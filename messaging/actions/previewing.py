"""Showing a message as one member would get it: a look at his data, and so a row in the audit log."""

import datetime as dt

from django.db import transaction

from kit import audit
from members import queries as members_queries
from messaging.enums import Channel
from messaging.queries.merging import values_for
from messaging.queries.previews import Previewed, preview_with
from messaging.rules.content import Words


@transaction.atomic
def preview_as(
    *,
    member_number: str,
    words: Words,
    channel: Channel,
    language: str,
    is_marketing: bool,
    template_id: int,
    at: dt.datetime,
    actor: str,
) -> Previewed:
    """Will write words as a member would read them, and note in the audit log who looked at whom.

    What only a happening or the sender knows is taken from the catalogue's examples. Raises members' UnknownMember.
    """
    member = members_queries.get_member(member_number)
    values = values_for([member.id], {member.id: language}, at)[member.id]
    audit.record(
        at=at,
        actor=actor,
        deed="message.previewed",
        subject=f"member:{member.id}",
        becomes={"template": template_id, "channel": channel.value, "language": language},
    )
    return preview_with(values, words=words, channel=channel, language=language, is_marketing=is_marketing)
