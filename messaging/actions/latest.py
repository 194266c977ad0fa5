"""The latest words of a template, put in force before they are launched."""

import datetime as dt

from messaging.actions.templates import NothingChanged, NotReady, publish_template
from messaging.models import TemplateVersion


def publish_latest(*, template_id: int, at: dt.datetime, actor: str) -> int | None:
    """Will return the id of a template's latest version once it is in force; None where it is not ready to be.

    A draft that says what is in force already leaves that in force. Raises CannotCompile.
    """
    latest = TemplateVersion.objects.filter(template_id=template_id).order_by("-number").first()
    if latest is None or latest.published_at is not None:
        return latest.id if latest else None
    try:
        publish_template(version_id=latest.id, at=at, actor=actor)
    except NotReady:
        return None
    except NothingChanged:
        published = TemplateVersion.objects.filter(template_id=template_id, published_at__isnull=False)
        return published.order_by("-number").values_list("id", flat=True).first()
    return latest.id
