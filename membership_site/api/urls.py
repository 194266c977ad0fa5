"""The api's addresses: the calls, their description, and a problem for everything else."""

from django.urls import URLPattern, path, re_path

from membership_site.api.problems import guarded, not_found
from membership_site.api.schemas.openapi import api
from membership_site.api.views import (
    checkout,
    docs,
    entitlements,
    events,
    members,
    messages,
    orders,
    refunds,
    rewards,
    statement,
    tracking,
)

app_name = "api"

api.add_router("members", members.router)
api.add_router("members", statement.router)
api.add_router("members", entitlements.router)
# Ids may have slashes in them, so the longer address is tried first.
api.add_router("orders", refunds.router)
api.add_router("orders", orders.router)
api.add_router("events", events.router)
api.add_router("checkout", checkout.router)
api.add_router("rewards", rewards.rewards)
api.add_router("redemptions", rewards.redemptions)
api.add_router("messages", messages.router)

# ninja's own pages are left out: its root and documents would answer in other shapes.
CALLS = [one for one in api.urls[0] if isinstance(one, URLPattern) and one.name != "api-root"]

urlpatterns: list[URLPattern] = [
    path("openapi.json", guarded(docs.openapi), name="openapi"),
    path("docs", guarded(docs.page), name="docs"),
    path("messages/tracking/<slug:esp>/", guarded(tracking.take), name="tracking"),
    *(URLPattern(one.pattern, guarded(one.callback), one.default_args, one.name) for one in CALLS),
    re_path("", not_found),
]
