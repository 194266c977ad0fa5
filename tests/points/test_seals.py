"""Sealing: one text for an entry in SQL and Python, heads that chain, a tree over a night, roots that chain; and every
byte that is altered behind the database's back is found and named."""

import datetime as dt
import hashlib
import json
import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from kit import jobs, sql
from kit.jobs import Night
from kit.models import JobRun
from membership_site.flows import nightly, proof
from points import actions as points_actions
from points import invariants
from points.enums import Wallet
from points.jobs import seals as points_jobs
from points.models import Balance, DaySeal, Entry, Seal
from points.queries import policy_on
from points.rules import sealing
from points.rules.sealing import BEGINNING, SealedEntry
from tests.conftest import NOON, enrol
from tests.flows.shop import DAY, do, give_back, place, use
from tests.kit.broken import breaks, refuses_all_change, run
from tests.night import world

pytestmark = pytest.mark.django_db

SEAL = nightly.find_step("seal_entries")
THIRD = dt.date(2026, 3, 3)
FIELDS = ("member_id", "wallet", "seq", "kind", "points", "debt_change", "balance_after", "source_key", "at",
    "business_date", "counts_on", "active_on", "expires_on", "lot_active_on", "lot_expires_on", "lot_points",
    "policy_id", "explanation", "actor", "recorded_at")  # fmt: skip


def texts() -> dict[tuple[int, str, int], str]:
    """The canonical texts as the database writes them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT member_id, wallet, seq, points_entry_text(entry) FROM points_entry entry")
        return {row[:3]: row[3] for row in cursor.fetchall()}


def texts_by_rules() -> dict[tuple[int, str, int], str]:
    """The same by points.rules.sealing."""
    entries = [sealed_entry(row) for row in Entry.objects.values(*FIELDS)]
    return {(entry.member, entry.wallet, entry.seq): sealing.canonical_text(entry) for entry in entries}


def sealed_entry(row: dict[str, Any]) -> SealedEntry:
    """Will return an entry's columns as the rules take them."""
    named = {name.removesuffix("_id"): value for name, value in row.items()}
    return SealedEntry(**named | {"explanation": sealing.explanation_text(row["explanation"])})


def seal(date: dt.date) -> JobRun:
    """Will run the step for a date."""
    return world.night(SEAL, date)


def tell_of_ann() -> int:
    """Will let Ann sign up, order, review, spend and return what makes a debt."""
    member_id: int = enrol("ann", NOON - 30 * DAY, reward=True).id
    place("1", [("a", 2, "150"), ("b", 1, "60.50")], NOON)
    do("review", NOON + DAY)
    use(member_id, 300, NOON + 8 * DAY)
    give_back("1", "R1", {"a": 2}, NOON + 9 * DAY)
    return member_id


def tell_of_six() -> list[int]:
    """Will let six more join, who have less."""
    return [enrol(name, NOON - 20 * DAY, reward=True).id for name in ("bob", "cy", "dee", "eve", "fay", "gus")]


@pytest.fixture
def ann(programme: None) -> int:
    """Ann with a sign-up, an order, a review, spending and a return that makes a debt."""
    return tell_of_ann()


@pytest.fixture
def crowd(ann: int) -> list[int]:
    """Ann and six more, who have less."""
    return [ann, *tell_of_six()]


# ---- the canonical text


def test_an_entry_has_one_text_in_sql_and_python(crowd: list[int]) -> None:
    by_database = texts()
    assert by_database == texts_by_rules() and len(by_database) > 12
    first = by_database[crowd[0], "points", 1]
    assert first.startswith(f'{{"version": 1, "member": {crowd[0]}, "wallet": "points", "seq": 1, "kind": "accrual"')
    assert '"lot_points": null, "policy": ' in first and '"at": "2026-02-01T04:00:00.000000Z"' in first


