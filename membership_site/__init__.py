"""The site: settings, doors and flows above all rooms."""

from membership_site.celery import app as celery_app

__all__ = ["celery_app"]
