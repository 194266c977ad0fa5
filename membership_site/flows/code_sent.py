"""Somebody asked for a code to his address: to join, to enter, or to set a new password."""

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from members import actions as members_actions
from members import rules as members_rules
from members.enums import CodePurpose, IdentityKind, Purpose
from members.rules import IdentityValue
from membership_site.flows import member_entry
from messaging import actions as messaging_actions
from messaging.enums import Channel
from messaging.queries import templates

TEMPLATE = "verify_address"
"""The template of the message; its values are code, minutes, and is_member: that he need not join again."""

ACTOR = "portal"
CHANNELS = {IdentityKind.EMAIL: Channel.EMAIL, IdentityKind.PHONE: Channel.SMS}


@transaction.atomic
def send(
    *,
    identity: IdentityValue,
    purpose: CodePurpose,
    at: dt.datetime,
    wishes: Mapping[str, Any] | None = None,
    language: str = "",
) -> uuid.UUID:
    """Will send a code to an address if there is somebody to send it to, and return the ticket of who asked anyway.

    Who joins by an address that is known gets a code as well, by which he enters: only the address learns of it.
    """
    if purpose == CodePurpose.JOIN:
        member_entry.take_turns_of([identity.value])
        members_actions.await_member(identity=identity, language=language, at=at, actor=ACTOR)
    made = members_actions.make_code(identity=identity, purpose=purpose, wishes=wishes or {}, at=at, actor=ACTOR)
    words = templates.published_version(TEMPLATE)
    if made.member_id is not None:
        messaging_actions.enqueue(
            member_id=made.member_id,
            channel=CHANNELS[identity.kind],
            source_key=f"code:{made.ticket}",
            purpose=Purpose.SERVICE,
            template_version_id=words.version_id if words else None,
            values={"code": made.code, "minutes": members_rules.CODE_MINUTES, "is_member": made.is_member},
            at=at,
            actor=ACTOR,
        )
    return made.ticket
