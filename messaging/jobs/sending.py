"""The sender: takes what is due for a while, asks once more whether it may go out, and hands it over, one by one.

A message is leased in a batch; before it is handed over, `sending` is committed, and nothing is handed over that is not
`sending`. What came of one is committed together with the beginning of the next. So a sender that is killed leaves one
message at most of which nobody can tell, and it is named `unknown`; what it had leased goes back to the queue.
"""

import datetime as dt
import logging
import time
import uuid
from collections import Counter
from collections.abc import Callable
from types import TracebackType
from typing import Any, NamedTuple, Self

from django.conf import settings
from django.db import DatabaseError, InterfaceError, transaction

from kit import counters, sql
from kit.rate import Rate
from messaging.actions.telling import bounced_at_once
from messaging.channels import CHANNELS
from messaging.enums import DispatchState, MessageState, Reason
from messaging.jobs.facts import Compiled, Facts, Held, addresses, as_json, facts_of, hashes, held
from messaging.jobs.health import begin_again, count_error
from messaging.models import Dispatch
from messaging.providers import Provider
from messaging.queries import links
from messaging.queries.links import Link, LinkKind
from messaging.queries.rules import rules_in_force
from messaging.rules import trying
from messaging.rules.delivery import Accepted, Deferred, Outcome, Outgoing, Refused, Unknown
from messaging.rules.quiet import quiet_until
from messaging.wording.rendering import MissingValue, named_fields, render

logger = logging.getLogger(__name__)

WORK_SECONDS = 20.0
LEASE = dt.timedelta(minutes=5)
BATCH = 50
PAUSE_SECONDS = 0.2
"""How long a sender waits who may not send because of a rate."""
DETAIL_MAX = 500
SIGNED = {
    "open_url": LinkKind.OPEN,
    "preferences_url": LinkKind.PREFERENCES,
    "satisfaction_url": LinkKind.SATISFACTION,
    "recommendation_url": LinkKind.RECOMMENDATION,
}
"""Fields that hold an address signed for one message, which is only signed where its words name it."""

Now = Callable[[], dt.datetime]


class Aside(NamedTuple):
    """Where a message goes that is not sent now: back to the queue until it is due, or out of it for a reason."""

    state: MessageState
    reason: Reason | None = None
    detail: str = ""
    due_at: dt.datetime | None = None


class Begun(NamedTuple):
    """A message that is being handed over, and what came of it."""

    row: Held
    lease: uuid.UUID
    provider: str
    addresses: tuple[str, ...]
    attempts: int
    outcome: Outcome
    at: dt.datetime


def send_due(now: Now, *, seconds: float = WORK_SECONDS, lease_for: dt.timedelta = LEASE, size: int = BATCH) -> bool:
    """Will send what is due until nothing is, or so many seconds have passed; says whether more is due.

    `now` is the clock.
    """
    ends = time.monotonic() + seconds
    with Sender(now, lease_for, size) as sender:
        while time.monotonic() < ends:
            taken, sent = sender.batch()
            if not taken and not sender.is_throttled:
                return False
            if not sent and sender.is_throttled:
                time.sleep(PAUSE_SECONDS)
    return any_due(at=now())


def any_due(*, at: dt.datetime) -> bool:
    """Will say whether anything is due that a sender could take. One query."""
    return bool(sql.fetch("messaging", "next_due", at=at)[0][0])


