"""What messages may say of members: the values, in how many queries, and who would miss which."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from benefits import actions as benefits_actions
from kit.models import AuditRow
from members.enums import Purpose
from members.models import Member
from messaging import actions
from messaging.enums import Channel
from messaging.models import TemplateVersion
from messaging.queries.merging import values_for
from messaging.queries.preflight import preflight
from messaging.queries.previews import preview_with
from messaging.rules.content import InboxContent, SmsContent, content_from
from messaging.rules.fields import CATALOGUE, Group
from messaging.wording.rendering import MissingValue, render
from tests.conftest import NOON

pytestmark = pytest.mark.django_db


def test_values_of_a_member(join: Callable[..., Member]) -> None:
    ann = join("ann", reward=True)
    benefits_actions.issue(member_id=ann.id, definition="birthday", source_key="test", at=NOON, actor="test")
    found = values_for([ann.id], {ann.id: "zh-hans"}, NOON)[ann.id]
    assert {code for code, field in CATALOGUE.items() if field.group is Group.MEMBER} <= set(found)
    assert found["language"] == "zh-hans"
    assert found["name"] == "Ann"
    assert found["tier"] == "普通会员"
    assert found["next_tier"] == "银卡"
    assert found["to_next_tier"] == Decimal(1000)
    assert found["points"] == 100
    assert found["points_worth"] == Decimal("1.00")
    assert found["points_expiring"] == 100
    assert found["joined_on"] == dt.date(2026, 2, 1)
    assert found["birthday_month"] is None
    assert found["coupons_ready"] == 1
    assert found["coupons"] == [{"name": "8折，最多减50", "until": dt.date(2026, 4, 2)}]
    assert render({"text": "{{ name }} {{ points|points }}"}, found, "en")["text"] == "Ann 100 points"


@pytest.mark.parametrize(("currency", "worth"), [("CNY", "1.00"), ("JPY", "1"), ("KWD", "1.000")])
def test_points_are_worth_whole_coins_of_the_currency(
    settings: Any, join: Callable[..., Member], currency: str, worth: str
) -> None:
    settings.PROGRAMME_CURRENCY = currency
    ann = join("ann", reward=True)
    assert str(values_for([ann.id], {}, NOON)[ann.id]["points_worth"]) == worth


@pytest.mark.parametrize(
    ("name", "first"), [("Ann Lee", "Ann"), ("林薇", "林薇"), ("林 薇", "林 薇"), ("", None), ("  ", None)]
)
def test_first_names(join: Callable[..., Member], name: str, first: str | None) -> None:
    ann = join("ann")
    Member.objects.filter(id=ann.id).update(name=name, language="zh-Hant")
    found = values_for([ann.id, 0], {}, NOON)
    assert list(found) == [ann.id]
    assert found[ann.id]["first_name"] == first
    assert found[ann.id]["language"] == "zh-hant"


def test_as_many_queries_however_many_members(join: Callable[..., Member]) -> None:
    ids = [join(f"m{number}", reward=True).id for number in range(6)]
    values_for(ids, {}, NOON)
    counts = []
    for some in (ids[:1], ids):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            values_for(some, {}, NOON)
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 8


@pytest.mark.parametrize(
    ("fields", "said", "unsaid"),
    [
        ({"name"}, {"name", "number", "language"}, {"points", "tier", "coupons"}),
        ({"points_worth", "name"}, {"points", "points_worth", "growth"}, {"tier", "coupons"}),
        ({"next_tier"}, {"tier", "next_tier"}, {"points", "coupons"}),
        ({"coupons_ready"}, {"coupons", "coupons_ready"}, {"points", "tier"}),
    ],
)
def test_rooms_are_only_asked_for_what_is_named(
    join: Callable[..., Member], fields: set[str], said: set[str], unsaid: set[str]
) -> None:
    ann = join("ann", reward=True)
    everything = values_for([ann.id], {}, NOON)[ann.id]
    with CaptureQueriesContext(connection) as asked:
        found = values_for([ann.id], {}, NOON, fields)[ann.id]
    assert said <= set(found)
    assert not unsaid & set(found)
    assert found.items() <= everything.items()
    assert len(asked) <= 4


WORDS = {"inbox": {"en": {"title": "{{ first_name }}", "body": "{{ coupon_name }} {{ points }}"}}}


def published(kept: dict[str, Any]) -> int:
    """Will publish a template and return the version."""
    by: dict[str, Any] = {"at": NOON, "actor": "test"}
    actions.publish_first_template(code="x", name="X", purpose=Purpose.SERVICE, content=content_from(kept), **by)
    version = TemplateVersion.objects.get(template__code="x")
    return version.id


def test_who_would_miss_what(join: Callable[..., Member]) -> None:
    ids = [join(f"m{number}").id for number in range(4)]
    Member.objects.filter(id__in=ids[:3]).update(name="")
    version = published(WORDS)
    found = preflight(ids, version_id=version, at=NOON)
    assert (found.members, found.is_clear) == (4, False)
    assert found.missing == {Channel.INBOX: {"first_name": 3, "coupon_name": 4}}
    given = preflight(ids, version_id=version, at=NOON, values={"coupon_name": {"en": "10 off"}})
    assert given.missing == {Channel.INBOX: {"first_name": 3}}


def test_a_preflight_is_as_rendering_says(join: Callable[..., Member]) -> None:
    """What is remembered is told apart by what a template asks of: one by one it comes to the same."""
    ids = [join(f"m{number}", reward=number % 2 == 0).id for number in range(6)]
    Member.objects.filter(id__in=ids[1:3]).update(name=" ")
    body = "{% if points > 50 %}{{ first_name }}{% elif name and tier == 'x' %}{{ tier_until }}{% endif %}"
    version = published({"inbox": {"en": {"title": "A", "body": body}}})
    values = values_for(ids, {}, NOON)
    alone = 0
    for member_id in ids:
        try:
            render({"body": body}, values[member_id], "en")
        except MissingValue as missing:
            assert missing.field == "first_name"
            alone += 1
    assert preflight(ids, version_id=version, at=NOON).missing == {Channel.INBOX: {"first_name": alone}}
    assert alone == 1


def test_a_template_that_needs_nothing_is_clear(join: Callable[..., Member]) -> None:
    ids = [join("ann").id]
    assert preflight(ids, version_id=published({"sms": {"en": {"text": "{{ points }}"}}}), at=NOON).is_clear


def test_a_preview_is_noted(join: Callable[..., Member]) -> None:
    ann = join("ann", reward=True)
    asked: dict[str, Any] = {"channel": Channel.SMS, "language": "en", "is_marketing": False}
    seen: dict[str, Any] = {**asked, "member_number": ann.number, "template_id": 7, "at": NOON, "actor": "staff:1"}
    shown = actions.preview_as(words=SmsContent("{{ name }} {{ points }} {{ coupon_name }}"), **seen)
    assert shown.parts == {"text": "Ann 100 20% off, up to 50"}
    row = AuditRow.objects.get(deed="message.previewed")
    assert (row.subject, row.actor) == (f"member:{ann.id}", "staff:1")
    Member.objects.filter(id=ann.id).update(name="")
    assert actions.preview_as(words=SmsContent("{{ name }}"), **seen).missing == "name"
    assert actions.preview_as(words=SmsContent("{{ nam }}"), **seen).fault == "errors"
    example = preview_with({}, words=SmsContent("{{ name }}"), **asked)
    assert example.parts == {"text": "Lin Wei"}
    inbox = InboxContent("A", "B {{ tier }}", "Go", "/x/")
    shown = preview_with({}, words=inbox, channel=Channel.INBOX, language="en", is_marketing=True)
    assert shown.parts["body"] == "B Gold"
