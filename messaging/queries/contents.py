"""The words of templates as they are kept."""

from collections.abc import Sequence
from typing import Any

from messaging.models import TemplateVersion


def contents_of(template_ids: Sequence[int]) -> dict[int, Any]:
    """Will return the content of each template's latest version, a draft too. One query."""
    latest = TemplateVersion.objects.filter(template_id__in=template_ids).order_by("template_id", "-number")
    return dict(latest.distinct("template_id").values_list("template_id", "content"))


def topic_of(version_id: int) -> str:
    """Will return the code of the topic that a version of words belongs to, empty where it has none. One query."""
    versions = TemplateVersion.objects.filter(id=version_id)
    return versions.values_list("template__topic__code", flat=True).first() or ""
