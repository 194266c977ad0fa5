"""The starter's messages: without a fault in each language, and written out for members who have little or much."""

from typing import Any

import pytest

from membership_site.flows import starter_templates
from messaging.enums import Channel
from messaging.models import TemplateVersion
from messaging.queries import templates as queries
from messaging.rules.content import content_from, findings
from messaging.rules.fields import CATALOGUE, LANGUAGES, Group, examples
from messaging.rules.language import Severity
from messaging.wording.rendering import render
from tests.conftest import NOON

pytestmark = pytest.mark.django_db

CODES = [row[0] for row in (*starter_templates.SERVICE, *starter_templates.MARKETING)]
NEEDS = {
    "verify_address": {"code", "minutes"},
    "tier_changed": {"to_tier"},
    "tier_fallen": {"to_tier"},
    "tier_ending": {"from_tier", "to_tier", "ends_on"},
    "points_lapsing": {"points_ending", "ends_on"},
    "order_receipt": {"order_number", "points_given"},
    "redemption_receipt": {"reward_name", "points_spent"},
    "refund_receipt": {"order_number", "points_taken"},
}
"""The fields that each service message must be given by its cause."""


def test_they_are_loaded_once() -> None:
    assert starter_templates.load(at=NOON, actor="test")
    assert not starter_templates.load(at=NOON, actor="test")
    assert TemplateVersion.objects.count() == len(CODES)
    assert [topic.code for topic in queries.list_topics()] == ["offers", "points", "tier", "news"]


@pytest.mark.parametrize("code", CODES)
def test_it_is_without_a_fault_and_says_no_hole(templates: None, code: str) -> None:
    version = queries.published_version(code)
    assert version is not None
    row = TemplateVersion.objects.get(id=version.version_id)
    found = findings(content_from(row.content))
    missing = {one.facts["field"] for place in found.values() for one in place if one.code == "can_be_missing"}
    assert all(one.severity is Severity.WARNING for place in found.values() for one in place)
    assert missing == NEEDS.get(code, set())
    compiled = queries.compiled_of([row.id])[row.id]
    for channel, languages in compiled.items():
        assert set(languages) == set(LANGUAGES), channel
        for language, parts in languages.items():
            _written(parts, language, NEEDS.get(code, set()))


def _written(parts: dict[str, Any], language: str, needed: set[str]) -> None:
    """Will write a message for a member of whom everything is known, and for one of whom hardly anything is."""
    links = {f"l{number}": f"https://x/{number}" for number in parts.get("links", {})}
    every = examples(language)
    some = {
        code: value
        for code, value in every.items()
        if not CATALOGUE[code].can_be_missing or code in needed or CATALOGUE[code].group is Group.SENDING
    }
    for values in (every, {**some, "points": 0}):
        said = render(parts, {**values, "links": links}, language)
        for text in said.values():
            assert "{{" not in text
            assert "{%" not in text
            assert "!" not in text.replace("<!", "").replace("!important", "").replace("[if !mso]", "")
            assert "  " not in text or "<" in text
            assert language == "en" or ", " not in text.split("\n", 2)[-1] or "<" in text or "off, up" in text


def test_what_is_in_force_can_be_asked(templates: None) -> None:
    welcome = queries.published_version("welcome")
    assert welcome is not None
    assert (welcome.purpose, welcome.topic) == ("service", "")
    assert welcome.channels == (Channel.EMAIL, Channel.INBOX)
    offer = queries.published_version("win_back")
    assert offer is not None
    assert (offer.purpose, offer.topic) == ("marketing", "offers")
    assert queries.published_version("none") is None
