"""Days on which orders earn more, as members read them."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from campaigns import actions as campaigns_actions
from campaigns.enums import CampaignKind
from membership_site.portal.pages.point_days import point_days_cards
from tests.campaigns import cast

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def promise(first: dt.date, at: dt.datetime, **more: Any) -> None:
    """Will start point days of one date."""
    days = {
        "starts_on": first.isoformat(),
        "ends_on": first.isoformat(),
        "multiplier": "2",
        "names": {"en": "Tea day", "zh-hans": "茶日"},
        **more,
    }
    campaign = cast.agreed(cast.draft(kind=CampaignKind.POINT_DAYS, point_days=days))
    campaigns_actions.start(campaign_id=campaign.id, at=at, actor="test")


def test_a_member_reads_of_today_and_of_the_next_day(browse: Client, client: Client, noon: dt.datetime) -> None:
    """On the overview, with the points and in the programme that is open to all."""
    assert "orders earn" not in browse.get("/").content.decode()
    promise(noon.date() + 9 * DAY, noon)
    for path in ("/", "/points/", "/programme/"):
        page = browse.get(path).content.decode()
        assert "Tea day" in page and "Orders placed on 12 Mar 2026 earn double (×2) points." in page, path
    promise(noon.date(), noon, multiplier="1.5", tier="gold")
    page = browse.get("/").content.decode()
    assert "From Gold up, orders placed today earn ×1.5 points." in page and "12 Mar 2026 earn" not in page


def test_only_days_that_are_near_and_in_the_readers_language(programme: None, noon: dt.datetime) -> None:
    promise(noon.date() + 60 * DAY, noon)
    assert point_days_cards(noon) == ()
    with translation.override("zh-hans"):
        [card] = point_days_cards(noon + 30 * DAY)
        assert card.name == "茶日" and not card.is_today and "双倍" in card.words
