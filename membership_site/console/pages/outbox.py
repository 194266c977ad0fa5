"""The staff's pages of sending: the outbox, a dispatch, a message, the rules of sending, suppressed addresses."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from kit import paging
from members import queries as members_queries
from members.enums import Purpose
from membership_site import formats
from membership_site.console.access import Capability, Person
from membership_site.console.pages import people
from membership_site.console.pages.members import member_url
from membership_site.console.pages.words import State
from membership_site.preferences import HTML_LANGUAGES
from messaging import queries as messaging_queries
from messaging.enums import Channel, DispatchState, MessageState, Reason
from messaging.queries import DispatchView, MessageFilter, MessageRow, RulesView, SuppressionView
from messaging.queries.previews import Previewed
from messaging.queries.templates import list_topics
from messaging.rules.fields import by_language
from messaging.wording import outcomes
from messaging.wording.fields import channel_words, field_words
from messaging.wording.findings import part_words

ROWS = 50
UNKNOWN_MAX = 20
DISPATCHES = 10
PATIENCE_MS = 3_000
PARAMETERS = ("state", "reason", "channel", "dispatch", "member")
LEFT = (MessageState.WAITING, MessageState.QUEUED, MessageState.LEASED, MessageState.SENDING)


@dataclass(frozen=True)
class Choice:
    """One of several to choose by: its value, its name, whether it is chosen."""

    value: str
    name: str
    is_chosen: bool


@dataclass(frozen=True)
class MessageLine:
    """A message in a list: never with an address."""

    id: int
    url: str
    member: str
    member_url: str
    channel: str
    cause: str
    dispatch_url: str
    state: State
    why: str
    at: dt.datetime
    attempts: int
    detail: str


@dataclass(frozen=True)
class DispatchLine:
    """A dispatch with its progress: how many of how many are done with."""

    id: int
    url: str
    name: str
    state: State
    reason: str
    done: int
    total: int
    counts: tuple[tuple[str, int, str], ...]
    created_at: dt.datetime


@dataclass(frozen=True)
class OutboxPage:
    """The outbox as an address asks for it; `refused` says why there are no rows where there may be some."""

    dispatches: tuple[DispatchLine, ...]
    unknown: tuple[MessageLine, ...]
    unknown_count: int
    rows: tuple[MessageLine, ...]
    states: tuple[Choice, ...]
    reasons: tuple[Choice, ...]
    channels: tuple[Choice, ...]
    member: str
    dispatch: str
    more: str
    is_first: bool
    is_filtered: bool
    refused: str


def outbox_page(data: Mapping[str, str], *, may_see_members: bool) -> OutboxPage:
    """Will assemble the outbox, members by number alone for who may not see them. At most ten queries in all."""
    given, wanted, refused = _read(data)
    before = data.get("before", "")
    before_id = int(before) if before.isdecimal() and len(before) < 19 else None
    rows: list[MessageRow] = []
    if not refused:
        try:
            with paging.within(PATIENCE_MS):
                rows = messaging_queries.list_messages(wanted, before_id, ROWS + 1)
        except paging.TooSlow:
            refused = _("This would take too long. Ask for a member, a dispatch or another state as well.")
    waiting = messaging_queries.waiting_for_somebody()
    unknown = messaging_queries.unknown_messages(limit=UNKNOWN_MAX) if waiting.unknown else []
    more = urlencode({**given, "before": rows[ROWS - 1].id}) if rows[ROWS:] else ""
    names = topic_names()
    return OutboxPage(
        dispatches=dispatch_lines(messaging_queries.list_dispatches(limit=DISPATCHES)),
        unknown=tuple(message_line(row, names, is_named=may_see_members) for row in unknown),
        unknown_count=waiting.unknown,
        rows=tuple(message_line(row, names, is_named=may_see_members) for row in rows[:ROWS]),
        states=tuple(Choice(one.value, outcomes.state_words(one), given.get("state") == one) for one in MessageState),
        reasons=tuple(Choice(one.value, outcomes.reason_words(one), given.get("reason") == one) for one in Reason),
        channels=tuple(Choice(one.value, channel_words(one), given.get("channel") == one) for one in Channel),
        member=data.get("member", "")[:40],
        dispatch=given.get("dispatch", ""),
        more=f"?{more}" if more else "",
        is_first=before_id is None,
        is_filtered=bool(given) or bool(refused),
        refused=refused,
    )


def _read(data: Mapping[str, str]) -> tuple[dict[str, str], MessageFilter, str]:
    """Will read the filters that are on; what is not known is left out. At most one query, for a member's number."""
    given = {name: data.get(name, "").strip()[:40] for name in PARAMETERS if data.get(name, "").strip()}
    known: dict[str, set[str]] = {"state": {*MessageState}, "reason": {*Reason}, "channel": {*Channel}}
    given = {name: value for name, value in given.items() if name not in known or value in known[name]}
    if not given.get("dispatch", "0").isdecimal() or len(given.get("dispatch", "")) > 18:
        given.pop("dispatch")
    member_id, refused = None, ""
    if number := given.get("member"):
        key = members_queries.find_by_number(number)
        if key is None:
            refused = _("No member has this number. Check the digits; the last one is a check digit.")
        else:
            member_id, given["member"] = key.id, key.number
    asked = {name: given.get(name, "") for name in known}
    dispatch_id = int(given["dispatch"]) if "dispatch" in given else None
    return given, MessageFilter(**asked, dispatch_id=dispatch_id, member_id=member_id), refused


