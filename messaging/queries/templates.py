"""What templates hold, for sending."""

from collections.abc import Iterable
from typing import Any

from messaging.models import TemplateVersion


def compiled_of(version_ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """Will return the compiled words of versions: {channel: {language: {part: source}}}. One query."""
    return dict(TemplateVersion.objects.filter(id__in=set(version_ids)).values_list("id", "compiled"))
