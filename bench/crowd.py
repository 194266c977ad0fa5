"""Members who may be written to, as many as wanted, made by set-based SQL; and a message to each of them."""

import datetime as dt
from typing import Any

from django.db import connection, transaction

from members.enums import Purpose
from membership_site.flows import starter
from messaging import actions as messaging_actions
from messaging import jobs as messaging_jobs
from messaging.rules.content import content_from

TOPIC = "bench"
EMAIL = {
    "subject": "An offer for {{ name }}",
    "format": "text",
    "body": "Dear {{ name }},\n\nThis week there is something for you in our shop. "
    "You have {{ points|points }}, and {{ points_given|points }} more if you look in.",
    "button": "Look",
    "url": "https://shop.example.com/offer",
}

MEMBERS = """
INSERT INTO members_member (number, status, name, gender, region, language, time_zone, attributes, source, joined_at)
SELECT 'B' || n, 'active', 'Member ' || n, '', '', '', '', '{}', 'bench', %(at)s::timestamptz
FROM generate_series(%(first)s::bigint, %(last)s::bigint) n
ON CONFLICT (number) DO NOTHING
"""
IDENTITIES = """
INSERT INTO members_identity (member_id, kind, source, value)
SELECT id, 'email', '', lower(number) || '@example.com' FROM members_member WHERE source = 'bench'
ON CONFLICT (kind, source, value) DO NOTHING
"""
CONSENTS = """
INSERT INTO members_consent (member_id, channel, purpose, given, text, at, actor)
SELECT id, 'email', 'marketing', true, 'May we?', %(at)s::timestamptz, 'bench'
FROM members_member member WHERE source = 'bench'
    AND NOT EXISTS (SELECT FROM members_consent WHERE member_id = member.id AND channel = 'email')
"""
WANTED = """
INSERT INTO messaging_wanted (member_id, channel, source_key, template_version_id, due_at, values)
SELECT id, 'email', %(key)s, %(version)s, %(at)s::timestamptz, jsonb_build_object('points_given', 100 + id) FROM members_member WHERE source = 'bench'
ORDER BY id LIMIT %(size)s
"""


def gather(size: int, at: dt.datetime) -> None:
    """Will see that there are so many members with an address and consent, and a programme that words can speak of."""
    starter.load(at=at, actor="bench")
    known: dict[str, Any] = {"first": 1, "last": size, "at": at - dt.timedelta(days=1)}
    with connection.cursor() as cursor:
        for statement in (MEMBERS, IDENTITIES, CONSENTS):
            cursor.execute(statement, known)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE members_member, members_identity, members_consent")


def words() -> int:
    """Will publish the words of a message, made into a letter as staff's are, and return their version."""
    at = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    messaging_actions.make_topic(code=TOPIC, names={"en": "Bench"}, abouts={}, position=100, at=at, actor="bench")
    made = messaging_actions.create_template(name="Bench", purpose=Purpose.MARKETING, topic=TOPIC, at=at, actor="bench")
    assert made.draft_id is not None
    content = content_from({"email": {"en": EMAIL}})
    messaging_actions.save_content(version_id=made.draft_id, content=content, at=at, actor="bench")
    return messaging_actions.publish_template(version_id=made.draft_id, at=at, actor="bench").id


def write_to(size: int, key: str, version: int, at: dt.datetime, **options: Any) -> int:
    """Will put a message to each of so many into the outbox and return their dispatch."""
    with transaction.atomic():
        dispatch = messaging_actions.open_dispatch(name=key, at=at, actor="bench", **options)
        messaging_jobs.create_wanted()
        with connection.cursor() as cursor:
            cursor.execute(WANTED, {"key": key, "version": version, "at": at, "size": size})
        messaging_jobs.enqueue_wanted(dispatch, Purpose.MARKETING, TOPIC, at=at)
    return dispatch
