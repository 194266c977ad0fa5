"""The staff's pages of members' data in a real browser, for everybody."""

import datetime as dt

import pytest

from insights import jobs as insights_jobs
from kit import clock
from kit.jobs import Night
from members import actions as members_actions
from members.models import Member
from tests.everybody import faces, faults, walk

from .conftest import Join, Look, open_staff

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def pair(join: Join, transactional_db: None) -> tuple[Member, Member]:
    """Two memberships of one person, with a tag and a stage."""
    now = clock.now()
    ann, bob = (join(name, at=now - dt.timedelta(days=80), reward=True) for name in ("ann", "bob"))
    for member, phone in ((ann, "+8613800138000"), (bob, "13800138000")):
        member.identities.create(kind="phone", value=phone)
    members_actions.put_tags(member_ids=[ann.id], name="vip", at=now, actor="staff:1")
    for _chunk in insights_jobs.tell_stages(Night(clock.business_date(now)), 0):
        pass
    return ann, bob


@pytest.mark.slow
@faces(("en", "light", 1440), ("zh-hans", "dark", 390))
def test_the_pages_are_for_everybody(
    look: Look, pair: tuple[Member, Member], language: str, theme: str, width: int
) -> None:
    """No violation, nothing sideways, no complaint of the browser."""
    ann, bob = pair
    own = f"/console/members/{ann.number}/"
    paths = (
        *("/console/members/stages/", "/console/members/stages/days/", "/console/members/duplicates/"),
        *("/console/members/tag/", own, f"{own}merge/?other={bob.number}", f"{own}export/", f"{own}erase/"),
        *(f"{own}?panel={panel}" for panel in ("notes", "profile")),
        *(f"{own}looked/", f"{own}notes/", f"{own}tags/"),
    )
    found: list[str] = []
    for _path, visit in walk(look, paths, open_staff("admin"), language=language, theme=theme, width=width):
        found += faults(visit)
    assert not found, "\n".join(found)
