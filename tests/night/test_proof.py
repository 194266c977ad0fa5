"""Every claim of every room is broken once, behind the database's back, and said in a sentence."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.core.management import call_command
from django.db import connection

from members.models import Identity, Member
from members.rules import MemberReference
from membership_site.flows import nightly, order_paid, proof
from tests.flows import shop
from tests.night import world
from tests.night.world import DAY

D = dt.date(2026, 3, 31)
BOB = MemberReference(external_id="c-bob")

pytestmark = pytest.mark.django_db


@pytest.fixture
def bob(join) -> int:
    """A member with orders, a return, a tier, points spent and points expired."""
    member = join("bob", at=world.noon(D - 20 * DAY), reward=True)
    shop.place("1", [("1", 3, "400.10"), "50"], world.noon(D - 9 * DAY), who=BOB)
    shop.give_back("1", "R1", {"1": 1}, world.noon(D - 8 * DAY))
    world.give(member.id, 30, (D - 2 * DAY, D), D - 2 * DAY)
    world.give(member.id, 5, (D + 5 * DAY, D + 50 * DAY), D)
    shop.use(member.id, 20, world.noon(D))
    world.night(nightly.find_step("expire_lots"), D)
    assert not list(proof.violations()) and not list(proof.violations_of_day(D))
    return member.id


@contextmanager
def behind_the_back(*tables: str) -> Iterator[None]:
    """Lets a test do what the database refuses."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    yield
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def broken(statement: str, *tables: str) -> list[str]:
    """Will break something and return what the proof says."""
    with behind_the_back(*tables), connection.cursor() as cursor:
        cursor.execute(statement)
        assert cursor.rowcount == 1, "the test broke nothing"
    return list(proof.violations())


WALLET = "wallet = 'points' AND member_id = (SELECT max(id) FROM members_member)"


@pytest.mark.parametrize(
    ("statement", "sentences"),
    [
        ("UPDATE points_balance SET available = available + 1", ["do not sum to its balance", "what its lots hold"]),
        ("UPDATE points_balance SET seq = seq + 1", ["numbered without gaps"]),
        (
            "UPDATE points_lot SET points = points + 7 WHERE expires_on = '2026-05-20' AND",
            ["its lots hold", "did not put"],
        ),
        ("UPDATE points_lot SET expires_on = '2026-05-21' WHERE expires_on = '2026-05-20' AND", ["did not put into"]),
        ("UPDATE points_lot SET pending = false WHERE expires_on = '2026-05-20' AND", ["what its lots hold"]),
        ("UPDATE points_entry SET balance_after = balance_after + 1 WHERE seq = 2 AND", ["running balance on"]),
        ("UPDATE points_entry SET points = points + 1 WHERE seq = 1 AND", ["do not sum", "running", "did not put"]),
        ("UPDATE points_entry SET seq = 99 WHERE seq = 7 AND", ["numbered without gaps"]),
        ("DELETE FROM points_entry WHERE kind = 'redemption' AND", ["not sum", "without gaps", "did not put"]),
        ("UPDATE points_entry SET debt_change = 1 WHERE seq = 1 AND", ["its debt: 1 booked; 0 owed", "did not put"]),
        ("UPDATE points_entry SET lot_points = '{19}' WHERE kind = 'redemption' AND", ["make up its units"]),
        ("UPDATE points_entry SET business_date = '2026-03-30' WHERE kind = 'expiry' AND", ["make up its units"]),
    ],
)
def test_wallets(bob, statement, sentences):
    where = "" if statement.endswith("AND") else " WHERE"
    found = broken(f"{statement}{where} {WALLET}", "points_entry")
    for sentence in sentences:
        assert any(sentence in line and "M" in line for line in found), found


