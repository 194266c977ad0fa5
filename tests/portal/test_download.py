"""The statement to take away: complete, verified by the published script, and every tampering found by it."""

import copy
import datetime as dt
import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from kit import sql
from members.models import Member
from membership_site.flows import nightly
from points.models import Balance, DaySeal, Entry
from tests.night import world

from .conftest import Buy, check_in, give_back

pytestmark = pytest.mark.django_db

SCRIPT = Path(site.BASE_DIR) / "static" / "verify" / "verify_statement.py"
STATEMENT, ROOTS, PROOF = "/points/statement.json", "/proof/roots.json", "/proof/"
QUERIES = 9
D = dt.date(2026, 3, 2)
DAY = dt.timedelta(days=1)


def seal(date: dt.date) -> None:
    """Will run the night's sealing."""
    world.night(nightly.find_step("seal_entries"), date)


@pytest.fixture
def sealed(ann: Member, buy: Buy, join: Callable[..., Member], noon: dt.datetime) -> Member:
    """Ann's year, with neighbours under the same roots, sealed on three nights and going on since."""
    for name in ("bob", "cy", "dee"):
        join(name, at=noon - 30 * DAY, reward=True)
    buy("A1", ["59.90", "10"], noon - 20 * DAY)
    seal(D - 10 * DAY)
    give_back("A1", "2", noon - 9 * DAY)
    buy("B1", ["80"], noon - 9 * DAY, "bob")
    seal(D - 5 * DAY)
    check_in(noon - 3 * DAY)
    seal(D)
    check_in(noon)
    return ann


def verify(folder: Path, statement: Any, roots: Any = None) -> tuple[int, str]:
    """Will run the published script by itself, as a member would, and return its exit code and what it says."""
    (folder / "statement.json").write_text(statement if isinstance(statement, str) else json.dumps(statement))
    more = []
    if roots is not None:
        (folder / "roots.json").write_text(json.dumps(roots))
        more = ["--roots", "roots.json"]
    command = [sys.executable, "-I", "-S", str(SCRIPT), "statement.json", *more]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env={})
    assert not done.stderr, done.stderr
    return done.returncode, done.stdout


@pytest.fixture
def files(sealed: Member, browse: Client) -> tuple[dict[str, Any], dict[str, Any]]:
    """Ann's statement and the roots, as downloaded."""
    return browse.get(STATEMENT).json(), Client().get(ROOTS).json()


def test_a_statement_verifies_by_itself(files: tuple[dict[str, Any], dict[str, Any]], tmp_path: Path) -> None:
    statement, roots = files
    code, said = verify(tmp_path, statement, roots)
    count = len(statement["entries"])
    assert code == 0, said
    assert f"ok  {count} entries are yours and numbered without gaps" in said
    assert "ok  3 seals follow from the entries and one another" in said
    assert "ok  the roots are the published ones" in said and "verified 5 claims, 0 problems" in said
    assert "not sealed yet: 2; the root of the coming night will cover them" in said
    code, said = verify(tmp_path, statement)
    assert code == 0 and "not held against the published roots" in said and "verified 4 claims" in said


def test_it_holds_everything_and_reads_in_words(
    files: tuple[dict[str, Any], dict[str, Any]], sealed: Member, browse: Client
) -> None:
    statement, _ = files
    assert len(statement["entries"]) == Entry.objects.filter(member=sealed).count()
    assert statement["member"] == {"id": sealed.id, "number": sealed.number}
    texts = [json.loads(entry["text"]) for entry in statement["entries"]]
    assert {text["member"] for text in texts} == {sealed.id}
    assert [text["seq"] for text in texts if text["wallet"] == "points"] == list(range(1, len(
        [text for text in texts if text["wallet"] == "points"]) + 1))  # fmt: skip
    assert "Return from order A1" in {entry["title"] for entry in statement["entries"]}
    held = {row["wallet"]: row for row in statement["wallets"]}["points"]
    balance = Balance.objects.get(member=sealed, wallet="points")
    assert (held["available"], held["pending"], held["debt"]) == (balance.available, balance.pending, balance.debt)
    answer = browse.get(STATEMENT)
    assert answer["Content-Disposition"] == f'attachment; filename="statement-{sealed.number}-2026-03-03.json"'
    assert "no-store" in answer["Cache-Control"] and "private" in answer["Cache-Control"]


Change = Callable[[dict[str, Any]], Any]


def entry_of(statement: dict[str, Any], wallet: str, seq: int) -> dict[str, Any]:
    """Will return one entry of a statement."""
    return next(
        e for e in statement["entries"]
        if (says := json.loads(e["text"]))["wallet"] == wallet and says["seq"] == seq
    )  # fmt: skip


def rewrite(wallet: str, seq: int, old: str, new: str) -> Change:
    """Will change a text inside one entry's canonical text."""

    def change(statement: dict[str, Any]) -> None:
        entry = entry_of(statement, wallet, seq)
        assert old in entry["text"]
        entry["text"] = entry["text"].replace(old, new)

    return change


