"""What benefits bring, as the staff read it: the line, the tables, the files, who may see it, and what else says it."""

import datetime as dt
import uuid
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.test import Client

from benefits import actions as benefits_actions
from benefits.models import Coupon
from members.models import Member
from membership_site.console.forms.reports import EffectForm
from tests.benefits.coupons import define, give
from tests.benefits.matrices import publish, raised, row
from tests.benefits.test_checkouts import confirm, hold

from .conftest import Join, queries_of
from .test_reports import told
from .test_reports_of_tiers import csv_of

pytestmark = pytest.mark.django_db
PATH = "/console/reports/effect/"


@pytest.fixture
def club(join: Join, noon: dt.datetime) -> dict[str, Member]:
    """Ann and Bob are silver; Ann had a talk and used a coupon; what is quiet is unused, what is fast is not noted."""
    members = {name: join(name) for name in ("ann", "bob", "cat")}
    publish(
        row("talk", "service", {"silver": {"booking": True}}, value="60", cost="12.5"),
        row("quiet", "service", {"silver": {"booking": True}}),
        row("fast", "priority_dispatch", {"silver": {}}),
        alone=True,
    )
    for name in ("ann", "bob"):
        raised(members[name], "silver")
    ann = members["ann"].id
    number = benefits_actions.book(member_id=ann, benefit="talk", form_key=uuid.uuid4(), at=noon, actor="m")
    benefits_actions.confirm_booking(booking_id=number, at=noon, actor="staff:1")
    benefits_actions.finish_booking(booking_id=number, at=noon, actor="staff:1")
    define(uses_per_member=2)
    give(ann), give(members["cat"].id)
    confirm(hold(Coupon.objects.get(member=ann), noon).id, noon)
    return members


def test_the_line_and_the_tables(enter: Callable[[str], Client], club: dict[str, Member]) -> None:
    """Every figure is that of the story; what is not noted is a dash, and empty in the file."""
    client = enter("operator")
    page = client.get(PATH)
    assert 'role="img"' in page.content.decode()
    said = told(page)
    assert "From 1 Jan 2026 to 3 Mar 2026 benefits, coupons and rewards were used 2 times" in said
    assert "they saved members CN¥70.00 and cost CN¥22.50" in said
    assert "1 benefit was there for members and used by nobody." in said and "whoever buys much also uses much" in said
    rows = {one["benefit"]: one for one in csv_of(client, "effect/benefit.csv")}
    talk = rows["talk"]
    names = ("eligible", "users", "use_rate", "times", "saved", "cost", "cost_each", "user_spend_each")
    assert [talk[name] for name in names] == ["2", "1", "0.500000", "1", "60.00", "12.50", "12.50", "1000.00"]
    assert [talk[f"{who}_margin_each"] for who in ("user", "other")] == ["300.00", "300.00"]
    [other] = [one for one in csv_of(client, "effect/benefit.csv?margin=12") if one["benefit"] == "talk"]
    assert other["user_margin_each"] == "120.00"
    assert (talk["user_orders_each"], talk["other_spend_each"], talk["given"]) == ("1", "1000.00", "")
    assert (rows["fast"]["eligible"], rows["fast"]["users"], rows["quiet"]["users"]) == ("2", "", "0")
    [ten] = csv_of(client, "effect/coupon.csv")
    assert [ten[name] for name in ("coupon", "issued_to", "users", "cost")] == ["ten", "2", "1", "10.00"]
    assert [one["benefit"] for one in csv_of(client, "effect/unused.csv")] == ["quiet"]
    tiers = {one["tier"]: one for one in csv_of(client, "effect/tier.csv")}
    assert [tiers["silver"][name] for name in ("members", "cost", "spend", "cost_share")] == [
        "2", "12.50", "2000.00", "0.006250",
    ]  # fmt: skip
    assert tiers["silver"]["margin"] == "600.00"


def test_a_period_without_anything(enter: Callable[[str], Client], club: dict[str, Member]) -> None:
    """What the starter gave was there and unused; where there is no table the page says why."""
    said = told(enter("auditor").get(f"{PATH}?ends=2025-06&months=1"))
    assert "were used 0 times: they saved members CN¥0.00 and cost CN¥0.00" in said
    assert "No coupon was issued or used in the period" in said


def test_who_may_see_it_and_what_it_costs(enter: Callable[[str], Client], club: dict[str, Member]) -> None:
    """Whoever may see reports; with the same number of queries for any number of benefits."""
    assert enter("agent").get(PATH).status_code == 403
    client = enter("finance")
    client.get(PATH)
    once, _page = queries_of(client, PATH)
    publish(*(row(f"more{n}", "service", {"*": {"booking": True}}) for n in range(3)))
    client.get(PATH)
    assert queries_of(client, PATH)[0] == once


def test_the_form_reads_months(noon: dt.datetime) -> None:
    """Three months by default, as few as one; what cannot be read is the default and said."""
    today = noon.date()
    assert EffectForm({}, today=today).asked().starts_on == dt.date(2026, 1, 1)
    asked = EffectForm({"ends": "2026-02", "months": "1"}, today=today).asked()
    assert (asked.starts_on, asked.ends_on) == (dt.date(2026, 2, 1), dt.date(2026, 2, 28))
    assert not EffectForm({"months": "7"}, today=today).is_valid()
    assert (asked.margin, EffectForm({"margin": "12"}, today=today).asked().margin) == (Decimal("0.3"), Decimal("0.12"))
    for wrong in ("0", "101", "much"):
        form = EffectForm({"margin": wrong}, today=today)
        assert not form.is_valid() and form.asked().margin == Decimal("0.3")


def test_others_say_it_too(enter: Callable[[str], Client], club: dict[str, Member]) -> None:
    """What a use cost beside the matrix, what a member saved on his page."""
    assert "CN¥12.50" in told(enter("operator").get("/console/benefits/"))
    page = told(enter("operator").get(f"/console/members/{club['ann'].number}/?panel=benefits"))
    assert "CN¥70.00 saved this year" in page
