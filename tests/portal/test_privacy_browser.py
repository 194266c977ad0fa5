"""The privacy pages in a real browser: an answer without script on a phone, and every page for everybody."""

import datetime as dt

import pytest
from playwright.sync_api import expect

from kit import clock
from members import actions as members_actions
from members import queries as members_queries
from members.models import Account
from tests.conftest import enrol
from tests.console.conftest import Look, look  # noqa: F401
from tests.everybody import faces, faults, walk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _at_noon() -> None:
    """A browser has its own clock."""


@pytest.fixture
def ann(programme: None, transactional_db: None) -> Account:
    """A member who agreed to something and looks at her data."""
    now = clock.now()
    member = enrol("ann", at=now - dt.timedelta(days=30), reward=True)
    members_actions.request_export(member_id=member.id, reason="", at=now, actor="member")
    return members_actions.open_member_account(
        member_id=member.id, email="ann@example.com", password="a-long-password", at=now, actor="test"
    )


def test_an_answer_is_given_without_scripts_on_a_phone(look: Look, ann: Account) -> None:  # noqa: F811
    """And taken back as easily."""
    seen = look("/privacy/", ann, scripts=False, width=390)
    button = seen.page.get_by_role("button", name="offers and news by e-mail")
    button.click()
    expect(button).to_contain_text("Say no")
    assert [one.given for one in members_queries.consents_in_force(ann.member.id)] == [True]
    button.click()
    expect(button).to_contain_text("Agree")
    assert [one.given for one in members_queries.consents_in_force(ann.member.id)] == [False]
    assert seen.complaints == []


@pytest.mark.slow
@faces(("en", "light", 1440), ("zh-hant", "dark", 390))
def test_the_pages_are_for_everybody(look: Look, ann: Account, language: str, theme: str, width: int) -> None:  # noqa: F811
    """No violation, nothing sideways, no complaint of the browser."""
    paths = ("/me/", "/me/edit/", "/privacy/", "/privacy/erase/")
    found: list[str] = []
    for _path, visit in walk(look, paths, ann, language=language, theme=theme, width=width):
        found += faults(visit)
    assert not found, "\n".join(found)