def take_out_last(statement: dict[str, Any]) -> None:
    """Will take the last sealed points entry out and number on, with a balance that fits."""
    last = statement["seals"][-1]["points_seq"]
    gone = entry_of(statement, "points", last)
    statement["entries"].remove(gone)


def swap(statement: dict[str, Any]) -> None:
    """Will let two entries change places and numbers."""
    first, second = entry_of(statement, "points", 1), entry_of(statement, "points", 2)
    first["text"], second["text"] = (
        second["text"].replace('"seq": 2', '"seq": 1'),
        first["text"].replace('"seq": 1', '"seq": 2'),
    )


def flip(text: str) -> str:
    """Will change one hexadecimal digit."""
    return ("0" if text[0] != "0" else "1") + text[1:]


def step_of(statement: dict[str, Any]) -> Any:
    """Will return the first step of the first seal's path."""
    return statement["seals"][0]["path"][0]


def other_side(side: str) -> str:
    """Will return the other side."""
    return "right" if side == "left" else "left"


def night_of(statement: dict[str, Any]) -> Any:
    """Will return the night of the last seal."""
    return statement["seals"][2]["night"]


TAMPERINGS: dict[str, tuple[Change, str]] = {
    "an explanation": (rewrite("points", 1, "sign_up", "sign-up"), "one of them, or the seal, was changed"),
    "a date": (rewrite("points", 1, '"counts_on": "2025-', '"counts_on": "2024-'), "does not follow from"),
    "an amount": (rewrite("points", 1, '"points": 100,', '"points": 900,'), "the balance is 900, and it says 100"),
    "an actor": (rewrite("growth", 1, '"actor": "test"', '"actor": "tesu"'), "does not follow from"),
    "a space": (rewrite("points", 2, '"version": 1, ', '"version": 1,  '), "does not follow from"),
    "swapped": (swap, "does not follow from"),
    "the last one gone": (take_out_last, "stands where entry"),
    "a head": (lambda s: s["seals"][0].update(head=flip(s["seals"][0]["head"])), "2026-02-20"),
    "a seal gone": (lambda s: s["seals"].pop(1), "does not follow from"),
    "a path": (lambda s: step_of(s).__setitem__(1, flip(step_of(s)[1])), "is not under the root"),
    "a side": (lambda s: step_of(s).__setitem__(0, other_side(step_of(s)[0])), "is not under the root"),
    "a root": (lambda s: night_of(s).update(root=flip(night_of(s)["root"])), "is not the one that was published"),
    "a count": (lambda s: night_of(s).update(entries=99), "is not under the root of 2026-03-02"),
    "another's": (lambda s: s["member"].update(id=s["member"]["id"] + 1), "is another member's"),
    "a balance": (lambda s: s["wallets"][1].update(available=9999), "the wallet holds 9999"),
    "a debt": (lambda s: s["wallets"][1].update(debt=1), "and owes 1"),
    "a lot": (rewrite("points", 2, '"lot_points": [', '"lot_points": [1, '), "moves other lots and debts"),
}  # fmt: skip


@pytest.mark.parametrize("name", TAMPERINGS)
def test_tampering_is_found(files: tuple[dict[str, Any], dict[str, Any]], tmp_path: Path, name: str) -> None:
    statement, roots = copy.deepcopy(files[0]), files[1]
    change, words = TAMPERINGS[name]
    change(statement)
    code, said = verify(tmp_path, statement, roots)
    assert code == 1 and words in said and "NO  " in said, said


def test_a_ledger_made_anew_from_end_to_end_does_not_meet_the_published_roots(
    files: tuple[dict[str, Any], dict[str, Any]], tmp_path: Path
) -> None:
    """Whoever makes a consistent file with other entries has other roots, and these are not the published ones."""
    statement, roots = copy.deepcopy(files[0]), files[1]
    rewrite("points", 1, "sign_up", "sign-up")(statement)
    before, last = bytes(32), {"growth": 0, "points": 0}
    for made in statement["seals"]:
        covered = b""
        for wallet in ("growth", "points"):
            for entry in statement["entries"]:
                says = json.loads(entry["text"])
                if says["wallet"] == wallet and last[wallet] < says["seq"] <= made[f"{wallet}_seq"]:
                    covered += hashlib.sha256(entry["text"].encode()).digest()
            last[wallet] = made[f"{wallet}_seq"]
        before = hashlib.sha256(before + covered).digest()
        night = made["night"]
        top = hashlib.sha256(b"\0" + before).digest()
        facts = f"{night['sealed_on']} {night['members']} {night['entries']}".encode()
        root = hashlib.sha256(bytes.fromhex(night["before"]) + top + facts).hexdigest()
        made.update(head=before.hex(), path=[])
        night["root"] = root
    code, said = verify(tmp_path, statement)
    assert code == 0, said  # nothing inside the file betrays it
    code, said = verify(tmp_path, statement, roots)
    assert code == 1 and said.count("is not the one that was published") == 3


