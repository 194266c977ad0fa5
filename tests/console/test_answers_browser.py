"""In a real browser: a rule for a segment, a test to oneself, and what members answered, for everybody."""

import datetime as dt
from typing import Any

import pytest
from playwright.sync_api import expect

from campaigns import actions as campaigns_actions
from campaigns.models import Run
from kit import clock
from members.models import Account
from membership_site.flows import starter_templates
from membership_site.flows.starter import POINTS_TERMS
from messaging import actions as messaging_actions
from messaging.enums import Question
from messaging.models import Message, Template
from points import actions as points_actions
from points.models import PolicyVersion
from tests.campaigns import cast
from tests.everybody import faces, faults, walk

from .conftest import Join, Look, open_staff

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

RULE = "/console/rules/draft/rule/"


@pytest.fixture
def operator(join: Join, transactional_db: None) -> Account:
    """An operator, a shared list, a draft of rules, the starter's templates, and a launch that was answered."""
    now = clock.now()
    operator = open_staff("operator")
    deed: dict[str, Any] = {"at": now, "actor": f"staff:{operator.id}"}
    join("ann")
    made = campaigns_actions.make_list(name="Tasters", owner_id=operator.id, **deed)
    campaigns_actions.share_segment(segment_id=made, is_shared=True, **deed)
    version = points_actions.start_draft(**deed)
    names = {"en": "Tasters’ week", "zh-hans": "品鉴周", "zh-hant": "品鑑週"}
    when = [{"what": "segment", "is": [str(made)]}]
    said = {"code": "tasters", "names": names, "deed": "order", "effect": "multiply", "amount": "2", "when": when}
    PolicyVersion.objects.filter(id=version.id).update(terms={**POINTS_TERMS, "rules": [said]})
    starter_templates.load(at=now, actor="test")
    for number in range(6):
        cast.reachable(f"guest{number}", at=now - dt.timedelta(days=9))
    run = cast.launched(now)
    Message.objects.filter(dispatch_id=run.dispatch_id).update(state="sent", sent_at=now)
    for place, message in enumerate(cast.messages(run).values()):
        for question, score in ((Question.SATISFACTION, 1 + place % 5), (Question.RECOMMENDATION, 10 - place)):
            messaging_actions.answer(
                token=message.token, question=question, score=score, comment="Quick, and kind.", at=now, actor="link"
            )
    return operator


def test_a_rule_for_a_segment_is_written_in_a_browser(look: Look, operator: Account) -> None:
    seen = look(RULE, operator)
    page = seen.page
    page.get_by_label("Add a condition").select_option("segment")
    page.get_by_role("button", name="Add the condition").click()
    page.locator("#id_w0_values").select_option(label="Tasters")
    page.get_by_label("How much").fill("3")
    page.get_by_label("Name in English").fill("Triple")
    page.get_by_role("button", name="Save in the draft").click()
    expect(page.get_by_text("by members in the segment “Tasters”: points × 3").first).to_be_visible()
    assert seen.complaints == []


@pytest.mark.slow
@faces(("en", "light", 1440), ("zh-hant", "dark", 390))
def test_they_are_for_everybody(look: Look, operator: Account, language: str, theme: str, width: int) -> None:
    """No violation, nothing sideways, no complaint of the browser."""
    run, template = Run.objects.get(), Template.objects.get(code="how_satisfied")
    member = next(iter(cast.recipients(run).values())).member
    paths = [
        f"{RULE}?code=tasters",
        f"/console/messages/templates/{template.id}/test/",
        f"/console/campaigns/{run.campaign_id}/",
        f"/console/members/{member.number}/?panel=messages",
        "/console/reports/satisfaction/",
    ]
    found: list[str] = []
    for _path, visit in walk(look, paths, operator, language=language, theme=theme, width=width):
        found += faults(visit)
    assert not found, "\n".join(found)
