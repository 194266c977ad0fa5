"""Templates as others ask for them: what is compiled, what is in force under a code, lists and pages of the staff."""

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Max, OuterRef, Q, Subquery

from kit import memory
from messaging.enums import Channel
from messaging.models import Template, TemplateVersion, Topic
from messaging.rules.content import Content, content_from


class UnknownTemplate(Exception):
    """There is no such template; nothing was done."""


@dataclass(frozen=True, slots=True)
class PublishedVersion:
    """The words in force of a template: which version, for what purpose, about which topic, by which channels."""

    version_id: int
    template_id: int
    code: str
    name: str
    purpose: str
    topic: str
    channels: tuple[Channel, ...]


@dataclass(frozen=True, slots=True)
class TopicRow:
    """A topic with its names and explanations by language."""

    id: int
    code: str
    names: Mapping[str, str]
    abouts: Mapping[str, str]
    position: int
    is_active: bool


@dataclass(frozen=True, slots=True)
class TemplateRow:
    """A template as lists show it; `number` is that of its words in force, `draft_id` the draft that is open."""

    id: int
    code: str
    name: str
    purpose: str
    topic: TopicRow | None
    is_archived: bool
    number: int | None
    published_at: dt.datetime | None
    published_id: int | None
    draft_id: int | None
    places: tuple[tuple[Channel, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A version of a template; `digest` says whether its content is still the one that was looked at."""

    id: int
    template_id: int
    number: int
    content: Content
    compiled: Mapping[str, Any]
    published_at: dt.datetime | None
    actor: str
    created_at: dt.datetime
    digest: str

    @property
    def is_draft(self) -> bool:
        """Whether it can be changed."""
        return self.published_at is None


def compiled_of(version_ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """Will return {version: {channel: {language: {part: source}}}} of versions that are published. One query."""
    rows = TemplateVersion.objects.filter(id__in=set(version_ids), published_at__isnull=False)
    return dict(rows.values_list("id", "compiled"))


def published_version(code: str) -> PublishedVersion | None:
    """Will return the words in force under a code, or None where nothing is published or it is archived. One query."""
    versions = TemplateVersion.objects.filter(template__code=code, template__is_archived=False)
    rows = versions.filter(published_at__isnull=False).select_related("template__topic").order_by("-number")
    row = rows.defer("content").first()
    if row is None:
        return None
    template = row.template
    return PublishedVersion(
        version_id=row.id,
        template_id=template.id,
        code=template.code or "",
        name=template.name,
        purpose=template.purpose,
        topic=template.topic.code if template.topic else "",
        channels=tuple(channel for channel in Channel if channel.value in row.compiled),
    )


# ---- lists and pages of the staff


@memory.once
def list_topics() -> list[TopicRow]:
    """Will return all topics in the order in which members see them. One query."""
    return [_topic(row) for row in Topic.objects.order_by("position", "id")]


def find_topic(code: str) -> TopicRow | None:
    """Will return a topic, or None. One query."""
    row = Topic.objects.filter(code=code).first()
    return _topic(row) if row else None


def list_templates(*, purpose: str = "", is_archived: bool = False, of_code: bool | None = None) -> list[TemplateRow]:
    """Will return templates by name, service first; `of_code` those that have a code, or (False) none. One query."""
    templates = Template.objects.filter(is_archived=is_archived)
    if purpose:
        templates = templates.filter(purpose=purpose)
    if of_code is not None:
        templates = templates.filter(code__isnull=not of_code)
    return [_template(row) for row in _with_versions(templates).order_by("-purpose", "name", "id")]


def get_template(template_id: int) -> TemplateRow:
    """Will return a template; raises UnknownTemplate. One query."""
    row = _with_versions(Template.objects.filter(id=template_id)).first()
    if row is None:
        raise UnknownTemplate("There is no such template. Nothing was done.")
    return _template(row)


def find_template(code: str) -> TemplateRow | None:
    """Will return the template of a code, or None. One query."""
    row = _with_versions(Template.objects.filter(code=code)).first()
    return _template(row) if row else None


def list_versions(template_id: int, limit: int = 50) -> list[VersionRow]:
    """Will return the versions of a template, the latest first. One query."""
    return [
        version_row(row) for row in TemplateVersion.objects.filter(template_id=template_id).order_by("-number")[:limit]
    ]


def find_version(version_id: int) -> VersionRow | None:
    """Will return a version, or None. One query."""
    row = TemplateVersion.objects.filter(id=version_id).first()
    return version_row(row) if row else None


def version_row(row: TemplateVersion) -> VersionRow:
    """Will return a version as others see it. No queries."""
    return VersionRow(
        id=row.id,
        template_id=row.template_id,
        number=row.number,
        content=content_from(row.content),
        compiled=row.compiled,
        published_at=row.published_at,
        actor=row.actor,
        created_at=row.created_at,
        digest=digest_of(row.content),
    )


def digest_of(content: Any) -> str:
    """Will return a short name of a content as it is kept, the same for the same. No queries."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]


def _with_versions(templates: Any) -> Any:
    """Will add what a list says of versions: which is in force, which is a draft, and where the latest has words."""
    of_template = TemplateVersion.objects.filter(template_id=OuterRef("id"))
    published = of_template.filter(published_at__isnull=False).order_by("-number")
    return templates.select_related("topic").annotate(
        number=Max("versions__number", filter=Q(versions__published_at__isnull=False)),
        last_published_at=Max("versions__published_at"),
        published_id=Subquery(published.values("id")[:1]),
        draft_id=Subquery(of_template.filter(published_at=None).values("id")[:1]),
        said=Subquery(of_template.order_by("-number").values("content")[:1]),
    )


def _template(row: Any) -> TemplateRow:
    said = row.said or {}
    return TemplateRow(
        id=row.id,
        code=row.code or "",
        name=row.name,
        purpose=row.purpose,
        topic=_topic(row.topic) if row.topic else None,
        is_archived=row.is_archived,
        number=row.number,
        published_at=row.last_published_at,
        published_id=row.published_id,
        draft_id=row.draft_id,
        places=tuple((channel, tuple(sorted(said[channel]))) for channel in Channel if channel.value in said),
    )


def _topic(row: Topic) -> TopicRow:
    return TopicRow(row.id, row.code, row.names, row.abouts, row.position, row.is_active)
