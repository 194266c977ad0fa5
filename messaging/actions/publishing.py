"""Publishing what a launch is to send: a template's latest words, its draft first where one is open."""

import datetime as dt

from django.db import transaction

from messaging.actions.templates import NothingChanged, NotReady, publish
from messaging.models import TemplateVersion
from messaging.rules.compiling import CannotCompile


@transaction.atomic
def publish_latest(*, template_id: int, at: dt.datetime, actor: str) -> int | None:
    """Will return the id of a template's words in force, an open draft published; None where they are not ready.

    A draft that is still empty, as every first one is, is not ready.
    """
    versions = TemplateVersion.objects.filter(template_id=template_id)
    draft = versions.filter(published_at=None).first()
    if draft is not None and draft.content:
        try:
            return publish(version_id=draft.id, at=at, actor=actor).id
        except (NotReady, CannotCompile):
            return None
        except NothingChanged:
            pass
    published = versions.filter(published_at__isnull=False).order_by("-number")
    return published.values_list("id", flat=True).first()