@pytest.mark.parametrize("setting", ["SET TIME ZONE 'America/Lima'", "SET DateStyle = 'German'"])
def test_the_text_does_not_hang_on_the_session(ann: int, setting: str) -> None:
    before = texts()
    run("SET LOCAL " + setting.removeprefix("SET "))
    assert texts() == before


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**62), 2**62)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(value=JSON)
def test_json_is_written_as_the_database_writes_it(value: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::jsonb::text", [json.dumps(value)])
        assert cursor.fetchone()[0] == sealing.explanation_text(value)


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_texts_are_quoted_as_the_database_quotes_them(text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_json(%s::text)::text", [text])
        assert cursor.fetchone()[0] == sealing._plain_text(text)


def test_what_has_no_place_in_an_entry_is_refused() -> None:
    with pytest.raises(TypeError, match="has no place in an entry"):
        sealing.explanation_text({"share": 0.5})


# ---- the tree


def rfc_6962(leaves: list[bytes]) -> bytes:
    """The tree hash as RFC 6962, 2.1 defines it, by recursion."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + rfc_6962(leaves[:split]) + rfc_6962(leaves[split:])).digest()


def heads(count: int) -> list[bytes]:
    """So many heads."""
    return [hashlib.sha256(str(number).encode()).digest() for number in range(count)]


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 5, 7, 8, 100, 1023, 1024, 1025, 3000])
def test_the_tree_is_that_of_rfc_6962_whole_and_by_branches(count: int) -> None:
    some = heads(count)
    portions = [b"".join(some[start : start + 1024]) for start in range(0, count, 1024)]
    assert sealing.tree_over(portions).top == sealing.top_of([sealing.leaf_of(head) for head in some]) == rfc_6962(some)


@given(count=st.integers(1, 70), data=st.data())
def test_a_path_leads_from_each_head_to_the_top_and_from_no_other(count: int, data: st.DataObject) -> None:
    some = heads(count)
    leaves = [sealing.leaf_of(head) for head in some]
    place_ = data.draw(st.integers(0, count - 1))
    path = list(sealing.path_of(leaves, place_))
    assert sealing.follow(some[place_], path) == sealing.top_of(leaves)
    assert sealing.follow(hashlib.sha256(b"other").digest(), path) != sealing.top_of(leaves)
    assert len(path) <= count.bit_length()


def test_a_root_is_over_all_it_names() -> None:
    root = sealing.root_after(BEGINNING, heads(1)[0], THIRD, 3, 9)
    others = [
        sealing.root_after(heads(1)[0], heads(1)[0], THIRD, 3, 9),
        sealing.root_after(BEGINNING, heads(2)[1], THIRD, 3, 9),
        sealing.root_after(BEGINNING, heads(1)[0], THIRD + DAY, 3, 9),
        sealing.root_after(BEGINNING, heads(1)[0], THIRD, 2, 9),
        sealing.root_after(BEGINNING, heads(1)[0], THIRD, 3, 8),
    ]
    assert len({root, *others}) == 6


# ---- the night


def by_rules(date: dt.date) -> tuple[dict[int, bytes], bytes]:
    """The heads and the root that the rules make of everything booked, sealed at one go on a date."""
    digests: dict[int, list[bytes]] = {}
    for (member_id, _, _), text in sorted(texts_by_rules().items()):
        digests.setdefault(member_id, []).append(sealing.digest_of(text))
    found = {member_id: sealing.head_after(BEGINNING, some) for member_id, some in sorted(digests.items())}
    top = rfc_6962(list(found.values()))
    return found, sealing.root_after(BEGINNING, top, date, len(found), sum(map(len, digests.values())))


@pytest.mark.parametrize("chunk", [1, 3, 20_000])
def test_the_night_seals_as_the_rules_do(crowd: list[int], monkeypatch: pytest.MonkeyPatch, chunk: int) -> None:
    monkeypatch.setattr(points_jobs, "MEMBERS_A_CHUNK", chunk)
    job = seal(THIRD + 10 * DAY)
    expected, root = by_rules(THIRD + 10 * DAY)
    assert {row.member_id: bytes(row.head) for row in Seal.objects.all()} == expected
    night = DaySeal.objects.get()
    assert bytes(night.root) == root and (night.members, night.entries) == (7, Entry.objects.count())
    assert job.detail == {"members": 7, "entries": night.entries, "root": root.hex()} and job.rows == 8
    assert not list(proof.violations_in_depth())


def test_only_what_is_new_is_sealed_and_chained_to_what_was(crowd: list[int], noon: dt.datetime) -> None:
    seal(THIRD + 9 * DAY)
    first = Seal.objects.get(member_id=crowd[0])
    do("review", noon + 10 * DAY, photo=True)
    assert seal(THIRD + 10 * DAY).detail["members"] == 1
    second = Seal.objects.get(member_id=crowd[0], sealed_on=THIRD + 10 * DAY)
    new = [text for (member, wallet, seq), text in sorted(texts().items())
           if member == crowd[0] and seq > getattr(first, f"{wallet}_seq")]  # fmt: skip
    assert bytes(second.head) == sealing.head_after(bytes(first.head), [sealing.digest_of(text) for text in new])
    roots = list(DaySeal.objects.order_by("sealed_on"))
    top = sealing.top_of([sealing.leaf_of(bytes(second.head))])
    assert bytes(roots[1].root) == sealing.root_after(bytes(roots[0].root), top, roots[1].sealed_on, 1, len(new))
    assert not list(proof.violations_in_depth())


def test_a_night_without_entries_has_its_root_too(programme: None) -> None:
    for days in range(3):
        assert seal(THIRD + days * DAY).rows == 1
    assert [row.members for row in DaySeal.objects.all()] == [0, 0, 0]
    assert DaySeal.objects.values("root").distinct().count() == 3
    assert not list(proof.violations_in_depth())


def test_twice_changes_nothing_and_a_closed_date_stays_closed(ann: int, noon: dt.datetime) -> None:
    seal(THIRD + 10 * DAY)
    before = list(Seal.objects.values_list()), list(DaySeal.objects.values_list())
    do("review", noon + 10 * DAY)
    world.night(SEAL, THIRD + 10 * DAY, again=True)
    jobs.run(SEAL, Night(THIRD + 5 * DAY))
    assert (list(Seal.objects.values_list()), list(DaySeal.objects.values_list())) == before
    assert seal(THIRD + 11 * DAY).detail["members"] == 1


def test_missed_dates_are_made_up_by_one_seal_and_late_deeds_by_the_next_night(ann: int, noon: dt.datetime) -> None:
    nightly.run_step(name="seal_entries", as_of=THIRD + 9 * DAY)
    place("late", ["80"], noon - 5 * DAY)  # its business date lies before the last seal
    do("review", noon + 11 * DAY)
    outcomes = nightly.run_step(name="seal_entries", as_of=THIRD + 15 * DAY)
    assert [(outcome.date, outcome.state) for outcome in outcomes] == [(THIRD + 15 * DAY, "done")]
    assert list(DaySeal.objects.values_list("sealed_on", flat=True)) == [THIRD + 9 * DAY, THIRD + 15 * DAY]
    last = Seal.objects.get(member_id=ann, sealed_on=THIRD + 15 * DAY)
    assert last.points_seq == Balance.objects.get(member_id=ann, wallet="points").seq
    assert not list(proof.violations_in_depth())


def test_an_interrupted_night_goes_on_and_one_never_resumed_goes_under_the_next_root(
    crowd: list[int], monkeypatch: pytest.MonkeyPatch, noon: dt.datetime
) -> None:
    monkeypatch.setattr(points_jobs, "MEMBERS_A_CHUNK", 2)
    work = SEAL.work(Night(THIRD + 9 * DAY), 0)
    first = next(work), next(work)
    assert Seal.objects.count() == 4 and not DaySeal.objects.exists()
    do("review", noon + 9 * DAY, event_id="between")
    list(SEAL.work(Night(THIRD + 10 * DAY), 0))
    night = DaySeal.objects.get()
    assert (night.members, night.entries) == (8, Entry.objects.count()) and first[1].upto == crowd[3]
    assert not list(proof.violations_in_depth())
    assert list(SEAL.work(Night(THIRD + 9 * DAY), first[1].upto)) == []


def test_a_wallet_with_a_gap_is_not_sealed_and_is_told(crowd: list[int]) -> None:
    behind_the_back(f"DELETE FROM points_entry WHERE member_id = {crowd[0]} AND wallet = 'points' AND seq = 2")
    assert seal(THIRD + 10 * DAY).detail["members"] == 6
    assert any("numbered without gaps" in line for line in proof.violations())


@pytest.mark.parametrize("seed", range(3))
def test_any_history_sealed_in_any_nights_verifies_and_ends_in_the_same_entries(
    seed: int, crowd: list[int], noon: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = random.Random(seed)
    monkeypatch.setattr(points_jobs, "MEMBERS_A_CHUNK", rng.choice([1, 2, 5]))
    for night in range(12):
        for _ in range(rng.randrange(4)):
            world.give(rng.choice(crowd), rng.randrange(1, 90), (THIRD, THIRD + 400 * DAY), THIRD + night * DAY)
        if rng.random() < 0.7:
            seal(THIRD + night * DAY)
    seal(THIRD + 12 * DAY)
    assert sum(DaySeal.objects.values_list("entries", flat=True)) == Entry.objects.count()
    assert not list(proof.violations_in_depth())


# ---- what is altered is found


def behind_the_back(*statements: str) -> None:
    """Will do what the database refuses, as one may who owns it; each statement must alter something."""
    tables = ("points_entry", "points_seal", "points_dayseal")
    run("SET CONSTRAINTS ALL IMMEDIATE")
    for table in tables:
        run(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    for statement in statements:
        assert run(statement), "the test altered nothing"
    for table in tables:
        run(f"ALTER TABLE {table} ENABLE TRIGGER USER")


@pytest.fixture(scope="module")
def sealed_on_two_nights(module_programme: None) -> int:
    """Ann of the crowd, sealed on two nights."""
    ann, _six = tell_of_ann(), tell_of_six()
    seal(THIRD + 9 * DAY)
    do("review", NOON + 10 * DAY, photo=True)
    seal(THIRD + 10 * DAY)
    return ann


@pytest.fixture
def sealed(sealed_on_two_nights: int, db: None) -> Iterator[int]:
    """Ann; and the night's own proof agrees with the whole one afterwards, whatever it finds."""
    yield sealed_on_two_nights
    whole = {line for line in invariants.seals_hold() if "root" not in line}
    rotated: set[str] = set()
    for days in range(invariants.ROTATION_NIGHTS):
        rotated |= set(invariants.seals_of_night_hold(THIRD + days * DAY))
    assert {line for line in rotated if "root" not in line} == whole


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ("explanation = replace(explanation::text, 'order', 'ordep')::jsonb", "wallet = 'points' AND seq = 2"),
        ("points = points + 1", "wallet = 'points' AND seq = 2"),
        ("business_date = business_date + 1", "wallet = 'points' AND seq = 1"),
        ("counts_on = counts_on - 1", "wallet = 'growth' AND seq = 1"),
        ("at = at + interval '1 microsecond'", "wallet = 'points' AND seq = 3"),
        ("recorded_at = recorded_at + interval '1 microsecond'", "wallet = 'points' AND seq = 3"),
        ("source_key = source_key || '0'", "wallet = 'growth' AND seq = 2"),
        ("actor = 'tess'", "wallet = 'points' AND seq = 1"),
        ("expires_on = expires_on + 1", "wallet = 'points' AND seq = 2"),
        ("debt_change = debt_change + 1", "wallet = 'points' AND seq = 2"),
        ("balance_after = balance_after - 1", "wallet = 'points' AND seq = 1"),
        ("lot_points[1] = lot_points[1] + 1", "wallet = 'points' AND seq = 5"),
        ("lot_expires_on[1] = lot_expires_on[1] + 1", "wallet = 'points' AND seq = 5"),
        ("lot_active_on[1] = lot_active_on[1] - 1", "wallet = 'points' AND seq = 5"),
        ("kind = 'adjustment'", "wallet = 'points' AND seq = 1"),
    ],
)
def test_one_altered_byte_is_found_and_named(sealed: int, change: str, where: str) -> None:
    number = Entry.objects.get(member_id=sealed, wallet="points", seq=1).member.number
    _, wallet, *_, seq = where.replace("'", "").replace("=", "").split()
    behind_the_back(f"UPDATE points_entry SET {change} WHERE member_id = {sealed} AND {where}")
    assert list(invariants.seals_hold()) == [
        f"Entry {seq} of member {number}'s {wallet} wallet was sealed on 2026-03-12 and is not what was sealed."
    ]


