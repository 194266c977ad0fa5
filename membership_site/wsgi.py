"""The door through which gunicorn comes in."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "membership_site.settings")

application = get_wsgi_application()
