"""Writing templates: drafts, lost edits, publishing and freezing, copies, topics - and what the database refuses."""

from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from kit.models import AuditRow
from members.enums import Purpose
from messaging import actions
from messaging.enums import Channel
from messaging.models import Template, TemplateVersion, Topic
from messaging.queries import templates as queries
from messaging.rules.content import Content, InboxContent, SmsContent, content_from
from tests.conftest import NOON

pytestmark = pytest.mark.django_db

HELLO = content_from({"sms": {"en": {"text": "Hello {{ number }}"}}})
BY: dict[str, Any] = {"at": NOON, "actor": "staff:1"}


def a_template(**terms: Any) -> queries.TemplateRow:
    """Will create a template of service."""
    return actions.create_template(**{"name": "Hello", "purpose": Purpose.SERVICE, **terms}, **BY)


def published(content: Content = HELLO) -> queries.VersionRow:
    """Will create a template and publish its first version."""
    row = a_template()
    assert row.draft_id
    actions.save_content(version_id=row.draft_id, content=content, **BY)
    return actions.publish_template(version_id=row.draft_id, **BY)


def deeds() -> list[str]:
    """Will return what was noted, in order."""
    return list(AuditRow.objects.order_by("id").values_list("deed", flat=True))


def test_from_a_draft_to_words_in_force() -> None:
    version = published()
    assert version.published_at == NOON
    assert queries.compiled_of([version.id]) == {version.id: {"sms": {"en": {"text": "Hello {{ number }}"}}}}
    row = queries.get_template(version.template_id)
    assert (row.number, row.published_id, row.draft_id) == (1, version.id, None)
    assert row.places == ((Channel.SMS, ("en",)),)
    assert deeds() == ["template.created", "template.written", "template.published"]


def test_publishing_again_changes_nothing() -> None:
    version = published()
    assert actions.publish_template(version_id=version.id, **BY) == version
    with pytest.raises(actions.NoDraft):
        actions.publish_template(version_id=version.id, at=NOON, actor="staff:2")
    draft = actions.start_template_draft(template_id=version.template_id, **BY)
    with pytest.raises(actions.NothingChanged):
        actions.publish_template(version_id=draft.id, **BY)
    assert len(deeds()) == 4


def test_what_has_errors_is_not_published() -> None:
    row = a_template()
    assert row.draft_id
    with pytest.raises(actions.NotReady):
        actions.publish_template(version_id=row.draft_id, **BY)
    broken = content_from({"sms": {"en": {"text": "{{ numbre }}"}}})
    actions.save_content(version_id=row.draft_id, content=broken, **BY)
    with pytest.raises(actions.NotReady) as refused:
        actions.publish_template(version_id=row.draft_id, **BY)
    assert refused.value.findings[Channel.SMS, "en"][0].facts == {"field": "numbre", "nearest": "number"}
    assert queries.get_template(row.id).number is None


def test_nobody_loses_what_he_wrote() -> None:
    row = a_template()
    assert row.draft_id
    words = {"version_id": row.draft_id, "channel": Channel.SMS, "language": "en", **BY}
    actions.save_words(words=SmsContent("one"), was=None, **words)
    actions.save_words(words=SmsContent("one"), was=None, **words)
    with pytest.raises(actions.DraftChanged):
        actions.save_words(words=SmsContent("two"), was=None, **words)
    other = {**words, "channel": Channel.INBOX}
    actions.save_words(words=InboxContent("A", "B"), was=None, **other)
    actions.save_words(words=SmsContent("two"), was=SmsContent("one"), **words)
    actions.save_words(words=None, was=InboxContent("A", "B"), **other)
    version = queries.find_version(row.draft_id)
    assert version is not None
    assert version.content == content_from({"sms": {"en": {"text": "two"}}})
    with pytest.raises(actions.DraftChanged):
        actions.save_content(version_id=row.draft_id, content=HELLO, seen="0", **BY)
    with pytest.raises(actions.DraftChanged):
        actions.publish_template(version_id=row.draft_id, seen="0", **BY)
    with pytest.raises(actions.NoDraft):
        actions.save_content(version_id=0, content=HELLO, **BY)


def test_drafts_are_begun_once_and_discarded() -> None:
    version = published()
    draft = actions.start_template_draft(template_id=version.template_id, **BY)
    assert actions.start_template_draft(template_id=version.template_id, **BY) == draft
    assert (draft.number, draft.content) == (2, HELLO)
    actions.discard_template_draft(version_id=draft.id, **BY)
    actions.discard_template_draft(version_id=draft.id, **BY)
    assert actions.start_template_draft(template_id=version.template_id, copy_of=1, **BY).number == 2
    with pytest.raises(actions.NoDraft):
        actions.discard_template_draft(version_id=version.id, **BY)
    with pytest.raises(queries.UnknownTemplate):
        actions.start_template_draft(template_id=0, **BY)
    other = a_template(code="other")
    assert other.draft_id
    TemplateVersion.objects.filter(id=other.draft_id).delete()
    with pytest.raises(actions.NoDraft):
        actions.start_template_draft(template_id=other.id, copy_of=7, **BY)


