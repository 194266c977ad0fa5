"""What the database promises of the ledger, each promise broken once by name."""

import datetime as dt

import pytest
from django.db.models import F

from points.models import Balance, Entry, Lot, PolicyVersion
from tests.flows.shop import use
from tests.kit.broken import breaks, refused, refuses_all_change, run

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("balanced")]
THIRD = dt.date(2026, 3, 3)


@pytest.fixture
def ann(join, give, noon):
    """Ann with 100 points now, 50 later, and 10 spent."""
    member_id = join("ann").id
    give(member_id, 110, "now")
    give(member_id, 50, "later", lot=(dt.date(2026, 3, 10), dt.date(2027, 3, 31)))
    use(member_id, 10, noon)
    return member_id


def test_balances(ann):
    points = Balance.objects.filter(member_id=ann, wallet="points")
    with breaks("points_balance_wallet_known"):
        points.update(wallet="miles")
    for name in ("available", "pending", "debt", "seq"):
        with breaks("points_balance_not_negative"):
            Balance.objects.filter(member_id=ann, wallet="growth").update(**{name: -1})
    for left in ({"available": 0}, {"pending": 0}):
        with breaks("points_balance_debt_only_when_empty"):
            points.update(debt=1, **left)
    with breaks("points_balance_pkey"):
        points.update(wallet="growth")


def test_lots(ann):
    lots = Lot.objects.filter(member_id=ann)
    with breaks("points_lot_wallet_known"):
        lots.update(wallet="miles")
    for points in (0, -1):
        with breaks("points_lot_holds_something"):
            lots.update(points=points)
    with breaks("points_lot_active_before_expiry"):
        lots.update(active_on=F("expires_on") + dt.timedelta(days=1))
    with breaks("points_lot_pkey"):
        lots.update(active_on=THIRD, expires_on=THIRD)


def entry(**changes):
    """Will write an entry like Ann's first one, with something else."""
    row = Entry.objects.filter(wallet="points").order_by("seq").values().first()
    del row["recorded_at"]
    Entry.objects.bulk_create([Entry(**(row | {"seq": 9, "source_key": "other"} | changes))])


def test_entries(ann):
    with breaks("points_entry_pkey"):
        entry(seq=1)
    with breaks("points_entry_source_key_once"):
        entry(source_key="now")
    with breaks("points_entry_wallet_known"):
        entry(wallet="miles")
    with breaks("points_entry_seq_counts_up"):
        entry(seq=0)
    for kind, points in [
        ("accrual", 0),
        ("accrual", -1),
        ("redemption", 1),
        ("expiry", 0),
        ("reversal", 2),
        ("gift", 5),
    ]:
        with breaks("points_entry_sign_of_kind"):
            entry(kind=kind, points=points, active_on=None, expires_on=None)
    day = dt.timedelta(days=1)
    for lot in (
        {"active_on": THIRD, "expires_on": THIRD - day},
        {"lot_points": [1], "lot_active_on": [THIRD], "lot_expires_on": [THIRD]},
        {"expires_on": None},
        {"kind": "redemption", "points": -1},
    ):
        with breaks("points_entry_one_lot_or_list"):
            entry(**lot)


def test_entries_only_grow(ann):
    refuses_all_change("points_entry")


def test_a_policy_that_is_published_stays_as_it_is(ann):
    policy = PolicyVersion.objects.get()
    with breaks("points_policyversion_number_key"):
        PolicyVersion.objects.create(number=policy.number, effective_on=THIRD, terms={})
    for change in ({"terms": {}}, {"published_at": None}, {"effective_on": THIRD}):
        with refused(f"points_policyversion {policy.id} is published: UPDATE is refused"):
            PolicyVersion.objects.update(**change)
    with refused(f"points_policyversion {policy.id} is published: DELETE is refused"):
        run("DELETE FROM points_policyversion")
    draft = PolicyVersion.objects.create(number=2, effective_on=THIRD, terms={})
    assert PolicyVersion.objects.filter(id=draft.id).update(terms={"a": 1}) == 1
    assert PolicyVersion.objects.filter(id=draft.id).delete()[0] == 1
