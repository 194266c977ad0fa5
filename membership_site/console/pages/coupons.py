"""Coupons at the console: the list, one with its versions and batches, its editor, a batch, and one by its code."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from benefits import queries as benefits_queries
from benefits import wording as benefits_wording
from benefits.enums import BatchState, CheckoutState, CouponState
from benefits.queries import BatchView, Candidate, CouponUse, CouponView, DefinitionView, TermsView
from benefits.rules import codes
from benefits.rules.coupons import Terms, most_off
from campaigns import queries as campaigns_queries
from kit import clock
from kit.models import SavedView
from members import queries as members_queries
from members.enums import MemberStatus
from membership_site import formats
from membership_site.console.pages import members as members_pages
from membership_site.console.pages.members import member_url
from membership_site.console.pages.people import names_of
from membership_site.console.pages.words import State
from tiers import queries as tiers_queries
from tiers import wording as tiers_wording

NAMED_MAX = 10
"""So many numbers are named in a refusal; more are counted."""

TONES = {
    CouponState.READY: "good",
    CouponState.COMING: "info",
    CouponState.HELD: "warn",
    CouponState.USED: "",
    CouponState.LAPSED: "",
    CouponState.VOID: "bad",
}
BATCH_TONES = {
    BatchState.DONE: "good",
    BatchState.FAILED: "bad",
    BatchState.RUNNING: "info",
    BatchState.WAITING: "warn",
}


@dataclass(frozen=True)
class Row:
    """A coupon in the list, with what became of it."""

    url: str
    code: str
    name: str
    value: str
    state: State
    issued: int
    used: int
    lapsed: int
    spent: Decimal


@dataclass(frozen=True)
class Version:
    """One version of a coupon's terms in sentences."""

    number: int
    sentences: tuple[str, ...]
    at: dt.datetime
    who: str


@dataclass(frozen=True)
class BatchRow:
    """A batch in the list of a coupon's."""

    url: str
    label: str
    made: str
    state: State
    version: int
    at: dt.datetime
    who: str


@dataclass(frozen=True)
class DefinitionPage:
    """One coupon; `in_force` is missing before it is first published, `draft` where none is open."""

    code: str
    name: str
    state: State
    is_archived: bool
    issued: int
    used: int
    lapsed: int
    spent: Decimal
    uses_left: int | None
    budget_left: Decimal | None
    in_force: Version | None
    draft: Version | None
    seen: str
    past: tuple[Version, ...]
    batches: tuple[BatchRow, ...]

    @property
    def may_be_issued(self) -> bool:
        """Whether coupons of it are issued now."""
        return self.in_force is not None and not self.is_archived


@dataclass(frozen=True)
class BatchPage:
    """One batch and how far it is."""

    id: int
    code: str
    name: str
    label: str
    state: State
    share: str
    progress: str
    error: str
    is_open: bool
    is_failed: bool
    has_codes: bool
    who: str
    at: dt.datetime
    finished_at: dt.datetime | None
    version: int


@dataclass(frozen=True)
class Use:
    """A checkout that a coupon was in."""

    at: dt.datetime
    words: str
    amount: Decimal
    member: str
    member_url: str
    order: str


@dataclass(frozen=True)
class CouponPage:
    """One coupon by its code."""

    id: int
    code: str
    shown: str
    name: str
    definition: str
    url: str
    state: State
    use_by: str
    uses: str
    sentences: tuple[str, ...]
    version: int
    member: str
    member_url: str
    batch_url: str
    issued_at: dt.datetime
    voided_at: dt.datetime | None
    void_reason: str
    used_by: tuple[Use, ...]
    is_shared: bool


@dataclass(frozen=True)
class MemberCoupon:
    """A coupon of a member on his page."""

    url: str
    name: str
    value: str
    state: State
    use_by: str


@dataclass(frozen=True)
class MemberCoupons:
    """The coupons on a member's page: open ones and the latest that are over; `more` is how many are not shown."""

    rows: tuple[MemberCoupon, ...]
    more: int


# ---- pages


