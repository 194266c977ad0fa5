"""Every claim of every room is broken once, behind the database's back, and said in a sentence."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import connection

from members.models import Account, Identity, Member
from members.rules import MemberReference
from membership_site.flows import nightly, order_paid, proof
from membership_site.flows.starter import POINTS_TERMS
from points import queries as points_queries
from points.actions import budgets
from points.actions.books import close_books, open_books
from points.enums import EntryKind, Wallet
from points.models import Adjustment, Balance, Earning, Entry, PolicyVersion, Reservation
from points.rules import ledger
from points.rules.ledger import Deed
from points.rules.policy import policy_from_terms
from tests.conftest import enrol
from tests.flows import shop
from tests.night import world
from tests.night.world import DAY

D = dt.date(2026, 3, 31)
BOB = MemberReference(external_id="c-bob")

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def bob(module_programme) -> int:
    """A member with orders, a return, a tier, points spent and points expired."""
    member = enrol("bob", at=world.noon(D - 20 * DAY), reward=True)
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
        (
            "UPDATE points_lot SET expires_on = '9999-12-30' WHERE expires_on = '2026-05-20' AND",
            ["does not say through which date", "did not put into"],
        ),
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
        ("DELETE FROM tiers_standing", "does not stand on the main ladder"),
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
    assert capsys.readouterr().out == f"verified {proof.count_claims(in_depth=True)} claims, 0 violations\n"
    broken("UPDATE tiers_standing SET rank = 2")
    with pytest.raises(SystemExit) as end:
        call_command("verify")
    lines = capsys.readouterr().out.splitlines()
    assert end.value.code == 1 and len(lines) == 2 and "last decision" in lines[0]
    assert lines[1] == f"verified {proof.count_claims(in_depth=True)} claims, 1 violations"
    call_command("verify", "--day", "2026-03-31")
    assert capsys.readouterr().out == f"verified {proof.count_claims(of_day=True)} claims, 0 violations\n"


def test_an_empty_house_is_in_order():
    assert not list(proof.violations()) and not list(proof.violations_of_day(D))


# ---- what was held, adjusted, given by rules and taken back


@pytest.fixture
def held(bob) -> dict[str, Reservation]:
    """Three reservations of Bob's, as the ledger books them: one held, one confirmed, one given back."""
    rows = {}
    for number, state in enumerate(("held", "confirmed", "released")):
        closed = {} if state == "held" else {"closed_at": world.noon(D, 20)}
        row = rows[state] = Reservation.objects.create(
            member_id=bob, source_key=f"cart:{number}", points=10, state=state, held_at=world.noon(D),
            expires_at=world.noon(D, 30), order_key="order:web:77" if state == "confirmed" else "", **closed,
        )  # fmt: skip
        shop.use(bob, 10, world.noon(D), key=f"reserve:{row.id}")
    entry = Entry.objects.get(source_key=f"reserve:{rows['released'].id}")
    give_back_to_lots(entry)
    assert not list(proof.violations())
    return rows


def give_back_to_lots(taken: Entry) -> None:
    """Will put what an entry took back into its lots, as a restoration does."""
    deed = Deed(world.noon(D, 20), D, taken.policy_id, "test")
    books = open_books(taken.member_id, "", "", D)
    state = books.wallets[Wallet.POINTS]
    lots = zip(taken.lot_active_on or [], taken.lot_expires_on or [], taken.lot_points or [], strict=True)
    for active_on, expires_on, points in lots:
        steps = [{"code": "hold_released", "points": points}]
        ledger.credit(state, deed, EntryKind.RESTORATION, taken.source_key, points, (active_on, expires_on), steps)
    close_books(books)


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE points_reservation SET points = 11 WHERE state = 'held'", "holds 11 points, and the ledger took 10"),
        (
            "UPDATE points_reservation SET state = 'held', closed_at = NULL WHERE state = 'released'",
            "is not given back, and the ledger returned 10",
        ),
        (
            (
                "UPDATE points_reservation SET state = 'lapsed', closed_at = expires_at, order_key = '' "
                "WHERE state = 'confirmed'"
            ),
            "is given back, and the ledger took 10 and returned 0",
        ),
        ("DELETE FROM points_entry WHERE kind = 'restoration'", "is given back, and the ledger took 10 and returned 0"),
    ],
)
def test_reservations(held, statement, words):
    found = broken(statement, "points_entry")
    assert any("Reservation" in line and words in line for line in found), found


