"""The site as gunicorn serves it, with the trial's clock: `gunicorn tests.torture.web`."""

from membership_site.wsgi import application
from tests.torture import clockwork

clockwork.install()

__all__ = ["application"]