def coupons_page(at: dt.datetime) -> tuple[Row, ...]:
    """Will assemble the list of all coupons. Three queries."""
    return tuple(_row(one) for one in benefits_queries.list_definitions(at))


def definition_page(found: DefinitionView, at: dt.datetime) -> DefinitionPage:
    """Will assemble one coupon's page. At most four queries."""
    batches = benefits_queries.list_batches(found.code)
    tiers = tier_names(clock.business_date(at))
    who = names_of([*(one.actor for one in found.versions), *(one.actor for one in batches)])
    published = [one for one in found.versions if one.published_at is not None]
    tally = found.tally
    return DefinitionPage(
        code=found.code,
        name=name_of(found),
        state=_definition_state(found),
        is_archived=found.is_archived,
        issued=tally.issued,
        used=tally.used,
        lapsed=tally.lapsed,
        spent=tally.spent,
        uses_left=None if tally.uses_max is None else tally.uses_max - tally.used - tally.held,
        budget_left=None if tally.budget is None else tally.budget - tally.spent,
        in_force=_version(found.in_force, tiers, who) if found.in_force else None,
        draft=_version(found.draft, tiers, who) if found.draft else None,
        seen=found.draft.digest if found.draft else "",
        past=tuple(_version(one, tiers, who) for one in published[1:]),
        batches=tuple(_batch_row(one, who) for one in batches),
    )


def sentences(terms: Terms, today: dt.date) -> tuple[str, ...]:
    """Will say all that terms say, with tiers by name. Two queries."""
    return tuple(benefits_wording.terms_words(terms, formats, tier_names(today)))


def batch_page(batch: BatchView, at: dt.datetime) -> BatchPage:
    """Will assemble the page of a batch. At most four queries."""
    found = benefits_queries.find_definition(batch.definition, at)
    words = {"made": formats.num(batch.made), "size": formats.num(batch.size)}
    return BatchPage(
        id=batch.id,
        code=batch.definition,
        name=name_of(found) if found else batch.definition,
        label=batch.label,
        state=_batch_state(batch),
        share=f"{batch.made / batch.size:.4f}",
        progress=_("%(made)s of %(size)s made") % words,
        error=batch.error,
        is_open=batch.is_open,
        is_failed=batch.state is BatchState.FAILED,
        has_codes=batch.made > 0,
        who=names_of([batch.actor])[batch.actor],
        at=batch.requested_at,
        finished_at=batch.finished_at,
        version=batch.version,
    )


def coupon_page(found: CouponView, at: dt.datetime, *, may_see_members: bool) -> CouponPage:
    """Will assemble one coupon's page; who may not see members reads their numbers. At most five queries."""
    one, uses = found.candidate, benefits_queries.uses_of_coupon(found.candidate.coupon_id)
    members = members_queries.names_of([*{use.member_id for use in uses}, *filter(None, [found.member_id])])
    if not may_see_members:
        members = {member_id: (number, "") for member_id, (number, _name) in members.items()}
    number, member = members[found.member_id] if found.member_id else ("", "")
    return CouponPage(
        id=one.coupon_id,
        code=one.code,
        shown=codes.shown(one.code),
        name=benefits_wording.named(one.names, one.definition),
        definition=one.definition,
        url=coupon_url(one.definition),
        state=coupon_state(one, at),
        use_by=use_by(one, at),
        uses=_uses(one),
        sentences=sentences(one.terms, clock.business_date(at)),
        version=found.version,
        member=member or number,
        member_url=member_url(number) if number and may_see_members else "",
        batch_url=reverse("console:coupon_batch", args=[found.batch_id]) if found.batch_id else "",
        issued_at=one.issued_at,
        voided_at=found.voided_at,
        void_reason=one.void_reason,
        used_by=tuple(_use(use, members, may_see_members=may_see_members) for use in uses),
        is_shared=found.member_id is None,
    )


