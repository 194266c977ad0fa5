"""Showing a message of the outbox again as it would read now: a look at a member's data, and so in the audit log."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from kit import audit
from messaging.models import Message
from messaging.queries.merging import values_for
from messaging.queries.previews import NO_PICTURE, Previewed
from messaging.queries.templates import compiled_of
from messaging.rules.fields import CATALOGUE, LINKS, Group, examples
from messaging.wording.rendering import MissingValue, TooLong, render


class NothingToShow(Exception):
    """The message is not there, or its words are not; nothing was noted."""


@transaction.atomic
def show_again(*, message_id: int, at: dt.datetime, actor: str) -> Previewed:
    """Will write a message with what is known of its member now, and note in the audit log who looked.

    Its own values are those it was sent with. Its links lead to their targets and count nothing. Raises NothingToShow.
    """
    message = Message.objects.filter(id=message_id).first()
    compiled = compiled_of([message.template_version_id]) if message and message.template_version_id else {}
    words = compiled.get(message.template_version_id or 0, {}).get(message.channel, {}) if message else {}
    if message is None or not words:
        raise NothingToShow("The words of this message are not there any more.")
    values = values_for([message.member_id], {}, at)[message.member_id]
    wanted = message.language or str(values["language"])
    language = wanted if wanted in words else min(words)
    values = values_for([message.member_id], {message.member_id: language}, at)[message.member_id]
    audit.record(
        at=at,
        actor=actor,
        deed="message.previewed",
        subject=f"member:{message.member_id}",
        becomes={"message": message.id, "channel": message.channel, "language": language},
    )
    return _written(words[language], {**_of_sending(words[language], language), **values, **message.values}, language)


def _written(parts: Mapping[str, Any], values: Mapping[str, object], language: str) -> Previewed:
    try:
        return Previewed(render({name: one for name, one in parts.items() if isinstance(one, str)}, values, language))
    except MissingValue as missing:
        return Previewed(missing=missing.field)
    except TooLong as error:
        return Previewed(fault=str(error))


def _of_sending(parts: Mapping[str, Any], language: str) -> dict[str, object]:
    """Will return what only the sending knows: examples of its addresses, and the targets behind its links."""
    known = {code: value for code, value in examples(language).items() if CATALOGUE[code].group is Group.SENDING}
    links = {f"l{number}": address for number, address in (parts.get("links") or {}).items()}
    return {**known, LINKS: links, "open_url": NO_PICTURE}
