"""The clients of the ledger's benches: processes of their own, which set Django up when they begin."""

import datetime as dt
import os
import random
import time
from collections.abc import Callable, Sequence
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import psycopg

SECONDS = 10
FAILED = -1
LAST = dt.date(2026, 4, 7)
"""A week after bench.population's, so that all it left on hold can be spent, whichever nights were measured before."""

Act = Callable[[int, str], object]
"""Does one deed to a subject, under a key that is never used twice."""


def client(deed: str, subjects: Sequence[int], number: int, start: Any, counts: Any) -> None:
    """Will do a deed to subjects drawn at random, one after the other, from the common start for some seconds.

    Puts how many it did, or FAILED.
    """
    done = FAILED
    try:
        done = _deeds(deed, subjects, number, start)
    finally:
        if done == FAILED:
            start.abort()
        counts.put(done)


def _deeds(deed: str, subjects: Sequence[int], number: int, start: Any) -> int:
    import django

    django.setup()
    rng = random.Random(number)
    act = DEEDS[deed]()
    run = f"{os.getpid()}:{time.time_ns()}"
    act(subjects[0], f"bench:{run}:warm")
    start.wait(120)
    ends, count = time.monotonic() + SECONDS, 0
    while time.monotonic() < ends:
        act(rng.choice(subjects), f"bench:{run}:{count}")
        count += 1
    return count


def _earn() -> Act:
    from django.db import transaction

    from points import actions, queries
    from points.enums import Wallet

    at = dt.datetime.combine(LAST, dt.time(6), tzinfo=dt.UTC)
    policy = queries.policy_on(LAST)
    lot = (LAST, policy.expires_on(LAST))

    def act(member_id: int, key: str) -> object:
        with transaction.atomic():
            return actions.credit(
                member_id=member_id, wallet=Wallet.POINTS, source_key=key, points=7, lot=lot,
                explanation=[{"code": "event", "type": "review", "points": 7, "growth": 0}],
                policy_id=policy.id, at=at, actor="api:bench",
            )  # fmt: skip

    return act


def _redeem() -> Act:
    from django.db import transaction

    from points import actions, queries

    at = dt.datetime.combine(LAST, dt.time(6), tzinfo=dt.UTC)
    policy = queries.policy_on(LAST)

    def act(member_id: int, key: str) -> object:
        with transaction.atomic():
            return actions.spend(
                member_id=member_id, source_key=key, points=1, explanation=[{"code": "redeemed", "points": 1}],
                policy_id=policy.id, at=at, actor="api:bench",
            )  # fmt: skip

    return act


def _post() -> Act:
    """django-hordak: one balanced transaction from the programme's account to a member's, once per key, under a lock."""
    from django.db import transaction
    from hordak.models import Account, Transaction
    from moneyed import Money

    programme = Account.objects.get(name="programme")
    accounts = {account.id: account for account in Account.objects.exclude(id=programme.id)}

    def act(account_id: int, key: str) -> object:
        uuid = uuid5(NAMESPACE_URL, key)
        with transaction.atomic():
            Account.objects.select_for_update().get(id=account_id)
            if known := Transaction.objects.filter(uuid=uuid).first():
                return known
            return programme.transfer_to(accounts[account_id], Money(7, "EUR"), uuid=uuid, description=key)

    return act


def _tpcb() -> Act:
    line = psycopg.connect(os.environ["BENCH_TPCB"], autocommit=True)
    factor = int(os.environ["BENCH_FACTOR"])

    def act(account: int, _: str) -> object:
        teller, branch = random.randrange(1, 10 * factor + 1), random.randrange(1, factor + 1)
        line.execute("BEGIN")
        line.execute("UPDATE pgbench_accounts SET abalance = abalance + 1 WHERE aid = %s", [account])
        line.execute("SELECT abalance FROM pgbench_accounts WHERE aid = %s", [account])
        line.execute("UPDATE pgbench_tellers SET tbalance = tbalance + 1 WHERE tid = %s", [teller])
        line.execute("UPDATE pgbench_branches SET bbalance = bbalance + 1 WHERE bid = %s", [branch])
        line.execute(
            "INSERT INTO pgbench_history (tid, bid, aid, delta, mtime) VALUES (%s, %s, %s, 1, CURRENT_TIMESTAMP)",
            [teller, branch, account],
        )
        return line.execute("END")

    return act


DEEDS: dict[str, Callable[[], Act]] = {
    "earn": _earn,
    "redeem": _redeem,
    "hordak posting": _post,
    "TPC-B by psycopg": _tpcb,
}
