"""Writing templates: topics, templates, a draft at a time, and publishing, which compiles and freezes its words."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from kit import audit
from members.enums import Purpose
from messaging.actions.choosing import UnknownTopic
from messaging.enums import Channel
from messaging.models import Template, TemplateVersion, Topic
from messaging.queries.templates import (
    TemplateRow,
    UnknownTemplate,
    VersionRow,
    digest_of,
    get_template,
    version_row,
)
from messaging.rules.compiling import compile_content
from messaging.rules.content import Content, Words, content_from, findings, has_errors, to_json
from messaging.rules.language import Finding
from messaging.wording.frames import frames

NAME_MAX = 120


class CodeTaken(Exception):
    """Another template or topic has this code already; nothing was kept."""


class NoDraft(Exception):
    """This draft was published or discarded meanwhile; nothing was changed."""


class DraftChanged(Exception):
    """Somebody changed meanwhile what was to be saved or published; nothing was changed."""


class NothingChanged(Exception):
    """The draft says what is in force already; nothing was published."""


class NotReady(Exception):
    """The draft has errors (`findings` by channel and language); nothing was published."""

    def __init__(self, found: Mapping[tuple[Channel | None, str], list[Finding]]) -> None:
        super().__init__("The draft has errors. Nothing was published.")
        self.findings = dict(found)


# ---- topics


@transaction.atomic
def make_topic(
    *, code: str, names: Mapping[str, str], abouts: Mapping[str, str], position: int, at: dt.datetime, actor: str
) -> bool:
    """Will make a topic that members can choose by; True if it did. The same again is left, another: CodeTaken."""
    said = {"names": dict(names), "abouts": dict(abouts), "position": position}
    topic, is_new = Topic.objects.get_or_create(code=code, defaults=said)
    if is_new:
        audit.record(at=at, actor=actor, deed="topic.made", subject=f"topic:{code}", becomes=said)
    elif {name: getattr(topic, name) for name in said} != said:
        raise CodeTaken(f"There is a topic {code} already. Nothing was kept.")
    return is_new


@transaction.atomic
def edit_topic(
    *,
    code: str,
    names: Mapping[str, str],
    abouts: Mapping[str, str],
    position: int,
    is_active: bool,
    at: dt.datetime,
    actor: str,
) -> None:
    """Will change what a topic is called and says, and whether it is offered. Locks it; raises UnknownTopic."""
    topic = Topic.objects.select_for_update().filter(code=code).first()
    if topic is None:
        raise UnknownTopic("There is no such topic. Nothing was changed.")
    becomes = {"names": dict(names), "abouts": dict(abouts), "position": position, "is_active": is_active}
    was = {name: getattr(topic, name) for name in becomes}
    if was == becomes:
        return
    for name, value in becomes.items():
        setattr(topic, name, value)
    topic.save(update_fields=list(becomes))
    audit.record(at=at, actor=actor, deed="topic.edited", subject=f"topic:{code}", was=was, becomes=becomes)


# ---- templates


@transaction.atomic
def create_template(
    *, name: str, purpose: Purpose, topic: str = "", code: str = "", at: dt.datetime, actor: str
) -> TemplateRow:
    """Will create a template with an empty draft; one of marketing is about a topic. Raises CodeTaken, UnknownTopic."""
    if code and Template.objects.filter(code=code).exists():
        raise CodeTaken(f"There is a template {code} already. Nothing was kept.")
    about = _topic(purpose, topic)
    row = Template.objects.create(
        code=code or None, name=name, purpose=purpose, topic=about, actor=actor, created_at=at
    )
    TemplateVersion.objects.create(template=row, number=1, content={}, actor=actor, created_at=at)
    said = {"name": name, "purpose": purpose.value, "topic": topic, "code": code}
    _audit(row, "created", at, actor, becomes=said)
    return get_template(row.id)


@transaction.atomic
def rename_template(*, template_id: int, name: str, at: dt.datetime, actor: str) -> None:
    """Will give a template another name. Locks it; raises UnknownTemplate."""
    row = _lock(template_id)
    if row.name == name:
        return
    was, row.name = row.name, name
    row.save(update_fields=["name"])
    _audit(row, "renamed", at, actor, was=was, becomes=name)


@transaction.atomic
def archive_template(*, template_id: int, is_archived: bool, at: dt.datetime, actor: str) -> None:
    """Will take a template out of use, or back into it; what was sent stays. Locks it; raises UnknownTemplate."""
    row = _lock(template_id)
    if row.is_archived == is_archived:
        return
    row.is_archived = is_archived
    row.save(update_fields=["is_archived"])
    _audit(row, "archived" if is_archived else "taken_back", at, actor)


@transaction.atomic
def copy_template(*, template_id: int, name: str, at: dt.datetime, actor: str) -> TemplateRow:
    """Will begin another template, without a code, with the latest words of one. Raises UnknownTemplate."""
    row = _lock(template_id)
    latest = row.versions.order_by("-number").first()
    copy = Template.objects.create(
        name=name[:NAME_MAX], purpose=row.purpose, topic=row.topic, actor=actor, created_at=at
    )
    content = latest.content if latest else {}
    TemplateVersion.objects.create(template=copy, number=1, content=content, actor=actor, created_at=at)
    _audit(copy, "copied", at, actor, becomes={"of": row.id, "name": copy.name})
    return get_template(copy.id)


# ---- drafts


@transaction.atomic
def start_template_draft(*, template_id: int, copy_of: int | None = None, at: dt.datetime, actor: str) -> VersionRow:
    """Will begin a draft with the words of the latest version, or of the one with the number `copy_of`.

    One that is open is returned as it is. Locks the template; raises UnknownTemplate, NoDraft where there is no such
    version to copy.
    """
    row = _lock(template_id)
    versions = list(row.versions.order_by("-number"))
    if versions and versions[0].published_at is None:
        return version_row(versions[0])
    source = next((version for version in versions if copy_of in (None, version.number)), None)
    if source is None and copy_of is not None:
        raise NoDraft(f"There is no version {copy_of} to copy. Nothing was changed.")
    begun = TemplateVersion.objects.create(
        template=row,
        number=versions[0].number + 1 if versions else 1,
        content=source.content if source else {},
        actor=actor,
        created_at=at,
    )
    _audit(row, "drafted", at, actor, becomes={"number": begun.number, "copy_of": source.number if source else None})
    return version_row(begun)


@transaction.atomic
def save_content(*, version_id: int, content: Content, seen: str = "", at: dt.datetime, actor: str) -> str:
    """Will keep a whole content in a draft and return its digest; `seen` is that of the one that was edited.

    Locks the draft; raises NoDraft, DraftChanged.
    """
    return _save(_lock_draft(version_id, seen), content, at, actor)


@transaction.atomic
def save_words(
    *,
    version_id: int,
    channel: Channel,
    language: str,
    words: Words | None,
    was: Words | None,
    at: dt.datetime,
    actor: str,
) -> str:
    """Will keep the words of one channel and language in a draft, or (None) take them out; returns the digest.

    `was` is what was edited: who changed other places meanwhile loses nothing, who changed this one raises
    DraftChanged. Locks the draft; raises NoDraft.
    """
    version = _lock_draft(version_id)
    content = content_from(version.content)
    there = content.of(channel, language)
    if there not in (was, words):
        raise DraftChanged("Somebody changed these words meanwhile. Nothing was saved.")
    return _save(version, content.with_words(channel, language, words), at, actor)


@transaction.atomic
def discard_template_draft(*, version_id: int, at: dt.datetime, actor: str) -> None:
    """Will throw a draft away; one that is gone stays gone. Locks it; raises NoDraft if it is published.

    The first one stays too, for without any version there would be nothing to open.
    """
    version = TemplateVersion.objects.select_for_update().select_related("template").filter(id=version_id).first()
    if version is None:
        return
    if version.published_at is not None or version.number == 1:
        raise NoDraft("This version is published, or the only one there is. Nothing was discarded.")
    _audit(version.template, "discarded", at, actor, was={"number": version.number, "content": version.content})
    version.delete()


@transaction.atomic
def publish_template(*, version_id: int, seen: str = "", at: dt.datetime, actor: str) -> VersionRow:
    """Will compile a draft and put it in force; the database freezes it.

    Campaigns keep the version they were made with. The same again by the same person returns the version. Locks the
    draft; raises NoDraft, DraftChanged, NotReady, NothingChanged, CannotCompile.
    """
    there = TemplateVersion.objects.filter(id=version_id).first()
    if there is not None and there.published_at is not None and there.actor == actor:
        return version_row(there)
    version = _lock_draft(version_id, seen)
    row = version.template
    content = content_from(version.content)
    found = findings(content)
    if has_errors(found):
        raise NotReady(found)
    before = row.versions.filter(published_at__isnull=False).order_by("-number").first()
    if before and before.content == version.content:
        raise NothingChanged(f"The draft says what version {before.number} says. Nothing was published.")
    is_marketing = row.purpose == Purpose.MARKETING
    version.compiled = compile_content(content, frames(is_marketing=is_marketing), is_marketing=is_marketing)
    version.published_at, version.actor = at, actor
    version.save(update_fields=["compiled", "published_at", "actor"])
    was = {"number": before.number} if before else None
    _audit(
        row, "published", at, actor, was=was, becomes={"number": version.number, "digest": digest_of(version.content)}
    )
    return version_row(version)


def publish_first_template(
    *, code: str, name: str, purpose: Purpose, topic: str = "", content: Content, at: dt.datetime, actor: str
) -> bool:
    """Will create and publish a template where there is none of this code; True if it did. Raises as they do."""
    if Template.objects.filter(code=code).exists():
        return False
    with transaction.atomic():
        row = create_template(name=name, purpose=purpose, topic=topic, code=code, at=at, actor=actor)
        assert row.draft_id is not None
        save_content(version_id=row.draft_id, content=content, at=at, actor=actor)
        publish_template(version_id=row.draft_id, at=at, actor=actor)
    return True


# ---- leaves


def _topic(purpose: Purpose, code: str) -> Topic | None:
    """Will return the topic of a template, None for one of service."""
    if purpose is Purpose.SERVICE:
        return None
    topic = Topic.objects.filter(code=code).first()
    if topic is None:
        raise UnknownTopic("Offers are about a topic that members can switch off. Choose one. Nothing was kept.")
    return topic


def _lock(template_id: int) -> Template:
    row = Template.objects.select_for_update().filter(id=template_id).first()
    if row is None:
        raise UnknownTemplate("There is no such template. Nothing was changed.")
    return row


def _lock_draft(version_id: int, seen: str = "") -> TemplateVersion:
    drafts = TemplateVersion.objects.select_for_update(of=("self",)).select_related("template")
    version = drafts.filter(id=version_id, published_at=None).first()
    if version is None:
        raise NoDraft("This draft was published or discarded meanwhile. Nothing was changed.")
    if seen and seen != digest_of(version.content):
        raise DraftChanged("Somebody changed the draft meanwhile. Nothing was changed.")
    return version


def _save(version: TemplateVersion, content: Content, at: dt.datetime, actor: str) -> str:
    kept = to_json(content)
    if kept != version.content:
        was, version.content = version.content, kept
        version.save(update_fields=["content"])
        _audit(version.template, "written", at, actor, was=_changed(was, kept), becomes=_changed(kept, was))
    return digest_of(kept)


def _changed(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Will return what a content says in the places in which it differs from another."""
    return {
        f"{channel}.{language}": words
        for channel, languages in one.items()
        for language, words in languages.items()
        if other.get(channel, {}).get(language) != words
    }


def _audit(row: Template, deed: str, at: dt.datetime, actor: str, was: Any = None, becomes: Any = None) -> None:
    audit.record(at=at, actor=actor, deed=f"template.{deed}", subject=f"template:{row.id}", was=was, becomes=becomes)
