"""All addresses of the site: members' pages at the root, the console, the API, health."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from membership_site import health, metrics

handler500 = "membership_site.faults.server_error"

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("metrics", metrics.show, name="metrics"),
    path("console/", include("membership_site.console.urls")),
    path("api/v1/", include("membership_site.api.urls")),
    path("", include("membership_site.portal.urls")),
    # Only the ways there and back of the providers that are switched on; all other pages are ours.
    *(
        path("elsewhere/", include(f"allauth.socialaccount.providers.{provider}.urls"))
        for provider in settings.SOCIAL_LOGINS
    ),
]
