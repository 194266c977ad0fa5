"""What the database promises of messages, each promise broken once by name; and what it never lets be changed."""

import uuid
from decimal import Decimal

import pytest

from messaging import actions
from messaging.enums import Channel, SuppressionCause
from messaging.models import (
    Dispatch,
    Message,
    MessageEvent,
    ProviderCall,
    SendingRules,
    Suppression,
    Template,
    TemplateVersion,
    TopicChoice,
)
from tests.kit.broken import breaks, refused, refuses_all_change
from tests.messaging.outbox import put

pytestmark = pytest.mark.django_db


def test_dispatches(noon, programme):
    dispatch = Dispatch.objects.filter(id=actions.open_dispatch(name="Spring", at=noon, actor="staff:1"))
    with breaks("messaging_dispatch_state_known"):
        dispatch.update(state="asleep")
    with breaks("messaging_dispatch_rate_positive"):
        dispatch.update(rate_per_minute=0)


def test_messages(ann, words, noon):
    message = put(ann.id, words)
    other = put(ann.id, words, key="k2")
    rows = Message.objects.filter(id=message.id)
    with breaks("messaging_message_once"):
        Message.objects.filter(id=other.id).update(source_key="k1")
    with breaks("messaging_message_token"):
        rows.update(token=other.token)
    with breaks("messaging_message_state_known"):
        rows.update(state="lost")
    for kind in ({"channel": "fax"}, {"purpose": "profiling"}):
        with breaks("messaging_message_kind_known"):
            rows.update(**kind)
    for taken in (
        {"state": "leased", "lease": uuid.uuid4()},
        {"state": "leased", "leased_until": noon},
        {"state": "sending", "lease": uuid.uuid4()},
        {"state": "sending", "sending_at": noon},
    ):
        with breaks("messaging_message_taken_by_somebody"):
            rows.update(**taken)
    with breaks("messaging_message_sent_at_a_time"):
        rows.update(state="sent")
    for state in ("skipped", "failed"):
        with breaks("messaging_message_skipped_for_a_reason"):
            rows.update(state=state)
    with breaks("messaging_message_marketing_has_topic"):
        rows.update(topic="")


def test_what_became_of_messages(ann, words, noon):
    message = put(ann.id, words)
    MessageEvent.objects.create(message=message, kind="opened", key="1", at=noon)
    with breaks("messaging_messageevent_once"):
        MessageEvent.objects.create(message=message, kind="opened", key="1", at=noon)
    with breaks("messaging_messageevent_kind_known"):
        MessageEvent.objects.create(message=message, kind="eaten", key="1", at=noon)
    refuses_all_change("messaging_messageevent")
    ProviderCall.objects.create(provider="x", call_id="1", happening={}, received_at=noon)
    with breaks("messaging_providercall_once"):
        ProviderCall.objects.create(provider="x", call_id="1", happening={}, received_at=noon)


def test_what_members_allow(ann, words, noon):
    suppress = {"channel": Channel.EMAIL, "address": "ann@example.com", "cause": SuppressionCause.BY_STAFF, "at": noon}
    assert actions.suppress(**suppress, actor="staff:1")
    assert not actions.suppress(**suppress, actor="staff:1")
    row = Suppression.objects.get()
    with breaks("messaging_suppression_once"):
        Suppression.objects.create(
            channel="email", address_hash=row.address_hash, cause="by_staff", at=noon, actor="staff:1"
        )
    for wrong in ({"channel": "fax"}, {"cause": "boredom"}):
        with breaks("messaging_suppression_kind_known"):
            Suppression.objects.update(**wrong)
    TopicChoice.objects.create(member=ann, channel="email", topic="offers", wanted=False, at=noon, actor="m")
    refuses_all_change("messaging_topicchoice")


def test_rules_of_sending(noon, programme):
    row = SendingRules.objects.values().get()
    del row["id"]
    for share in ({"bounces_pause_share": Decimal(0)}, {"complaints_pause_share": Decimal(2)}):
        with breaks("messaging_sendingrules_shares_between"):
            SendingRules.objects.create(**(row | {"number": 2} | share))
    with breaks("messaging_sendingrules_late_some_time"):
        SendingRules.objects.create(**(row | {"number": 2, "late_after_hours": 0}))
    with breaks("messaging_sendingrules_number_key"):
        SendingRules.objects.create(**row)
    refuses_all_change("messaging_sendingrules")


def test_words(words):
    version = TemplateVersion.objects.get(id=words)
    template = version.template
    with breaks("messaging_template_marketing_has_topic"):
        Template.objects.filter(id=template.id).update(topic=None)
    with breaks("messaging_templateversion_once"):
        TemplateVersion.objects.create(template=template, number=1, content={}, actor="t")
    TemplateVersion.objects.create(template=template, number=2, content={}, actor="t")
    with breaks("messaging_templateversion_one_draft"):
        TemplateVersion.objects.create(template=template, number=3, content={}, actor="t")
    with refused("is published"):
        TemplateVersion.objects.filter(id=words).update(content={"a": 1})
