"""The worker and beat with the trial's clock: `celery -A tests.torture.tasks worker`."""

from membership_site.celery import app
from tests.torture import clockwork

clockwork.install()

__all__ = ["app"]