def test_every_column_of_an_entry_is_in_its_text() -> None:
    columns = {field.column for field in Entry._meta.concrete_fields}
    assert columns == set(FIELDS)
    names = {name.removesuffix("_id") for name in FIELDS}
    assert names == set(SealedEntry.__dataclass_fields__)


def test_a_policy_put_in_the_place_of_another_is_found(sealed: int) -> None:
    row = Entry.objects.get(member_id=sealed, wallet="points", seq=1)
    run("INSERT INTO points_policyversion (number, effective_on, terms, note, actor) "
        "SELECT number + 50, effective_on, terms, note, actor FROM points_policyversion LIMIT 1")  # fmt: skip
    behind_the_back(
        f"UPDATE points_entry SET policy_id = (SELECT max(id) FROM points_policyversion) "
        f"WHERE member_id = {sealed} AND wallet = 'points' AND seq = 1"
    )
    assert [line for line in proof.violations_in_depth() if row.member.number in line and "Entry 1" in line]


def test_two_entries_that_change_places_are_both_named(sealed: int) -> None:
    of_ann = f"member_id = {sealed} AND wallet = 'points'"
    behind_the_back(
        f"UPDATE points_entry SET seq = 99 WHERE {of_ann} AND seq = 1",
        f"UPDATE points_entry SET seq = 1 WHERE {of_ann} AND seq = 2",
        f"UPDATE points_entry SET seq = 2 WHERE {of_ann} AND seq = 99",
    )
    found = list(proof.violations_in_depth())
    assert len(found) == 2 and "Entry 1 of" in found[0] and "Entry 2 of" in found[1]