def member_coupons(member_id: int, at: dt.datetime, most: int = 12, *, is_past: bool = False) -> MemberCoupons:
    """Will assemble the coupons on a member's page, as they stand or stood. One or two queries."""
    wallet = (benefits_queries.wallet_as_of if is_past else benefits_queries.wallet_of)(member_id, at)
    over = sorted((*wallet.used, *wallet.lapsed, *wallet.void), key=lambda one: one.issued_at, reverse=True)
    ones = [*wallet.held, *wallet.ready, *wallet.coming, *over]
    return MemberCoupons(tuple(_member_coupon(one, at) for one in ones[:most]), max(len(ones) - most, 0))


# ---- words and choices that views ask for


def coupon_url(code: str) -> str:
    """Will return the address of a coupon's page."""
    return reverse("console:coupon", args=[code])


def name_of(found: DefinitionView) -> str:
    """Will return a coupon's name in the reader's language."""
    return benefits_wording.named(found.shown.names, found.code)


def coupon_state(one: Candidate, at: dt.datetime) -> State:
    """Will say where a coupon stands."""
    state = one.state_at(at)
    return State(benefits_wording.coupon_state_words(state), TONES[state])


def use_by(one: Candidate, at: dt.datetime) -> str:
    """Will say until when a coupon can be used."""
    first = clock.business_date(one.standing.starts_at)
    last = clock.business_date(one.standing.ends_at - dt.timedelta(microseconds=1)) if one.standing.ends_at else None
    return benefits_wording.use_by_words(first, last, clock.business_date(at), formats)


def tier_names(today: dt.date) -> dict[str, str]:
    """Will return {code: name} of the tiers in force. Two queries."""
    try:
        return {tier.code: tiers_wording.tier_name(tier) for tier in tiers_queries.tiers_of_ladder(today)}
    except tiers_queries.NoLadder:
        return {}


def coupon_choices() -> list[tuple[str, str]]:
    """Will return (code, name) of the coupons that can be given. One query."""
    return [
        (code, f"{benefits_wording.named(names, code)} ({code})") for code, names in benefits_queries.coupons_to_give()
    ]


def view_choices(actor: str, account_id: int) -> list[tuple[str, object]]:
    """Will return (query, name) of views of the list of members, and of segments, by kind. Two queries.

    Views are those that everybody has and one's own, segments one's own and shared ones.
    """
    own = SavedView.objects.filter(owner=actor, page=members_pages.PAGE).order_by("name")
    built_in = [(query or "sort=", str(label)) for label, query in members_pages.BUILT_IN]
    segments = [(f"segment={row.id}", row.name) for row in campaigns_queries.segments_for(account_id)]
    views = [*built_in, *((view.query, view.name) for view in own)]
    return [(_("Views of the list of members"), views), *([(_("Segments and lists"), segments)] if segments else [])]


def effect_of_giving(code: str, member_ids: Sequence[int], at: dt.datetime) -> tuple[str, ...]:
    """Will say what it comes to that members get a coupon each: how many, who has one, the most it can take off.

    Four queries.
    """
    found = benefits_queries.find_definition(code, at)
    if found is None or found.in_force is None:
        return ()
    count = len(member_ids)
    words = {"n": formats.num(count), "coupon": name_of(found)}
    effect = [
        ngettext(
            "%(n)s member gets “%(coupon)s”. It cannot be taken back from all at once.",
            "%(n)s members get “%(coupon)s” each. It cannot be taken back from all at once.",
            count,
        )
        % words
    ]
    if ready := benefits_queries.count_ready(code, member_ids, at):
        text = ngettext(
            "%(n)s of them has one that is ready already, and gets another.",
            "%(n)s of them have one that is ready already, and get another.",
            ready,
        )
        effect.append(text % {"n": formats.num(ready)})
    if (each := most_off(found.in_force.terms)) is not None:
        tally = found.tally
        most = each * count if tally.budget is None else min(each * count, tally.budget - tally.spent)
        effect.append(_("Together they take off %(amount)s at most.") % {"amount": formats.money(most)})
    return tuple(effect)


def members_listed(texts: Sequence[str]) -> tuple[list[int], list[str]]:
    """Will return the ids of members who can be given something, and the numbers of nobody who can. One query."""
    found = members_queries.ids_of_numbers(texts)
    can = {
        number: member_id
        for number, (member_id, status, has_joined) in found.items()
        if has_joined and can_be_given(status)
    }
    return [can[text] for text in texts if text in can], [text for text in texts if text not in can]


