"""The demo's log-ins; its history is held against the programme's terms in tests/importing."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection

from campaigns.models import Campaign, Recipient
from members.models import Account, Consent
from membership_site.flows import demo, demo_campaigns, demo_speaks, starter_templates, told
from messaging.models import InboxItem
from tests.console.conftest import buy


@pytest.mark.django_db
def test_log_ins_are_given_once(join, noon):
    ann = join("ann")
    first = demo.give_logins(at=noon)
    assert demo.give_logins(at=noon) == first
    emails = {login.email for login in first}
    assert {"operator@example.com", "agent@example.com", "auditor@example.com", "admin@example.com"} <= emails
    account = Account.objects.get(member=ann)
    assert account.check_password(demo.PASSWORD) and not account.is_staff and account.email in emails


@pytest.mark.django_db
def test_the_demo_speaks_once(join, noon, monkeypatch):
    """Who has a log-in finds messages in his inbox, each at its time; members answer what they were asked."""
    starter_templates.load(at=noon, actor="test")
    with told.quietly():
        ann = join("ann", at=noon - dt.timedelta(days=90))
        buy("ann", "A1", "300.00", noon - dt.timedelta(hours=5))
    assert InboxItem.objects.count() == 0
    today = noon.date()
    customers = [f"c-{n}" for n in range(99)]
    bought = [
        demo.Purchase("c-ann", today, 1, Decimal(300)),
        *(demo.Purchase(c, today, 1, Decimal(1)) for c in customers),
    ]
    monkeypatch.setattr(demo, "read_purchases", lambda today, full: iter(bought))
    assert demo_speaks.speak(at=noon) == 3
    assert demo_speaks.speak(at=noon) == 0
    items = list(InboxItem.objects.filter(member=ann).order_by("at"))
    assert [item.at for item in items] == [noon - dt.timedelta(days=90), noon - dt.timedelta(hours=5)]
    assert "Welcome" in items[0].title
    answers = [demo_speaks._answers(customer, "zh-hans") for customer in customers]
    assert {len(one) for one in answers} == {0, 1, 2}
    assert answers == [demo_speaks._answers(customer, "zh-hans") for customer in customers]
    texts = {one.text for row in answers for one in row}
    assert len(texts) == 2 and all(text.startswith("我同意") for text in texts), texts
    assert Consent.objects.filter(member=ann).count() == len(demo_speaks._answers("c-ann", ""))


@pytest.mark.django_db
def test_the_demo_has_campaigns_on_their_way_once(join, noon):
    """One went out, one goes on, days are planned and a draft waits to be read, in the ways of the shop's people."""
    starter_templates.load(at=noon, actor="test")
    with told.quietly():
        ann = join("ann", at=noon - dt.timedelta(days=90))
        buy("ann", "A1", "300.00", noon - dt.timedelta(days=80))
        for number in range(12):
            join(f"m{number}")
    assert demo_campaigns.run_campaigns(at=noon) == 4
    assert demo_campaigns.run_campaigns(at=noon) == 0
    states = dict(Campaign.objects.values_list("name", "state"))
    assert states == {
        "Win back quiet members": "finished",
        "Birthday wishes": "running",
        "Double points day": "scheduled",
        "New in the rewards": "in_review",
    }
    one = Recipient.objects.get(run__campaign__name="Win back quiet members", member=ann)
    assert InboxItem.objects.filter(member=ann).exists() == (one.group == "treated")


@pytest.mark.django_db
def test_commits_are_awaited_again_after_the_load():
    def awaited() -> str:
        with connection.cursor() as cursor:
            cursor.execute("SHOW synchronous_commit")
            return str(cursor.fetchone()[0])

    before = awaited()
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = on")
    with pytest.raises(KeyError), demo.commits_unawaited():
        assert awaited() == "off"
        raise KeyError
    assert awaited() == before