def test_the_last_entry_deleted_and_its_balance_mended_is_missed(sealed: int) -> None:
    last = Entry.objects.filter(member_id=sealed, wallet="points").latest("seq")
    behind_the_back(
        f"DELETE FROM points_entry WHERE member_id = {sealed} AND wallet = 'points' AND seq = {last.seq}",
        f"UPDATE points_balance SET seq = seq - 1 WHERE member_id = {sealed} AND wallet = 'points'",
    )
    assert list(invariants.seals_hold()) == [
        f"Entry {last.seq} of member {last.member.number}'s points wallet was sealed on 2026-03-13 and is missing."
    ]


def test_a_seal_altered_or_taken_away_is_found(sealed: int) -> None:
    behind_the_back(
        f"UPDATE points_seal SET head = sha256(head) WHERE member_id = {sealed} AND sealed_on = '2026-03-12'"
    )
    found = list(proof.violations_in_depth())
    assert sum("a seal was altered" in line for line in found) == 2  # it, and the one that follows it
    assert sum("root of 2026-03-12" in line for line in found) == 1


def test_a_chain_made_anew_after_a_change_does_not_follow_the_root(sealed: int) -> None:
    """Who can write everything can make a member's seals anew, but then the roots that were published disagree."""
    last = Balance.objects.get(member_id=sealed, wallet="points").seq
    behind_the_back(
        f"UPDATE points_entry SET actor = 'x' WHERE member_id = {sealed} AND wallet = 'points' AND seq = {last}",
        f"DELETE FROM points_seal WHERE member_id = {sealed} AND sealed_on = '2026-03-13'",
    )
    sql.fetch("points", "seal_entries", date=THIRD + 10 * DAY, above=0, upto=jobs.EVERYBODY)
    found = list(proof.violations_in_depth())
    assert found == ["The root of 2026-03-13 does not follow from the 1 seals it is over and the root before it."]