def test_a_wallet_that_is_not_there(bob):
    found = broken(f"DELETE FROM points_balance WHERE {WALLET}")
    assert any("has joined but lacks a wallet" in line for line in found)
    assert any("do not sum to its balance" in line for line in found)


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("UPDATE points_balance SET pending = pending + 1", "do not sum"),
        ("UPDATE points_lot SET points = points + 7 WHERE expires_on = '2026-05-20' AND", "what its lots hold"),
        ("UPDATE points_entry SET balance_after = balance_after + 1 WHERE kind = 'redemption' AND", "running balance"),
        ("DELETE FROM points_entry WHERE kind = 'redemption' AND", "without gaps"),
        ("UPDATE points_entry SET lot_points = '{19}' WHERE kind = 'redemption' AND", "make up its units"),
    ],
)
def test_wallets_of_the_day(bob, statement, sentence):
    where = "" if statement.endswith("AND") else " WHERE"
    broken(f"{statement}{where} {WALLET}", "points_entry")
    assert any(sentence in line for line in proof.violations_of_day(D))
    assert not list(proof.violations_of_day(D - 400 * DAY))


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("UPDATE tiers_standing SET rank = 2", "does not stand where the last decision put him"),
        ("UPDATE tiers_standing SET until_date = until_date + 1", "does not stand where"),
        ("UPDATE tiers_standing SET since_date = since_date - 1", "does not stand where"),
        ("DELETE FROM tiers_decision WHERE seq = 2", "does not stand where"),
        ("DELETE FROM tiers_decision WHERE seq = 1", "not numbered without gaps"),
        ("UPDATE tiers_decision SET from_tier_id = to_tier_id WHERE seq = 2", "does not begin where"),
        ("UPDATE tiers_decision SET at = at + interval '1 year' WHERE seq = 1", "is older than"),
        ("DELETE FROM tiers_standing", "does not stand on the ladder"),
    ],
)
def test_standings(bob, statement, sentence):
    assert any(sentence in line for line in broken(statement, "tiers_decision"))


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("UPDATE orders_order SET basis = basis + 1", "another basis than its lines"),
        ("DELETE FROM orders_refund", "no return that was booked"),
        ("UPDATE orders_orderline SET refunded_quantity = 2 WHERE line_id = '1'", "come to 850.200 of 1 orders"),
        ("UPDATE orders_spendmovement SET orders = 2 WHERE spend > 0", "are worth 850.200 and are 1"),
        ("UPDATE orders_order SET status = 'cancelled'", "are worth 0 and are 0"),
    ],
)
def test_orders(bob, statement, sentence):
    found = broken(statement, "orders_spendmovement")
    assert any(sentence in line for line in found), found


def test_spend_is_rounded_in_the_coin_of_its_currency(join):
    join("bob", at=world.noon(D - 20 * DAY))
    for number, currency in enumerate(("CNY", "JPY", "KWD")):
        statement = shop.order(str(number), [("1", 7, "100")], world.noon(D - 9 * DAY))
        object.__setattr__(statement, "currency", currency)
        order_paid.take_order(statement=statement, reference=BOB, at=world.noon(D), actor="test")
        shop.give_back(str(number), "R", {"1": 3}, world.noon(D))
    assert not list(proof.violations())


def test_members(bob):
    Member.objects.update(number="bob")
    Identity.objects.filter(kind="email").update(value="Bob@Example.com")
    assert list(proof.violations()) == [
        "Member bob has an e-mail address or phone number that is not normalised, so is not found by it.",
        "Member bob has a number that cannot be on a card.",
    ]
    Identity.objects.all().delete()
    assert any("is known by nothing" in line for line in proof.violations())
    Member.objects.update(status="erased")
    assert any("is erased but still has a name" in line for line in proof.violations())


def test_verify_says_so_in_lines_and_in_its_exit_code(bob, capsys):
    call_command("verify")
    assert capsys.readouterr().out == f"verified {proof.count_claims(of_seals=True)} claims, 0 violations\n"
    broken("UPDATE tiers_standing SET rank = 2")
    with pytest.raises(SystemExit) as end:
        call_command("verify")
    lines = capsys.readouterr().out.splitlines()
    assert end.value.code == 1 and len(lines) == 2 and "last decision" in lines[0]
    assert lines[1] == f"verified {proof.count_claims(of_seals=True)} claims, 1 violations"
    call_command("verify", "--day", "2026-03-31")
    assert capsys.readouterr().out == f"verified {proof.count_claims(of_day=True)} claims, 0 violations\n"


def test_an_empty_house_is_in_order():
    assert not list(proof.violations()) and not list(proof.violations_of_day(D))