class Sender:
    """One who sends: his connections to providers, and the message whose outcome is not committed yet."""

    def __init__(self, now: Now, lease_for: dt.timedelta = LEASE, size: int = BATCH) -> None:
        self._now, self._lease_for, self._size = now, lease_for, size
        self._providers: dict[str, Provider] = {}
        self._open: Begun | None = None
        self._words: dict[int, Compiled] = {}
        self._turn = 0
        self._failing: set[int] = set()
        self._granted: dict[str, int] = {}
        self._begun: Counter[str] = Counter()
        self.is_throttled = False

    def __enter__(self) -> Self:
        """Will begin with nothing."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Will close the connections to providers."""
        for provider in self._providers.values():
            provider.close()

    def batch(self) -> tuple[int, int]:
        """Will take a lease of what is due and work it off; returns how many were taken, and how many of them begun."""
        at, lease = self._now(), uuid.uuid4()
        self.is_throttled = False
        taken = self._lease(lease, at)
        if not taken:
            return 0, 0
        rows = held(lease, taken)
        rows = self._within_rates(rows, lease, at)
        if not rows:
            return len(taken), 0
        facts = facts_of(rows, rules_in_force(), self._words, at)
        self._failing = {row.dispatch_id for row in rows if row.errors_in_row and row.dispatch_id}
        try:
            for row in rows:
                self._one(row, lease, facts)
        finally:
            self._settle_open()
            self._give_back()
        return len(taken), len(rows)

    # ---- taking

    def _lease(self, lease: uuid.UUID, at: dt.datetime) -> list[int]:
        """Will take service messages first, then marketing of no dispatch, then of each that is under way, in turns."""
        known = {"lease": lease, "at": at, "until": at + self._lease_for}
        taken = [row[0] for row in sql.fetch_prepared("messaging", "lease_service", **known, size=self._size)]
        running = Dispatch.objects.filter(state=DispatchState.RUNNING).order_by("id")
        sources: list[tuple[int, int | None]] = [(0, None), *running.values_list("id", "rate_per_minute")]
        self._turn += 1
        first = self._turn % len(sources)
        for dispatch_id, per_minute in (*sources[first:], *sources[:first]):
            left = self._size - len(taken)
            if left <= 0:
                break
            rate = Rate(f"messaging.dispatch:{dispatch_id}", per_minute) if per_minute else None
            room = rate.take(left, at) if rate else left
            self.is_throttled |= room == 0
            if not room:
                continue
            more = sql.fetch_prepared("messaging", "lease_marketing", **known, dispatch=dispatch_id, size=room)
            taken += [row[0] for row in more]
            if rate:
                rate.give_back(room - len(more))
        return taken

    def _within_rates(self, rows: list[Held], lease: uuid.UUID, at: dt.datetime) -> list[Held]:
        """Will give back what the channels' providers may not get just now, and return the others."""
        counts = Counter(row.channel for row in rows)
        paces = {channel: pace for channel, pace in settings.MESSAGE_RATES.items() if channel in counts}
        room = {channel: _rate(channel, pace).take(counts[channel], at) for channel, pace in paces.items()}
        self._granted, self._begun = dict(room), Counter()
        kept = []
        for row in rows:
            left = room.get(row.channel)
            if left == 0:
                self.is_throttled = True
                _put_aside(row, lease, Aside(MessageState.QUEUED))
                continue
            if left is not None:
                room[row.channel] = left - 1
            kept.append(row)
        return kept

    def _give_back(self) -> None:
        """Will give back what channels were granted for messages that were skipped or held instead."""
        for channel, granted in self._granted.items():
            _rate(channel, settings.MESSAGE_RATES[channel]).give_back(granted - self._begun[channel])
        self._granted = {}

    # ---- one message

    def _one(self, row: Held, lease: uuid.UUID, facts: Facts) -> None:
        at = self._now()
        try:
            ready = _ready(row, facts, at)
        except (DatabaseError, InterfaceError):
            raise
        except Exception as error:
            # One message that cannot be made must not keep the others of its batch from going out.
            logger.exception("message %s cannot be made", row.id)
            ready = Aside(MessageState.FAILED, Reason.REFUSED, f"{type(error).__name__}: {error}")
        if isinstance(ready, Aside):
            _put_aside(row, lease, ready)
        else:
            self._hand_over(row, lease, facts, ready)

    def _hand_over(self, row: Held, lease: uuid.UUID, facts: Facts, outgoing: Outgoing) -> None:
        provider = self._provider(row.channel)
        if provider.is_ours:
            self._into_our_own(row, lease, facts, provider, outgoing)
            return
        attempts = self._begin(row, lease, facts, outgoing)
        if attempts:
            self._begun[row.channel] += 1
            outcome = _handed_over(provider, outgoing)
            counters.add("messages", row.channel, type(outcome).__name__.lower())
            self._open = Begun(row, lease, provider.name, outgoing.addresses, attempts, outcome, self._now())
            if not isinstance(outcome, Accepted) or row.dispatch_id in self._failing:
                self._settle_open()

    def _begin(self, row: Held, lease: uuid.UUID, facts: Facts, outgoing: Outgoing) -> int:
        """Will commit what came of the message before, and in the same transaction that this one is being sent.

        Returns which try it is, or 0 where it must not be sent: the statement that takes it asked once more. Where
        caps count what the member got, whoever else sends to him waits until this is committed.
        """
        caps = facts.caps(row, outgoing.at)
        statements = [("settle", _settlement(self._open))] if self._open is not None else []
        if caps:
            statements.append(("lock_member", {"member": row.member_id}))
        statements.append(("begin_sending", _asking(row, lease, outgoing, caps)))
        found = sql.fetch_together("messaging", statements)[-1]
        self._open = None
        return int(found[0][3]) if found and found[0][0] == MessageState.SENDING.value else 0

    def _into_our_own(self, row: Held, lease: uuid.UUID, facts: Facts, provider: Provider, outgoing: Outgoing) -> None:
        """Will take and send a message that stays in this house in one transaction: exactly once, whatever dies."""
        self._settle_open()
        with transaction.atomic():
            attempts = self._begin(row, lease, facts, outgoing)
            if attempts:
                outcome = provider.deliver(outgoing)
                counters.add("messages", row.channel, type(outcome).__name__.lower())
                at = self._now()
                _settle(Begun(row, lease, provider.name, outgoing.addresses, attempts, outcome, at))

    def _settle_open(self) -> None:
        """Will commit what came of the message handed over last, and what that means for its dispatch."""
        begun, self._open = self._open, None
        if begun is None:
            return
        with transaction.atomic():
            _settle(begun)
        dispatch_id = begun.row.dispatch_id
        if dispatch_id is None:
            return
        if isinstance(begun.outcome, Accepted):
            if dispatch_id in self._failing:
                begin_again(dispatch_id)
                self._failing.discard(dispatch_id)
        elif not (isinstance(begun.outcome, Refused) and begun.outcome.bounces):
            count_error(dispatch_id, str(begun.outcome.text), begun.at)
            self._failing.add(dispatch_id)

    def _provider(self, channel: str) -> Provider:
        if channel not in self._providers:
            self._providers[channel] = CHANNELS[channel].provider()
        return self._providers[channel]