@pytest.mark.parametrize(
    "change", ["root = sha256(root)", "members = members + 1", "entries = entries + 1", "branches = '\\x00'"]
)
def test_a_root_altered_is_found(sealed: int, change: str) -> None:
    behind_the_back(f"UPDATE points_dayseal SET {change} WHERE sealed_on = '2026-03-12'")
    assert "The root of 2026-03-12 does not follow from the 7 seals it is over" in next(proof.violations_in_depth())


def test_a_root_taken_away_breaks_the_one_after_it(sealed: int) -> None:
    behind_the_back("DELETE FROM points_dayseal WHERE sealed_on = '2026-03-12'")
    assert any("root of 2026-03-13" in line for line in proof.violations_in_depth())


def test_what_was_never_sealed_is_found_after_two_nights(sealed: int) -> None:
    behind_the_back(f"DELETE FROM points_seal WHERE member_id = {sealed}")
    assert any("Entry 1 of" in line and "under no seal" in line for line in proof.violations_in_depth())


def test_verify_names_the_altered_entry_and_fails(sealed: int, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("verify")
    assert capsys.readouterr().out == f"verified {proof.count_claims(in_depth=True)} claims, 0 violations\n"
    behind_the_back(
        "UPDATE points_entry SET explanation = replace(explanation::text, 'sign_up', 'sign-up')::jsonb "
        f"WHERE member_id = {sealed} AND wallet = 'points' AND seq = 1"
    )
    with pytest.raises(SystemExit) as end:
        call_command("verify")
    lines = capsys.readouterr().out.splitlines()
    assert end.value.code == 1 and len(lines) == 2 and "Entry 1 of member" in lines[0]


def test_the_nightly_proof_fails_on_what_its_night_sealed(sealed: int, noon: dt.datetime) -> None:
    last = Balance.objects.get(member_id=sealed, wallet="points").seq
    behind_the_back(
        f"UPDATE points_entry SET actor = 'x' WHERE member_id = {sealed} AND wallet = 'points' AND seq = {last}"
    )
    job = jobs.run(nightly.find_step("proof"), Night(THIRD + 10 * DAY))
    assert job.state == "failed" and f"Entry {last} of member" in job.error and "is not what was sealed" in job.error


# ---- what the database promises


def test_constraints(sealed: int) -> None:
    refuses_all_change("points_seal")
    refuses_all_change("points_dayseal")
    fields = ("member_id", "sealed_on", "points_seq", "growth_seq", "head", "marks")
    first: dict[str, Any] = dict(
        zip(fields, Seal.objects.filter(member_id=sealed).values_list(*fields)[0], strict=True)
    )
    with breaks("points_seal_covers_entries"):
        Seal.objects.bulk_create([Seal(**(first | {"sealed_on": THIRD, "points_seq": -1}))])
    with breaks("points_seal_pkey"):
        Seal.objects.bulk_create([Seal(**first)])
    with breaks("points_dayseal_pkey"):
        DaySeal.objects.bulk_create(DaySeal.objects.all())


# ---- while the shop goes on


def side_by_side(*works: Callable[[], None]) -> None:
    """Will do all at once, each on a connection of its own and committing as it goes; none may fail."""

    def work_and_close(work: Callable[[], None]) -> None:
        try:
            work()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        list(pool.map(work_and_close, works))


@pytest.mark.django_db(transaction=True)
def test_sealing_does_not_wait_for_deeds_nor_miss_one(
    programme: None, join: Callable[..., Any], noon: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Members earn while nights seal in small chunks: every night verifies, and the last one has everything."""
    monkeypatch.setattr(points_jobs, "MEMBERS_A_CHUNK", 2)
    ids = [join(f"m{number}", at=noon - 30 * DAY, reward=True).id for number in range(6)]

    def earn(member_id: int) -> None:
        for number in range(10):
            with transaction.atomic():
                points_actions.credit(
                    member_id=member_id, wallet=Wallet.POINTS, source_key=f"k:{number}", points=1,
                    lot=(THIRD, THIRD + 90 * DAY), explanation=[], policy_id=policy_on(THIRD).id, at=noon, actor="test",
                )  # fmt: skip

    def seal_nights() -> None:
        for night in range(12):
            seal(THIRD + night * DAY)

    side_by_side(seal_nights, *(partial(earn, member_id) for member_id in ids))
    assert not list(proof.violations_in_depth())
    seal(THIRD + 12 * DAY)
    assert sum(DaySeal.objects.values_list("entries", flat=True)) == Entry.objects.count()
    assert not list(proof.violations_in_depth()) and not list(proof.violations())