def topic_names() -> dict[str, str]:
    """Will return what topics are called, by code, in the reader's language. One query."""
    return names_of_topics({topic.code: topic.names for topic in list_topics()})


def names_of_topics(topics: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Will return what topics are called, by code, of their names by language. No queries."""
    language = (get_language() or "").lower()
    return {code: str(by_language(names, language) or code) for code, names in topics.items()}


def message_line(row: MessageRow, topics: Mapping[str, str], *, is_named: bool = True) -> MessageLine:
    """Will show a message in a list, its member by name or by number alone. No queries."""
    return MessageLine(
        id=row.id,
        url=reverse("console:message", args=[row.id]),
        member=" ".join(filter(None, (row.member_name if is_named else "", row.member_number))),
        member_url=member_url(row.member_number) if is_named else "",
        channel=channel_words(Channel(row.channel)),
        cause=topics.get(row.topic, row.topic) or _("Service message"),
        dispatch_url=reverse("console:dispatch", args=[row.dispatch_id]) if row.dispatch_id else "",
        state=state_of(row),
        why=outcomes.why_not(row.reason, row.detail, topics),
        at=row.sent_at or row.sending_at or row.due_at,
        attempts=row.attempts,
        detail=row.detail,
    )


def state_of(row: MessageRow) -> State:
    """Will name where a message stands. No queries."""
    return State(outcomes.state_words(row.state), outcomes.state_tone(row.state))


# ---- dispatches


def dispatch_lines(rows: Sequence[DispatchView]) -> tuple[DispatchLine, ...]:
    """Will show dispatches with their progress. One query."""
    counts = messaging_queries.progress_of([row.id for row in rows]) if rows else {}
    return tuple(_dispatch(row, counts[row.id]) for row in rows)


def _dispatch(row: DispatchView, counts: Mapping[str, int]) -> DispatchLine:
    total = sum(counts.values())
    return DispatchLine(
        id=row.id,
        url=reverse("console:dispatch", args=[row.id]),
        name=row.name,
        state=State(outcomes.dispatch_words(row.state), outcomes.dispatch_tone(row.state)),
        reason=row.state_reason,
        done=total - sum(counts.get(state, 0) for state in LEFT),
        total=total,
        counts=tuple(
            (outcomes.state_words(state), counts[state], state.value) for state in MessageState if counts.get(state)
        ),
        created_at=row.created_at,
    )


@dataclass(frozen=True)
class DispatchPage:
    """A dispatch: how it gets on, why what was not sent, what may be done."""

    line: DispatchLine
    reasons: tuple[tuple[str, str, int], ...]
    list_url: str
    facts: tuple[tuple[str, str], ...]
    who: str
    failed: int
    left: int
    may_pause: bool
    may_resume: bool
    may_cancel: bool
    may_retry: bool


def dispatch_page(dispatch_id: int) -> DispatchPage:
    """Will assemble the page of a dispatch; raises UnknownDispatch. At most three queries."""
    progress = messaging_queries.progress(dispatch_id)
    row, counts = progress.dispatch, progress.by_state
    is_over = row.state in (DispatchState.CANCELLED, DispatchState.FINISHED)
    return DispatchPage(
        line=_dispatch(row, counts),
        reasons=tuple(
            (outcomes.reason_words(reason), reason, count)
            for reason, count in sorted(progress.by_reason.items(), key=lambda one: -one[1])
        ),
        list_url=f"{reverse('console:outbox')}?dispatch={row.id}",
        facts=_facts(row),
        who=people.names_of([row.actor])[row.actor],
        failed=counts[MessageState.FAILED],
        left=sum(counts[state] for state in LEFT),
        may_pause=row.state == DispatchState.RUNNING,
        may_resume=row.state == DispatchState.PAUSED,
        may_cancel=not is_over,
        may_retry=row.state != DispatchState.CANCELLED and counts[MessageState.FAILED] > 0,
    )


def _facts(row: DispatchView) -> tuple[tuple[str, str], ...]:
    rate = _("as fast as providers may")
    if row.rate_per_minute:
        rate = ngettext("%(n)s a minute", "%(n)s a minute", row.rate_per_minute) % {
            "n": formats.num(row.rate_per_minute)
        }
    facts = [
        (_("Speed"), rate),
        (_("Frequency caps"), _("hold its messages back") if row.obeys_caps else _("do not hold its messages back")),
        (_("Counts towards caps"), _("Yes") if row.counts_for_caps else _("No")),
        (
            _("Errors in a row"),
            _("%(n)s; it pauses at %(most)s")
            % {"n": formats.num(row.errors_in_row), "most": formats.num(row.errors_max)},
        ),
    ]
    if row.ends_at:
        facts.append((_("Nothing is sent from"), f"{formats.cal(row.ends_at)} {formats.clock(row.ends_at)}"))
    return tuple(facts)


# ---- one message


@dataclass(frozen=True)
class Said:
    """Words of a message, and in which language."""

    parts: tuple[tuple[str, str], ...]
    language: str


@dataclass(frozen=True)
class MessagePage:
    """A message: to whom, where it stands and why, what it said, what became of it."""

    line: MessageLine
    purpose: str
    source_key: str
    template_url: str
    due_at: dt.datetime
    sending_at: dt.datetime | None
    sent_at: dt.datetime | None
    provider: str
    said: Said | None
    events: tuple[tuple[str, dt.datetime, str], ...]
    can_show_again: bool
    may_resolve: bool
    may_retry: bool


@dataclass(frozen=True)
class ShownAgain:
    """A message written once more, as it would read now; `trouble` says why it cannot be."""

    parts: tuple[tuple[str, str], ...]
    frame_url: str = ""
    trouble: str = ""


def message_page(row: MessageRow, *, may_see_members: bool) -> MessagePage:
    """Will assemble the page of a message; what it said for who may see members. Three queries at most."""
    said = messaging_queries.find_said(row.id) if may_see_members else None
    marketing = row.purpose == Purpose.MARKETING
    names = topic_names()
    return MessagePage(
        line=message_line(row, names, is_named=may_see_members),
        purpose=_("News and offers") if marketing else _("Service message"),
        source_key=row.source_key,
        template_url="",
        due_at=row.due_at,
        sending_at=row.sending_at,
        sent_at=row.sent_at,
        provider=row.provider,
        said=Said(
            parts=tuple(
                (part_words(name), text)
                for name, text in (("title", said.title), ("body", said.body), ("button", said.button))
                if text
            ),
            language=HTML_LANGUAGES.get(said.language, said.language),
        )
        if said
        else None,
        events=tuple(
            (outcomes.event_words(event.kind), event.at, str(event.detail.get("text", "")))
            for event in messaging_queries.events_of(row.id)
        ),
        can_show_again=said is None and row.template_version_id is not None,
        may_resolve=row.state == MessageState.UNKNOWN,
        may_retry=row.state == MessageState.FAILED,
    )


def shown_again(shown: Previewed, frame_url: str) -> ShownAgain:
    """Will show a message that was written once more. No queries."""
    trouble = shown.fault
    if shown.missing:
        trouble = _("It cannot be written: %(field)s is missing for this member now.") % {
            "field": field_words(shown.missing)
        }
    parts = tuple((part_words(name), text) for name, text in shown.parts.items() if name != "html" and text)
    return ShownAgain(parts, frame_url, trouble)


# ---- of a member


@dataclass(frozen=True)
class MessagesCard:
    """The panel of the member's page: his latest messages, and where all of them are."""

    rows: tuple[MessageLine, ...]
    all_url: str


CARD_ROWS = 6


def messages_card(member_id: int, number: str, as_of: dt.datetime | None = None) -> MessagesCard:
    """Will assemble the panel of a member's messages, or of those that had gone out by an instant. Two queries."""
    names = topic_names()
    if as_of is None:
        rows = messaging_queries.messages_of_member(member_id, limit=CARD_ROWS)
    else:
        told = messaging_queries.messages_before(member_id, as_of + dt.timedelta(microseconds=1), CARD_ROWS)
        rows = [one.message for one in told.rows()]
    url = f"{reverse('console:outbox')}?{urlencode({'member': number})}"
    return MessagesCard(tuple(message_line(row, names) for row in rows), url)


# ---- the rules of sending


@dataclass(frozen=True)
class RulesLine:
    """Rules that were in force from an instant on, in words."""

    number: int
    at: dt.datetime | None
    who: str
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class RulesPage:
    """How the house sends now, and how it did."""

    current: RulesLine
    history: tuple[RulesLine, ...]


def rules_page() -> RulesPage:
    """Will assemble the page of the rules of sending. At most three queries."""
    rows = messaging_queries.list_rules() or [messaging_queries.find_rules()]
    names = people.names_of([row.actor for row in rows if row.actor])
    topics = topic_names()
    lines = tuple(_rules(row, names, topics) for row in rows)
    return RulesPage(lines[0], lines)


def _rules(row: RulesView, names: Mapping[str, str], topics: Mapping[str, str]) -> RulesLine:
    rules = row.rules
    quiet = {"starts": f"{rules.quiet.starts:%H:%M}", "ends": f"{rules.quiet.ends:%H:%M}"}
    has_quiet = rules.quiet.starts != rules.quiet.ends
    said = [
        _("Offers wait from %(starts)s to %(ends)s, by each member’s clock.") % quiet if has_quiet else "",
        *(
            outcomes.cap_words(cap.channel or "", cap.topic or "", cap.count, cap.window_days, topics)
            for cap in rules.caps
        ),
        _("A dispatch pauses when %(bounces)s of its messages come back or %(complaints)s are complained of.")
        % {
            "bounces": formats.pct(float(rules.bounces_pause_share)),
            "complaints": formats.pct(float(rules.complaints_pause_share)),
        },
        ngettext(
            "An offer that was held for %(n)s hour is not sent any more.",
            "An offer that was held for %(n)s hours is not sent any more.",
            rules.late_after_hours,
        )
        % {"n": formats.num(rules.late_after_hours)},
    ]
    return RulesLine(row.number, row.at, names.get(row.actor, ""), tuple(filter(None, said)))


# ---- suppressed addresses


@dataclass(frozen=True)
class SuppressionLine:
    """Why an address is written to no more, or was not: since when, by whom, until when."""

    why: str
    reach: str
    at: dt.datetime
    lifted_at: dt.datetime | None
    who: str


@dataclass(frozen=True)
class Looked:
    """What was found of an address that somebody typed."""

    address: str
    channel: str
    lines: tuple[SuppressionLine, ...]
    is_suppressed: bool = field(default=False)


def looked_up(channel: str, address: str, rows: Sequence[SuppressionView]) -> Looked:
    """Will show what is known of an address. At most one query."""
    names = people.names_of([row.actor for row in rows])
    lines = tuple(
        SuppressionLine(
            why=outcomes.cause_words(row.cause),
            reach=_("No offers go there; service messages do.") if row.marketing_only else _("Nothing goes there."),
            at=row.at,
            lifted_at=row.lifted_at,
            who=names[row.actor],
        )
        for row in rows
    )
    return Looked(address, channel, lines, any(row.lifted_at is None for row in rows))


# ---- what stands in the way


@dataclass(frozen=True)
class Obstacle:
    """Something that keeps messages from going out."""

    tone: str
    icon: str
    title: str
    words: str
    url: str


WRITES_ONLY = ("file", "console", "faulty")


def obstacles(person: Person) -> tuple[Obstacle, ...]:
    """Will name what keeps messages from going out, to who may see to it. At most one query."""
    if not person.may(Capability.SEND_MESSAGES):
        return ()
    waiting, url = messaging_queries.waiting_for_somebody(), reverse("console:outbox")
    found = []
    if waiting.unknown:
        title = ngettext(
            "Nobody can tell whether %(n)s message was sent", "Nobody can tell whether %(n)s messages were sent",
            waiting.unknown,
        ) % {"n": formats.num(waiting.unknown)}  # fmt: skip
        words = _("A sender ended between handing over and the answer. They are not sent again by themselves.")
        found.append(Obstacle("bad", "circle-question-mark", title, words, f"{url}#unknown"))
    if waiting.paused:
        title = ngettext("%(n)s dispatch is paused", "%(n)s dispatches are paused", waiting.paused)
        words = _("Nothing of it is sent until somebody resumes or cancels it.")
        found.append(Obstacle("warn", "pause", title % {"n": formats.num(waiting.paused)}, words, f"{url}#dispatches"))
    if lacking := _without_provider(waiting.channels):
        title = _("No provider takes: %(channels)s") % {"channels": formats.listing(lacking)}
        words = _("Such messages are written into a folder or the log and reach nobody. The settings name a provider.")
        found.append(Obstacle("warn", "mail", title, words, reverse("console:messages")))
    return tuple(found)


def _without_provider(used: frozenset[str]) -> list[str]:
    """Will name the channels that templates have words for and that nobody takes out of the house. No query."""
    chosen = {Channel.EMAIL: settings.MESSAGE_EMAIL, Channel.SMS: settings.MESSAGE_SMS}
    return [
        channel_words(channel)
        for channel, provider in chosen.items()
        if channel in used and provider.partition(":")[0] in WRITES_ONLY
    ]