def test_an_order_that_two_reservations_paid_for(held, join):
    other = join("eve", at=world.noon(D - 9 * DAY), reward=True).id
    row = Reservation.objects.create(
        member_id=other, source_key="cart:1", points=10, state="confirmed", held_at=world.noon(D),
        expires_at=world.noon(D, 30), closed_at=world.noon(D), order_key="order:web:77",
    )  # fmt: skip
    shop.use(other, 10, world.noon(D), key=f"reserve:{row.id}")
    found = list(proof.violations())
    assert len(found) == 2 and all("paid for an order that another reservation paid for too" in line for line in found)


def test_points_that_came_back_too_late_are_no_violation_where_their_line_says_so(held):
    broken("UPDATE points_reservation SET state = 'released', order_key = '' WHERE state = 'confirmed'")
    [found] = proof.violations()
    assert "is given back, and the ledger took 10 and returned 0" in found
    row = Reservation.objects.get(id=held["confirmed"].id)
    steps = [{"code": "hold_released", "points": 10}, {"code": "lapsed_meanwhile", "points": 10}]
    state = open_books(row.member_id, "", "", D).wallets[Wallet.POINTS]
    entry = Entry.objects.filter(member_id=row.member_id, wallet="points").order_by("-seq")[0]
    Entry.objects.create(
        member_id=row.member_id, wallet="points", seq=state.seq + 1, kind="restoration", points=0, debt_change=0,
        balance_after=entry.balance_after, source_key=f"reserve:{row.id}", at=entry.at, counts_on=D, business_date=D,
        lot_active_on=[], lot_expires_on=[], lot_points=[], policy_id=entry.policy_id, explanation=steps, actor="test",
    )  # fmt: skip
    Balance.objects.filter(member_id=row.member_id, wallet="points").update(seq=state.seq + 1)
    assert not list(proof.violations())


def test_returns_let_no_more_be_than_had_expired(bob):
    found = broken(
        """UPDATE points_entry SET kind = 'reversal', explanation = '[{"code": "already_expired", "points": 7,
        "lot": ["2026-01-01", "2026-02-28"]}]' WHERE kind = 'redemption'""",
        "points_entry",
    )
    assert any(
        "Returns let 7 points of member" in line and "from 2026-01-01 through 2026-02-28; 0 of those" in line
        for line in found
    )


def test_a_step_that_names_no_lot_is_held_to_none(bob):
    found = broken(
        """UPDATE points_entry SET kind = 'reversal',
        explanation = '[{"code": "already_expired", "points": 7}]' WHERE kind = 'redemption'""",
        "points_entry",
    )
    assert not any("Returns let" in line for line in found)


@pytest.fixture
def adjusted(bob) -> Adjustment:
    """An adjustment of Bob's wallet that is booked."""
    tess = Account.objects.create_user("tess@staff.example", None, is_staff=True, roles=["operator"])
    row = Adjustment.objects.create(
        member_id=bob, kind="adjustment", points=40, reason="Late parcel", state="booked", needs_second=False,
        requested_by=tess, requested_at=world.noon(D), business_date=D, decided_at=world.noon(D), form_key=uuid4(),
    )  # fmt: skip
    adjust(row, 40)
    assert not list(proof.violations())
    return row


def adjust(row: Adjustment, points: int) -> None:
    """Will book an adjustment as the ledger does."""
    policy = points_queries.policy_on(D)
    deed = Deed(world.noon(D), D, policy.id, "staff:1")
    books = open_books(row.member_id, "", "", D)
    state, key = books.wallets[Wallet.POINTS], f"adjustment:{row.id}"
    steps = [{"code": "adjusted", "reason": row.reason, "kind": row.kind}]
    ledger.credit(state, deed, EntryKind.ADJUSTMENT, key, points, (D, D + 90 * DAY), steps)
    close_books(books)


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        (
            "UPDATE points_adjustment SET points = 41",
            "by 41 points is booked, and the ledger holds 1 entries for it, of 40",
        ),
        (
            "DELETE FROM points_entry WHERE kind = 'adjustment'",
            "is booked, and the ledger holds 0 entries for it, of 0",
        ),
        (
            "UPDATE points_adjustment SET state = 'waiting', needs_second = true, decided_at = NULL",
            "is waiting, and the ledger holds 1 entries",
        ),
    ],
)
def test_adjustments(adjusted, statement, words):
    found = broken(statement, "points_entry")
    assert any(f"Adjustment {adjusted.id} of member M" in line and words in line for line in found), found