def test_a_copy_says_the_same_and_has_no_code() -> None:
    version = published()
    copy = actions.copy_template(template_id=version.template_id, name="Again", **BY)
    assert (copy.code, copy.number, copy.name) == ("", None, "Again")
    assert copy.draft_id
    draft = queries.find_version(copy.draft_id)
    assert draft is not None
    assert draft.content == HELLO


def test_archived_words_are_in_force_no_more() -> None:
    row = a_template(code="hello")
    assert row.draft_id
    actions.save_content(version_id=row.draft_id, content=HELLO, **BY)
    actions.publish_template(version_id=row.draft_id, **BY)
    assert queries.published_version("hello") is not None
    for _ in range(2):
        actions.archive_template(template_id=row.id, is_archived=True, **BY)
    assert queries.published_version("hello") is None
    assert [one.id for one in queries.list_templates(is_archived=True)] == [row.id]
    actions.rename_template(template_id=row.id, name="Hi", **BY)
    actions.rename_template(template_id=row.id, name="Hi", **BY)
    found = queries.find_template("hello")
    assert found is not None
    assert found.name == "Hi"
    assert deeds()[-2:] == ["template.archived", "template.renamed"]
    with pytest.raises(actions.CodeTaken):
        a_template(code="hello")
    with pytest.raises(queries.UnknownTemplate):
        queries.get_template(0)


def test_topics() -> None:
    said: dict[str, Any] = {"code": "offers", "names": {"en": "Offers"}, "abouts": {"en": "About"}, "position": 1}
    assert actions.make_topic(**said, **BY)
    assert not actions.make_topic(**said, **BY)
    with pytest.raises(actions.CodeTaken):
        actions.make_topic(**{**said, "position": 2}, **BY)
    for _ in range(2):
        actions.edit_topic(**{**said, "position": 2}, is_active=False, **BY)
    topic = queries.find_topic("offers")
    assert topic is not None
    assert (topic.position, topic.is_active) == (2, False)
    with pytest.raises(actions.UnknownTopic):
        actions.edit_topic(**{**said, "code": "none"}, is_active=False, **BY)
    assert deeds() == ["topic.made", "topic.edited"]
    offer = a_template(purpose=Purpose.MARKETING, topic="offers")
    assert offer.topic == topic
    with pytest.raises(actions.UnknownTopic):
        a_template(purpose=Purpose.MARKETING)


def test_a_first_template_is_published_once() -> None:
    first = {"code": "hi", "name": "Hi", "purpose": Purpose.SERVICE, "content": HELLO, **BY}
    assert actions.publish_first_template(**first)
    assert not actions.publish_first_template(**first)


# ---- what the database refuses


def refused(name: str, deed: Any, error: type[DatabaseError] = IntegrityError) -> None:
    """Will do something that must break the constraint of a name."""
    with pytest.raises(error, match=name), transaction.atomic():
        deed()


def test_marketing_has_a_topic_and_service_none() -> None:
    topic = Topic.objects.create(code="offers", names={})
    for purpose, about in ((Purpose.MARKETING, None), (Purpose.SERVICE, topic)):
        refused(
            "messaging_template_marketing_has_topic",
            lambda purpose=purpose, about=about: Template.objects.create(
                name="A", purpose=purpose, topic=about, actor="x"
            ),
        )


def test_a_number_is_given_once_and_a_draft_is_alone() -> None:
    version = published()
    again = {"template_id": version.template_id, "content": {}, "actor": "x"}
    refused(
        "messaging_templateversion_once",
        lambda: TemplateVersion.objects.create(number=1, published_at=NOON, **again),
    )
    TemplateVersion.objects.create(number=2, **again)
    refused("messaging_templateversion_one_draft", lambda: TemplateVersion.objects.create(number=3, **again))


def test_codes_are_given_once() -> None:
    a_template(code="hello")
    refused("code", lambda: Template.objects.create(code="hello", name="B", purpose="service", actor="x"))
    Topic.objects.create(code="a", names={})
    refused("code", lambda: Topic.objects.create(code="a", names={}))


def test_published_words_are_frozen() -> None:
    version = published()
    for statement in (
        "UPDATE messaging_templateversion SET content = '{}' WHERE id = %s",
        "UPDATE messaging_templateversion SET compiled = '{}' WHERE id = %s",
        "DELETE FROM messaging_templateversion WHERE id = %s",
    ):
        with pytest.raises(DatabaseError, match="published"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, [version.id])
