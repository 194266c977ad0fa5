"""A house in which every page has something to show, and people who look at all of it."""

import datetime as dt
import logging
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import time_machine
from django.conf import settings as site
from django.core.cache import cache
from django.test import Client, override_settings
from django.utils import translation

from benefits import actions as benefits_actions
from members import actions as members_actions
from members.enums import Channel, Purpose
from members.models import Account, Member
from membership_site.flows import demo, demo_campaigns, starter_templates, told
from tests.benefits.coupons import define, give
from tests.conftest import NOON, enrol
from tests.console.conftest import buy, give_back, happen

ADMIN = "admin@example.com"

SOWN: Mapping[str, Mapping[str, str]] = {
    "rules/draft/start/": {},
    "benefits/draft/start/": {},
    "tiers/main/draft/start/": {},
    "coupons/ten/draft/start/": {},
    "coupons/ten/make/codes/": {"label": "Leaflet", "size": "3"},
    "campaigns/new/": {"name": "Come back", "recipe": "win_back"},
    "messages/templates/new/": {"name": "Tea week", "about": "offers"},
    "members/{number}/notes/": {"text": "Likes tea."},
    "members/{number}/adjust/": {"points": "50", "reason": "Goodwill"},
    "members/views/": {"name": "Mine", "query": "tier=gold"},
    "segments/lists/new/": {"name": "Listed", "numbers": "{number}"},
}
"""What is begun before the console is walked, so that there are drafts, lists and requests."""


@contextmanager
def cache_away() -> Iterator[None]:
    """Will let nothing be reached where the cache is."""
    nowhere = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"}
    with override_settings(CACHES={"default": nowhere}):
        cache.close()
        yield
    cache.close()


def tell() -> Member:
    """Will let members join, buy, give back and check in, with rewards and campaigns; returns who lived most."""
    starter_templates.load(at=NOON, actor="test")
    with told.quietly():
        ann, _bob = (enrol(name, at=NOON - dt.timedelta(days=400), reward=True) for name in ("ann", "bob"))
        for number in range(10):
            enrol(f"m{number}", at=NOON - dt.timedelta(days=80 + number))
        for place, (days, amounts) in enumerate(((390, "900"), (200, "12000 99.90"), (20, "2600 12"), (1, "60")), 1):
            buy("ann", f"A-{place}", amounts, NOON - dt.timedelta(days=days))
        buy("bob", "B-1", "300", NOON - dt.timedelta(days=70))
        give_back("A-2", "2", NOON - dt.timedelta(days=180))
        for days in range(5):
            happen("ann", "check_in", NOON - dt.timedelta(days=days, minutes=5))
        demo.stock_shelf(at=NOON)
        demo.stock_shop(at=NOON)
        answer = members_actions.ConsentGiven(Channel.EMAIL, Purpose.MARKETING, given=True, text="Offers by e-mail.")
        members_actions.consent(member_id=ann.id, answers=[answer], at=NOON, actor="test")
        demo.give_logins(at=NOON)
        demo_campaigns.run_campaigns(at=NOON)
        _hold(ann)
    return ann


def _hold(ann: Member) -> None:
    define(at=NOON - dt.timedelta(days=60), minimum="50", uses_per_member=3)
    for key in ("ready", "spare"):
        give(ann.id, source_key=key, at=NOON)
    for reward in ("tea-set", "cinema"):
        benefits_actions.redeem(
            member_id=ann.id, reward=reward, source_key=f"portal:{uuid.uuid4()}", at=NOON, actor="test"
        )


def entered(**who: object) -> Client:
    """Will return a client in which somebody is logged in: entered(member=ann)."""
    client = Client()
    client.force_login(Account.objects.get(**who), backend=site.AUTHENTICATION_BACKENDS[-1])
    return client


def sow(client: Client, member: Member) -> None:
    """Will begin what is begun by forms, so that there is more to walk."""
    for path, typed in SOWN.items():
        filled = {name: value.format(number=member.number) for name, value in typed.items()}
        answer = client.post(f"/console/{path.format(number=member.number)}", {"form_key": str(uuid.uuid4()), **filled})
        assert answer.status_code == 302, (path, answer.status_code)


@contextmanager
def house() -> Iterator[Member]:
    """Will tell the story and stay at its noon, with pages that need no collected files and no lines in the log."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    storages = {**site.STORAGES, "staticfiles": plain}
    shown = override_settings(STATIC_ROOT=site.BASE_DIR / "static", STORAGES=storages, DEMO_SHOP=True)
    with time_machine.travel(NOON, tick=False), translation.override("en"), shown:
        logging.disable(logging.CRITICAL)
        try:
            yield tell()
        finally:
            logging.disable(logging.NOTSET)
