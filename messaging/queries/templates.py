"""Templates as others ask for them: what is in force under a code."""

from dataclasses import dataclass

from messaging.models import TemplateVersion


@dataclass(frozen=True, slots=True)
class PublishedVersion:
    """The words in force of a template."""

    version_id: int


def published_version(code: str) -> PublishedVersion | None:
    """Will return the words in force under a code, or None where nothing is published or it is archived. One query."""
    versions = TemplateVersion.objects.filter(template__code=code, template__is_archived=False)
    row = versions.filter(published_at__isnull=False).order_by("-number").first()
    return PublishedVersion(row.id) if row else None
