"""The latest words of a template, put in force before they are launched."""

import datetime as dt

from messaging.models import TemplateVersion


def publish_latest(*, template_id: int, at: dt.datetime, actor: str) -> int | None:
    """Will return the id of a template's latest version once it is in force; None where it cannot be."""
    latest = TemplateVersion.objects.filter(template_id=template_id).order_by("-number").first()
    return latest.id if latest and latest.published_at else None