def _ready(row: Held, facts: Facts, at: dt.datetime) -> Outgoing | Aside:
    """Will make a message ready to be handed over, or say where it goes instead."""
    rules, person = facts.rules, facts.people[row.member_id]
    marketing = row.is_marketing
    if trying.too_late(row.due_at, row.ends_at, rules.late_after_hours, at, is_marketing=marketing):
        return Aside(MessageState.SKIPPED, Reason.EXPIRED)
    until = quiet_until(person.quiet or rules.quiet, at, person.zone) if marketing else None
    if until is not None:
        if row.ends_at is not None and until >= row.ends_at:
            return Aside(MessageState.SKIPPED, Reason.EXPIRED, "quiet")
        return Aside(MessageState.QUEUED, due_at=until)
    language = facts.language(row)
    if language is None:
        return Aside(MessageState.SKIPPED, Reason.NO_CONTENT, row.channel)
    sources = facts.parts(row, language)
    unsubscribe_url = links.link_url(Link(LinkKind.UNSUBSCRIBE, row.token))
    urls = _urls(row, sources) | {"unsubscribe_url": unsubscribe_url}
    values = {**facts.values.get((row.member_id, language), {}), **row.values, **urls}
    try:
        parts = render(sources, values, language)
    except MissingValue as missing:
        return Aside(MessageState.SKIPPED, Reason.MISSING_VALUE, missing.field)
    return Outgoing(
        message_id=row.id,
        token=str(row.token),
        member_id=row.member_id,
        member_number=person.reachable.number,
        addresses=addresses(row, person),
        parts=parts,
        language=language,
        is_marketing=marketing,
        at=at,
        unsubscribe_url=unsubscribe_url,
        ends_at=row.ends_at,
    )