def can_be_given(status: str) -> bool:
    """Will say whether a member of this status can be given something."""
    return status not in (MemberStatus.BLOCKED, MemberStatus.ERASED, MemberStatus.MERGED)


def not_listed_words(unknown: Sequence[str]) -> str:
    """Will name the numbers that nobody has who can be given something."""
    words = {"numbers": formats.listing(list(unknown[:NAMED_MAX])), "n": formats.num(len(unknown))}
    if len(unknown) > NAMED_MAX:
        return (
            _("%(n)s numbers are of nobody who can be given a coupon, among them %(numbers)s. Nothing was made.")
            % words
        )
    text = ngettext(
        "This number is of nobody who can be given a coupon: %(numbers)s. Nothing was made.",
        "These numbers are of nobody who can be given a coupon: %(numbers)s. Nothing was made.",
        len(unknown),
    )
    return text % words


def new_key() -> str:
    """Will make the key by which a form that is sent twice is one."""
    return str(uuid.uuid4())


# ---- leaves


def _row(found: DefinitionView) -> Row:
    tally = found.tally
    return Row(
        url=coupon_url(found.code),
        code=found.code,
        name=name_of(found),
        value=benefits_wording.value_words(found.shown.terms, formats),
        state=_definition_state(found),
        issued=tally.issued,
        used=tally.used,
        lapsed=tally.lapsed,
        spent=tally.spent,
    )


def _definition_state(found: DefinitionView) -> State:
    if found.is_archived:
        return State(_("Archived"), "")
    if found.in_force is None:
        return State(_("Draft"), "warn")
    return State(_("In force, a draft is open"), "info") if found.draft else State(_("In force"), "good")


def _version(one: TermsView, tiers: Mapping[str, str], who: Mapping[str, str]) -> Version:
    said = tuple(benefits_wording.terms_words(one.terms, formats, tiers))
    return Version(one.number, said, one.published_at or one.created_at, who[one.actor])


def _batch_state(batch: BatchView) -> State:
    return State(benefits_wording.batch_words(batch.state), BATCH_TONES[batch.state])


def _batch_row(batch: BatchView, who: Mapping[str, str]) -> BatchRow:
    made = formats.num(batch.made)
    return BatchRow(
        url=reverse("console:coupon_batch", args=[batch.id]),
        label=batch.label,
        made=made
        if batch.made == batch.size
        else _("%(made)s of %(size)s") % {"made": made, "size": formats.num(batch.size)},
        state=_batch_state(batch),
        version=batch.version,
        at=batch.requested_at,
        who=who[batch.actor],
    )


def _uses(one: Candidate) -> str:
    if one.standing.uses_max is None:
        return formats.num(one.standing.used)
    words: dict[str, Any] = {"used": formats.num(one.standing.used), "most": formats.num(one.standing.uses_max)}
    return _("%(used)s of %(most)s") % words


def _use(use: CouponUse, members: Mapping[int, tuple[str, str]], *, may_see_members: bool) -> Use:
    number, name = members[use.member_id]
    state = {
        CheckoutState.HELD: _("Held by a checkout"),
        CheckoutState.CONFIRMED: _("Used"),
        CheckoutState.RELEASED: _("Given back"),
        CheckoutState.LAPSED: _("Given back, as its time was over"),
    }[use.state]
    return Use(
        at=use.closed_at or use.held_at,
        words=_("Used, and back with a return") if use.is_returned else state,
        amount=use.amount,
        member=name or number,
        member_url=member_url(number) if may_see_members else "",
        order=use.order_key,
    )


def _member_coupon(one: Candidate, at: dt.datetime) -> MemberCoupon:
    return MemberCoupon(
        url=f"{reverse('console:coupon_code')}?code={one.code}",
        name=benefits_wording.named(one.names, one.definition),
        value=benefits_wording.value_words(one.terms, formats),
        state=coupon_state(one, at),
        use_by=use_by(one, at),
    )
