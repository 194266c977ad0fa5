"""Rewards, codes and parcels in a real browser: for everybody, on a small screen too."""

import pytest

from benefits import actions as benefits_actions
from benefits.rules.fulfilment import Address
from kit import clock
from membership_site.flows import demo
from tests.everybody import faces, faults, walk

from .conftest import Join, Look, open_staff

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PATHS = (
    "/console/rewards/",
    "/console/rewards/new/coupon/",
    "/console/rewards/spring-draw/edit/",
    "/console/gifts/new/",
    "/console/gifts/tea-set/edit/",
    "/console/pools/",
    "/console/pools/new/",
    "/console/pools/cinema/edit/",
    "/console/parcels/",
)


@faces(("en", "light", 1440), ("zh-hans", "dark", 390))
def test_rewards_are_for_everybody(look: Look, join: Join, language: str, theme: str, width: int) -> None:
    """No violation, nothing sideways, no complaint of the browser."""
    at, member_id = clock.now(), join("mei").id
    demo.stock_shelf(at=at)
    one = benefits_actions.promise(member_id=member_id, item="tea-set", source_key="grant:1", at=at, actor="test").id
    home = Address("Mei", "13912345678", ("1 Garden Road",), "Shanghai")
    benefits_actions.enter_address(member_id=member_id, fulfilment_id=one, address=home, at=at, actor="member")
    paths = (*PATHS, f"/console/parcels/{one}/")
    found: list[str] = []
    for _path, visit in walk(look, paths, open_staff("admin"), language=language, theme=theme, width=width):
        found += faults(visit)
    assert not found, "\n".join(found)
