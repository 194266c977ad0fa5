"""Members at their own pages, at a fixed instant: who is logged in, and stories to look at."""

import datetime as dt
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.conf import settings as site
from django.test import Client

from members import actions as members_actions
from members.models import Account, Member
from members.rules import MemberReference
from membership_site.flows import event_received, order_paid, order_refunded
from orders.enums import OrderStatus
from orders.rules import EventStatement, LineStatement, OrderStatement, RefundStatement
from tests.points.conftest import give  # noqa: F401

PASSWORD = "a-long-password"


@pytest.fixture(autouse=True)
def _at_noon(noon: dt.datetime, settings: Any) -> Iterator[None]:
    """The present is noon and the language English; static files need not be collected."""
    settings.STATIC_ROOT = site.BASE_DIR / "static"
    settings.STORAGES = {
        **site.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    with time_machine.travel(noon, tick=False):
        yield


@pytest.fixture
def account_of(noon: dt.datetime) -> Callable[[Member], Account]:
    """Opens a member's log-in: ann@example.com for Ann."""

    def open_account(member: Member) -> Account:
        email = f"{member.name.lower()}@example.com"
        return members_actions.open_member_account(
            member_id=member.id, email=email, password=PASSWORD, at=noon, actor="test"
        )

    return open_account


@pytest.fixture
def ann(join: Callable[..., Member], noon: dt.datetime) -> Member:
    """A member for a year and some days, with her welcome points."""
    return join("ann", at=noon - dt.timedelta(days=400), reward=True)


@pytest.fixture
def browse(client: Client, ann: Member, account_of: Callable[[Member], Account]) -> Client:
    """A client in which Ann is logged in."""
    client.force_login(account_of(ann), backend=site.AUTHENTICATION_BACKENDS[-1])
    return client


Buy = Callable[..., None]


def order(number: str, amounts: list[str], at: dt.datetime, name: str = "ann") -> None:
    """Will tell the house of a paid order of two units a line: order("A1", ["59.90", "10"], at)."""
    lines = tuple(
        LineStatement(line_id=str(i), quantity=2, unit_price=Decimal(amount) / 2) for i, amount in enumerate(amounts, 1)
    )
    statement = OrderStatement("web", number, OrderStatus.PAID, at, at, site.PROGRAMME_CURRENCY, lines)
    reference = MemberReference(external_id=f"c-{name}")
    order_paid.take_order(statement=statement, reference=reference, at=at, actor="test")


@pytest.fixture
def buy() -> Buy:
    """Tells the house of a paid order: buy("A1", ["59.90", "10"], at)."""
    return order


def give_back(number: str, line: str, at: dt.datetime) -> None:
    """Will tell the house of one returned unit."""
    statement = RefundStatement("web", number, f"R-{line}", at, ((line, 1),))
    order_refunded.take_refund(statement=statement, at=at, actor="test")


def check_in(day: dt.datetime, name: str = "ann") -> None:
    """Will tell the house of a check-in."""
    statement = EventStatement("app", f"{name}-{day.isoformat()}", "check_in", day, {})
    event_received.take_event(
        statement=statement, reference=MemberReference(external_id=f"c-{name}"), at=day, actor="test"
    )