def _rate(channel: str, per_minute: int) -> Rate:
    return Rate(f"messaging.channel:{channel}", per_minute)


def _put_aside(row: Held, lease: uuid.UUID, aside: Aside) -> None:
    counters.add("messages", row.channel, aside.state.value)
    known = {
        "state": aside.state.value,
        "reason": aside.reason.value if aside.reason else "",
        "detail": aside.detail[:DETAIL_MAX],
        "due_at": aside.due_at,
    }
    sql.fetch_prepared("messaging", "put_aside", message=row.id, lease=lease, **known)


def _urls(row: Held, sources: Any) -> dict[str, object]:
    """Will return the addresses that the words of a message name."""
    token, named = row.token, named_fields(sources)
    numbers = sources.get("links") or {}
    return {
        "links": {f"l{n}": links.link_url(Link(LinkKind.CLICK, token, int(n))) for n in numbers},
        "inbox_url": links.inbox_url(),
        **{code: links.link_url(Link(kind, token)) for code, kind in SIGNED.items() if code in named},
    }


def _asking(row: Held, lease: uuid.UUID, outgoing: Outgoing, caps: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "message": row.id,
        "lease": lease,
        "at": outgoing.at,
        "language": outgoing.language,
        "has_address": bool(outgoing.addresses),
        "needs_consent": CHANNELS[row.channel].needs_consent,
        "address_hashes": hashes(row.channel, outgoing.addresses),
        "caps": as_json(caps),
    }


def _handed_over(provider: Provider, outgoing: Outgoing) -> Outcome:
    try:
        return provider.deliver(outgoing)
    except Exception as error:
        # A provider says what came of it; one that breaks leaves us not knowing, which is for a person to decide.
        logger.exception("%s broke over message %s", provider.name, outgoing.message_id)
        return Unknown(f"{type(error).__name__}: {error}")


def _settle(begun: Begun) -> None:
    """Will write down what came of a message, with the bounce that a refusal may be. In the caller's transaction."""
    sql.fetch_prepared("messaging", "settle", **_settlement(begun))
    row, outcome = begun.row, begun.outcome
    if isinstance(outcome, Refused) and outcome.bounces:
        bounced_at_once(
            message_id=row.id, channel=row.channel, addresses=begun.addresses, text=outcome.text, at=begun.at
        )


def _settlement(begun: Begun) -> dict[str, Any]:
    row, outcome = begun.row, begun.outcome
    state, reason, due_at = MessageState.SENT, "", None
    if isinstance(outcome, Unknown):
        state = MessageState.UNKNOWN
    elif isinstance(outcome, Refused) and outcome.is_permanent:
        state, reason = MessageState.FAILED, Reason.REFUSED.value
    elif isinstance(outcome, Deferred | Refused):
        due_at = trying.next_try(begun.attempts, begun.at, row.id)
        state = MessageState.QUEUED if due_at else MessageState.FAILED
        reason = "" if due_at else Reason.TRIED_TOO_OFTEN.value
    accepted = isinstance(outcome, Accepted)
    return {
        "message": row.id,
        "lease": begun.lease,
        "state": state.value,
        "reason": reason,
        "detail": "" if isinstance(outcome, Accepted) else outcome.text[:DETAIL_MAX],
        "sent_at": begun.at if accepted else None,
        "provider": begun.provider,
        "provider_id": outcome.provider_id[:200] if isinstance(outcome, Accepted) else "",
        "due_at": due_at,
    }
