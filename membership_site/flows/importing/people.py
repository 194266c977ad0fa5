"""Booking many members of a file at once: new ones with COPY, known ones by what the file adds to them."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from benefits import actions as benefits_actions
from benefits.enums import Occasion
from kit import clock
from members import actions as members_actions
from members import queries as members_queries
from members.queries import KnownPerson
from members.rules import IdentityValue
from membership_site.flows import member_entry, member_joined
from membership_site.flows.importing.history import Rulebook
from membership_site.flows.importing.rows import BadRow, Item, MemberRow
from orders import queries as orders_queries
from points import actions as points_actions
from points.enums import EntryKind, Wallet
from points.rules import ledger
from points.rules.ledger import Deed, WalletState
from tiers import actions as tiers_actions
from tiers import rules as tiers_rules
from tiers.actions import StandingState


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a row; `refused` says why it is bad."""

    code: str
    refused: BadRow | None = None


def book_members(items: Sequence[Item], *, reward: bool, at: dt.datetime, actor: str) -> list[Outcome]:
    """Will book members in the caller's transaction: new, changed or same; refused where identities contradict."""
    identities = {identity for item in items for identity in item.statement.new.identities}
    known = members_queries.find_people(list(identities))
    outcomes: list[Outcome] = []
    fresh: list[MemberRow] = []
    taken: dict[IdentityValue, int] = {}
    for item in items:
        row: MemberRow = item.statement
        people = {known[i].id: known[i] for i in row.new.identities if i in known}
        twins = {taken[i] for i in row.new.identities if i in taken}
        if len(people) + len(twins) > 1:
            message = "The row's identities belong to different members. Merge them first, or correct the row."
            outcomes.append(Outcome("bad", BadRow("identity_conflict", message)))
        elif twins:
            fresh[twins.pop()] = row
            outcomes.append(Outcome("changed"))
        elif people:
            outcomes.append(_complete(people.popitem()[1], row, reward, at, actor))
        else:
            taken.update(dict.fromkeys(row.new.identities, len(fresh)))
            fresh.append(row)
            outcomes.append(Outcome("new"))
    _register(fresh, reward=reward, at=at, actor=actor)
    return outcomes


def _complete(person: KnownPerson, row: MemberRow, reward: bool, at: dt.datetime, actor: str) -> Outcome:
    try:
        changed = members_actions.complete(person=person, new=row.new, at=at, actor=actor)
    except members_actions.BirthdayChangedLately as error:
        return Outcome("bad", BadRow("birthday", str(error)))
    if row.joined_at and person.joined_at is None:
        member_entry.enter(member_id=person.id, at=row.joined_at, actor=actor, reward=reward)
        changed = True
    if changed and orders_queries.anything_parked():
        member_joined.adopt_waiting(member_id=person.id, at=at, actor=actor)
    return Outcome("changed" if changed else "same")


def _register(rows: Sequence[MemberRow], *, reward: bool, at: dt.datetime, actor: str) -> None:
    if not rows:
        return
    ids = members_actions.register_many(
        new=[row.new for row in rows], joined_at=[row.joined_at for row in rows], at=at, actor=actor
    )
    rulebook = Rulebook()
    entered = [(i, row.joined_at) for i, row in zip(ids, rows, strict=True) if row.joined_at]
    wallets: list[WalletState] = []
    standings: list[StandingState] = []
    for member_id, joined_at in entered:
        both, standing = _entered(member_id, joined_at, rulebook, reward, actor)
        wallets += both
        standings.append(standing)
    points_actions.write_wallets(states=wallets, at=at, actor=actor)
    tiers_actions.write_standings(states=standings, at=at, actor=actor)
    if reward:
        benefits_actions.grant_many(entered=entered, occasion=Occasion.ACTIVATION, at=at, actor=actor)
    if orders_queries.anything_parked():
        for member_id in ids:
            member_joined.adopt_waiting(member_id=member_id, at=at, actor=actor)


def _entered(
    member_id: int, at: dt.datetime, rulebook: Rulebook, reward: bool, actor: str
) -> tuple[list[WalletState], StandingState]:
    today = clock.business_date(at)
    terms, policy = rulebook.terms(today), rulebook.policy(today)
    wallets = {wallet: WalletState(member_id, wallet) for wallet in Wallet}
    standing = StandingState(member_id, terms.ladder_id)
    standing.decide(tiers_rules.join(today), standing.facts(terms.window_start(today)), terms, today, at, "join", actor)
    if reward and policy.sign_up_points:
        ledger.credit(
            wallets[Wallet.POINTS],
            Deed(at, today, policy.id, actor, policy.expiry.idle_months),
            EntryKind.ACCRUAL,
            "sign_up",
            policy.sign_up_points,
            (today, policy.expires_on(today)),
            [{"code": "sign_up", "points": policy.sign_up_points}],
        )
    return list(wallets.values()), standing
