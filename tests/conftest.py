"""Fixtures that every test may use: the starter programme, a fixed cast, and an instant to start from."""

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import TransactionTestCase
from django.test.utils import override_settings
from django.utils import translation
from hypothesis import settings

from members.actions import NewMember
from members.models import Member
from members.rules import email_identity, external_identity
from membership_site.flows import member_joined, starter
from tests import emptying, template_database
from tests.architecture.rendering import no_queries_while_rendering  # noqa: F401
from tests.browser import browser, live_url, static_root, visit  # noqa: F401
from tests.kit.examples import ALIKE

settings.register_profile("alike", ALIKE)
settings.load_profile("alike")
NOON = dt.datetime(2026, 3, 3, 4, 0, tzinfo=dt.UTC)
"""Tuesday 3 March 2026, noon in Shanghai: the present of most tests."""


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    """Workers that run side by side copy the database that was migrated for all of them."""
    if name := template_database.wait_for():
        connection.settings_dict["TEST"]["TEMPLATE"] = name


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The test database; its TRUNCATE guards are off, because that may be how tests with real transactions clean up."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass, tgname FROM pg_trigger WHERE tgname LIKE '%\\_no\\_truncate'")
        for table, trigger in cursor.fetchall():
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(TransactionTestCase, "_fixture_teardown", emptying.empty)
        yield


@pytest.fixture(scope="session", autouse=True)
def hashed_fast() -> Iterator[None]:
    """Passwords of the cast are hashed in no time; that the site takes its time is for tests.members.test_passwords."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Every test begins in English, whatever a page before it spoke."""
    with translation.override("en"):
        yield


@pytest.fixture(scope="module")
def module_programme(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The starter programme in a transaction around a module, each test of which runs in a savepoint of its own.

    A fixture of the module that builds on it tells a long story once, and each test finds it as it was told, whatever
    the one before did. Tests that do not ask for it run before (see tests.workers), in a house as empty as ever.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        starter.load(at=NOON, actor="test")
        yield
        transaction.set_rollback(True)


@pytest.fixture
def noon() -> dt.datetime:
    """The present of most tests."""
    return NOON


@pytest.fixture
def programme(request: pytest.FixtureRequest, db: None) -> None:
    """The starter programme, published: the module's own, but for tests with real commits (see tests.workers)."""
    if "module_programme" not in request.fixturenames:
        starter.load(at=NOON, actor="test")


def enrol(name: str = "ann", at: dt.datetime = NOON - dt.timedelta(days=30), reward: bool = False) -> Member:
    """Will make a member: enrol("ann"), enrol("bob", reward=False)."""
    identities = [email_identity(f"{name}@example.com"), external_identity("web", f"c-{name}")]
    new = NewMember(identities=identities, name=name.title())
    return member_joined.register(new=new, at=at, actor="test", reward=reward)


@pytest.fixture
def join(programme: None) -> Callable[..., Member]:
    """Makes a member: join("ann"), join("bob", reward=False)."""
    return enrol
