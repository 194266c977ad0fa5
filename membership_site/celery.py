"""The Celery application; what runs when stands in schedule.py alone."""

import os

from celery import Celery

from membership_site import schedule

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "membership_site.settings")

app = Celery("membership_site")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.beat_schedule = schedule.BEAT
app.autodiscover_tasks(["membership_site.flows"])
