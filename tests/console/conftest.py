"""The staff at the console: log-ins by role, a shop with a history, a browser on a live server."""

import datetime as dt
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.conf import settings as site
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from members.enums import StaffRole
from members.models import Account, Member
from members.rules import MemberReference
from membership_site.flows import event_received, order_paid, order_refunded
from orders.enums import OrderStatus
from orders.rules import EventStatement, LineStatement, OrderStatement, RefundStatement
from tests.browser import Open, Visit

PASSWORD = "a-long-password"
FRAMES = ("SAVEPOINT", "RELEASE", "SET LOCAL")

Join = Callable[..., Member]


@pytest.fixture(autouse=True)
def _site(request: pytest.FixtureRequest, settings: Any, noon: dt.datetime) -> Iterator[None]:
    """The present is noon and the language English, but for a browser, which has its own clock."""
    if request.node.get_closest_marker("browser"):
        yield
        return
    settings.STATIC_ROOT = site.BASE_DIR / "static"
    settings.STORAGES = {
        **site.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    with time_machine.travel(noon, tick=False):
        yield


def open_staff(role: str, email: str = "") -> Account:
    """Will open a log-in of the staff with one role, or with none for an empty text."""
    roles = [StaffRole(role).value] if role else []
    name = f"{role.title() or 'No'} Person"
    return Account.objects.create_user(
        email or f"{role or 'none'}@staff.example", PASSWORD, is_staff=True, roles=roles, name=name
    )


@pytest.fixture
def enter(db: None) -> Callable[[str], Client]:
    """Gives a client in which a person of the staff with a role is logged in: enter("agent")."""

    def logged_in(role: str) -> Client:
        client = Client()
        email = f"{role or 'none'}@staff.example"
        account = Account.objects.filter(email=email).first() or open_staff(role)
        client.force_login(account, backend=site.AUTHENTICATION_BACKENDS[-1])
        return client

    return logged_in


def buy(name: str, number: str, amounts: str, at: dt.datetime) -> None:
    """Will tell the house of a paid order of one member: buy("ann", "A1", "59.90 10", at)."""
    lines = tuple(
        LineStatement(line_id=str(i), quantity=1, unit_price=Decimal(amount), name="Tea")
        for i, amount in enumerate(amounts.split(), 1)
    )
    statement = OrderStatement("web", number, OrderStatus.PAID, at, at, site.PROGRAMME_CURRENCY, lines)
    order_paid.take_order(statement=statement, reference=MemberReference(external_id=f"c-{name}"), at=at, actor="test")


def give_back(number: str, line: str, at: dt.datetime) -> None:
    """Will tell the house of one returned unit."""
    statement = RefundStatement("web", number, f"R-{line}", at, ((line, 1),), Decimal(10))
    order_refunded.take_refund(statement=statement, at=at, actor="test")


def happen(name: str, kind: str, at: dt.datetime) -> None:
    """Will tell the house of an event."""
    statement = EventStatement("app", f"{name}-{kind}-{at.isoformat()}", kind, at, {})
    event_received.take_event(
        statement=statement, reference=MemberReference(external_id=f"c-{name}"), at=at, actor="test"
    )


def crowd(join: Join, count: int, now: dt.datetime) -> list[Member]:
    """Will let members join, one an hour, of whom two in three have ordered, so that all lists have ties and gaps."""
    members = []
    for index in range(count):
        name = f"guest{index:03}"
        members.append(join(name, at=now - dt.timedelta(days=200, hours=index // 2), reward=True))
        if index % 3:
            buy(name, f"C-{index}", str(100 * (index % 4) + 50), now - dt.timedelta(days=3 + 40 * (index % 5)))
    return members


def queries_of(client: Client, path: str) -> tuple[int, str]:
    """Will return how many queries a page takes, and what it says."""
    with CaptureQueriesContext(connection) as asked:
        answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return len(asked), answer.content.decode()


def questions_of(client: Client, path: str) -> int:
    """Will return how many statements a page asks, session and account too, besides what frames a time-out."""
    with CaptureQueriesContext(connection) as asked:
        answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return sum(not query["sql"].startswith(FRAMES) for query in asked.captured_queries)


def text_of(page: str) -> str:
    """Will return a page in one line."""
    return " ".join(page.split())


# ---- a browser

Look = Callable[..., Visit]


@pytest.fixture
def look(visit: Open) -> Look:
    """Opens a page that must answer, without motion: look("/console/", account, language="zh-hans", width=390)."""

    def open_page(path: str, account: Account | None, **options: Any) -> Visit:
        opened = visit(path, account, reduced_motion="reduce", **options)
        assert opened.status == 200, path
        return opened

    return open_page