def test_an_undo_may_take_a_part_and_no_more(adjusted):
    undo = Adjustment.objects.create(
        member_id=adjusted.member_id, kind="undo", points=50, undoes=adjusted, reason="Mistake", state="booked",
        needs_second=False, requested_by_id=adjusted.requested_by_id, requested_at=world.noon(D), business_date=D,
        decided_at=world.noon(D), form_key=uuid4(),
    )  # fmt: skip
    adjust(undo, 30)
    assert not list(proof.violations())
    assert any(
        "by 20 points is booked" in line
        for line in broken(f"UPDATE points_adjustment SET points = 20 WHERE id = {undo.id}")
    )


@pytest.fixture
def ruled(bob) -> int:
    """Bob with orders that a rule with a budget and a cap looked at, one of them returned in part."""
    rules = [
        {
            "code": "x2", "names": {"en": "Double"}, "deed": "order", "effect": "multiply", "amount": "2",
            "caps": [{"per": "budget", "points": 500}],
        },
        {"code": "plus", "names": {"en": "Plus"}, "deed": "review", "effect": "fixed", "amount": "7"},
    ]  # fmt: skip
    version = PolicyVersion.objects.create(
        number=2, effective_on=D, terms={**POINTS_TERMS, "rules": rules}, published_at=world.noon(D), actor="test"
    )
    budgets.set_up_budgets(policy_from_terms(version.id, version.terms))
    shop.place("r1", [("a", 2, "50"), ("b", 1, "33")], world.noon(D), who=BOB)
    shop.place("r2", ["400"], world.noon(D, 5), who=BOB)
    shop.give_back("r1", "R1", {"a": 1}, world.noon(D, 9))
    shop.do("review", world.noon(D, 10), who=BOB)
    assert Earning.objects.count() == 3 and not list(proof.violations())
    return bob


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE points_earning SET awarded = 6 WHERE deed_key LIKE 'event%'", "6 were awarded, 27 are booked"),
        ("DELETE FROM points_ruleuse WHERE rule = '*' AND source_key LIKE 'event%'", "given member M"),
        (
            "UPDATE points_ruleuse SET points = points - 1 WHERE rule = '*' AND source_key LIKE '%r2:paid'",
            "for order:web:r2",
        ),
        ("UPDATE points_ruleuse SET points = -900 WHERE rule = '*' AND source_key LIKE '%R1'", "for order:web:r1"),
        ("UPDATE points_ruleuse SET points = 900 WHERE rule = '*' AND source_key LIKE '%R1'", "for order:web:r1"),
    ],
)
def test_what_rules_gave(ruled, statement, words):
    found = broken(statement, "points_ruleuse")
    assert any("Rules are counted to have given member M" in line and words in line for line in found), found


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE points_rulebudget SET used = used - 1 WHERE slot = (SELECT max(slot) FROM points_rulebudget WHERE used > 0)",  # noqa: E501
        "DELETE FROM points_ruleuse WHERE rule = 'x2' AND source_key LIKE '%R1'",
    ],
)
def test_budgets(ruled, statement):
    found = broken(statement, "points_ruleuse")
    assert any("The budget of rule x2 says" in line and "points are used; the rule gave" in line for line in found)


def test_returns_beyond_what_was_earned(ruled):
    found = broken(
        "UPDATE points_entry SET points = points - 5000 WHERE kind = 'reversal' AND wallet = 'points' "
        "AND source_key LIKE 'order:web:r1:%'",
        "points_entry",
    )
    assert any("Line a of order:web:r1 took" in line and "more from member M" in line for line in found), found


def test_a_night_before_its_time(bob):
    found = broken(
        "UPDATE points_entry SET business_date = '2999-01-01', lot_expires_on = ARRAY['2999-01-01'::date] "
        "WHERE kind = 'expiry'",
        "points_entry",
    )
    assert any(
        line.startswith("The night expired points with entry") and "on 2999-01-01, which was not over." in line
        for line in found
    )