def test_published_roots_follow_one_another(files: tuple[dict[str, Any], dict[str, Any]], tmp_path: Path) -> None:
    statement, roots = files[0], copy.deepcopy(files[1])
    del roots["roots"][1]
    code, said = verify(tmp_path, statement, roots)
    assert code == 1 and "The published root of 2026-03-02 does not name the one before it." in said
    assert "The root of 2026-02-25 was not published" in said


NO_STATEMENTS = [
    "",
    "{}",
    "[]",
    '{"format": "membership-roots/1"}',
    '{"format": "membership-statement/1"}',
    '{"format": "membership-statement/1", "entries": [{"text": "{\\"version\\": 2}"}]}',
]


@pytest.mark.parametrize("content", NO_STATEMENTS)
def test_what_is_no_statement_is_said_so(tmp_path: Path, content: str) -> None:
    code, said = verify(tmp_path, content)
    assert code == 2 and said.strip(), said


def test_an_empty_wallet_and_no_night_yet(ann: Member, browse: Client, tmp_path: Path) -> None:
    statement = browse.get(STATEMENT).json()
    assert statement["seals"] == [] and verify(tmp_path, statement, Client().get(ROOTS).json())[0] == 0
    page = Client().get(PROOF).content.decode()
    assert "No night has been sealed yet" in page


def test_a_deed_between_the_balance_and_the_entries_is_left_out(
    sealed: Member, browse: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, noon: dt.datetime
) -> None:
    """What is booked while the file is put together belongs to the next one."""
    real = sql.fetch

    def meanwhile(room: str, name: str, **some: Any) -> Any:
        if name == "texts_of_member":
            check_in(noon + DAY)
        return real(room, name, **some)

    monkeypatch.setattr(sql, "fetch", meanwhile)
    statement = browse.get(STATEMENT).json()
    assert verify(tmp_path, statement)[0] == 0
    assert len(statement["entries"]) < Entry.objects.filter(member=sealed).count()


def test_more_than_a_branch_of_heads(ann: Member, browse: Client, tmp_path: Path, programme: None) -> None:
    """Where a night has more heads than one portion, the path goes through the branches."""
    others = world.holders(1100, D - 30 * DAY)
    policy_id = Entry.objects.filter(member=ann).first().policy_id
    Entry.objects.bulk_create(
        Entry(
            member_id=other, wallet="growth", seq=1, kind="accrual", points=1, balance_after=1, source_key="x",
            at=world.noon(D), business_date=D, counts_on=D, active_on=D, expires_on=D,
            policy_id=policy_id, actor="test",
        )
        for other in others
    )  # fmt: skip
    Balance.objects.filter(member_id__in=others, wallet="growth").update(seq=1, available=1)
    seal(D)
    assert len(bytes(DaySeal.objects.get().branches)) == 2 * 32
    statement = browse.get(STATEMENT).json()
    assert len(statement["seals"][0]["path"]) == 11
    assert verify(tmp_path, statement, Client().get(ROOTS).json())[0] == 0


def test_queries_do_not_grow(sealed: Member, browse: Client, buy: Buy, noon: dt.datetime) -> None:
    browse.get(STATEMENT)  # published tiers are read once a process
    with CaptureQueriesContext(connection) as few:
        browse.get(STATEMENT)
    for number in range(9):
        buy(f"C{number}", ["10", "20"], noon - DAY)
        seal(D + (number + 1) * DAY)
    with CaptureQueriesContext(connection) as many:
        browse.get(STATEMENT)
    assert len(few) == len(many) == QUERIES


def test_only_the_member_gets_it(client: Client, ann: Member) -> None:
    answer = client.get(STATEMENT)
    assert answer.status_code == 302 and answer["Location"].startswith("/login/")
    assert client.post(STATEMENT).status_code in (302, 405)


def test_the_roots_are_for_everybody(sealed: Member, client: Client, browse: Client) -> None:
    page = Client().get(PROOF).content.decode()
    latest = DaySeal.objects.latest("sealed_on")
    assert bytes(latest.root).hex() in page and "2 Mar 2026" in page and "What it does not prove" in page
    assert STATEMENT not in page and ROOTS in page and "verify_statement" in page
    assert "/points/statement.json" in browse.get("/points/").content.decode()
    assert sealed.number not in page
    for language in ("zh-hans", "zh-hant"):
        client.cookies[site.LANGUAGE_COOKIE_NAME] = language
        assert client.get(PROOF).status_code == 200


def test_roots_are_paged_with_the_same_queries(programme: None, client: Client) -> None:
    for days in range(70):
        seal(D + days * DAY)
    seen: list[str] = []
    path = PROOF
    while path:
        with CaptureQueriesContext(connection) as asked:
            page = client.get(path).content.decode()
        assert len(asked) == 1
        seen += [line.split("</code>")[0] for line in page.split('<code class="hash">')[1:]]
        path = PROOF + page.split('rel="next" href="')[1].split('"')[0] if 'rel="next"' in page else ""
    assert seen == [bytes(row.root).hex() for row in DaySeal.objects.order_by("-sealed_on")] and len(seen) == 70
    assert client.get(PROOF + "?before=nonsense").status_code == 200
