"""All addresses of the site: members' pages at the root, the console, the API, health."""

from django.urls import URLPattern, URLResolver, include, path

from membership_site import health

handler500 = "membership_site.faults.server_error"

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("console/", include("membership_site.console.urls")),
    path("api/v1/", include("membership_site.api.urls")),
    path("", include("membership_site.portal.urls")),
]
