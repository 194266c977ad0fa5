"""The pages of the earning rules in a real browser: for everybody, narrow, in every language, nothing complained of."""

import datetime as dt

import pytest

from kit import clock
from membership_site.flows import policy_preview
from orders.models import ShopEvent
from points import actions as points_actions
from points import queries as points_queries
from tests.everybody import faces, faults, walk

from .conftest import Join, Look, buy, happen, open_staff
from .test_policies import DRAFT, RULE, RULES, draft_with, rule

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def pages(join: Join) -> list[str]:
    """Every page of the rules: a draft with rules of both wallets, tried on an order and an event, and its preview."""
    at = clock.now()
    ann = join("ann", at=at - dt.timedelta(days=40))
    buy("ann", "A1", "100 33.50", at - dt.timedelta(days=3))
    happen("ann", "review", at - dt.timedelta(days=2))
    grows = rule("grow", wallet="growth", priority=20, caps=[{"per": "month", "points": 50}])
    gold = rule("gold", deed="review", priority=30, when=[{"what": "tier_min", "is": ["gold"]}])
    draft = draft_with(at, rule(caps=[{"per": "deed", "points": 50}]), grows, gold)
    preview_id, _new = points_actions.request_preview(version_id=draft, months=2, at=at, actor="staff:1")
    policy_preview.run(preview_id=preview_id, now=lambda: at)
    assert points_queries.get_preview(preview_id).state == "done"
    return [
        RULES,
        RULES + "versions/1/",
        DRAFT,
        DRAFT + "?try_number=A1",
        DRAFT + f"?try_type=&try_event={ShopEvent.objects.get().id}",
        DRAFT + f"?try_type=review&try_member={ann.number}&try_properties=photo+%3D+true",
        DRAFT + "?try_type=Review&try_member=&try_properties=x",
        RULE,
        RULE + "?code=grow",
        DRAFT + "settings/",
        DRAFT + "publish/",
        DRAFT + "discard/",
        f"/console/policies/{draft}/preview/",
    ]


@pytest.mark.slow
@faces(("en", "light", 1440), ("zh-hant", "dark", 390))
def test_pages_of_the_rules_are_for_everybody(
    look: Look, pages: list[str], language: str, theme: str, width: int
) -> None:
    """No violation, nothing sideways, no complaint of the browser, with everything opened."""
    operator, found = open_staff("operator"), []
    for _path, visit in walk(look, pages, operator, language=language, theme=theme, width=width):
        found += faults(visit)
    assert not found, "\n".join(found)
