"""The Celery application; what runs when stands in schedule.py alone. A task's log lines bear whose doing it is."""

import os
from contextvars import Token
from typing import Any

from celery import Celery, signals

from kit import logs
from membership_site import schedule

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "membership_site.settings")

app = Celery("membership_site")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.beat_schedule = schedule.BEAT
app.autodiscover_tasks(["membership_site.flows"])

WORK = "membership_work"
"""The header of a task that says which request set it going."""
_TOKENS: dict[str, Token[str]] = {}


@signals.setup_logging.connect
def _keep_logging(**_options: Any) -> None:
    """Will keep the site's own log lines: without this, Celery would set up others for its workers."""
    from logging.config import dictConfig

    from django.conf import settings

    dictConfig(settings.LOGGING)


@signals.before_task_publish.connect
def _pass_on(headers: dict[str, Any], **_options: Any) -> None:
    headers.setdefault(WORK, logs.WORKED_ON.get())


@signals.task_prerun.connect
def _begin(task_id: str, task: Any, **_options: Any) -> None:
    work = task.request.get(WORK) or "-"
    _TOKENS[task_id] = logs.WORKED_ON.set(f"{work}/{task.name}:{task_id[:8]}")


@signals.task_postrun.connect
def _end(task_id: str, **_options: Any) -> None:
    if token := _TOKENS.pop(task_id, None):
        logs.WORKED_ON.reset(token)
