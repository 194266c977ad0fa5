"""What is kept about a member besides his profile: notes, tags, stage, merges, and what can be done with his data."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from insights import queries as insights_queries
from insights import wording as insights_wording
from kit import clock
from members.queries import MemberKey, merging, privacy
from members.queries.privacy import NoteView
from membership_site import formats
from membership_site.console.access import Capability, Person
from membership_site.console.forms.keeping import NoteForm, TagForm, new_key
from membership_site.console.pages import people
from membership_site.console.pages.members import member_url
from membership_site.flows.member_erased import Erased
from membership_site.flows.member_merged import Merged, Unmerged


@dataclass(frozen=True)
class StageCard:
    """The stage of a member in words, and how it changed."""

    name: str
    since: dt.date
    words: str
    changes: tuple[tuple[dt.date, str], ...]


@dataclass(frozen=True)
class MergeRow:
    """A membership that was merged into this one; `undo_url` is empty where it cannot be undone (any more)."""

    number: str
    at: dt.datetime
    who: str
    reason: str
    is_undone: bool
    undo_url: str


@dataclass(frozen=True)
class KeptCard:
    """What the page of a member shows of notes and merges, and what this person may do."""

    notes: tuple[NoteView, ...]
    note_form: NoteForm | None
    merges: tuple[MergeRow, ...]
    merge_url: str
    export_url: str
    erase_url: str
    looked_url: str


@dataclass(frozen=True)
class TagsCard:
    """A member's tags and stage, and the form where this person may change the tags."""

    tags: tuple[str, ...]
    form: TagForm | None
    stage: StageCard | None


@dataclass(frozen=True)
class DeedPage:
    """The page of one deed: what it does, sentence by sentence, and why it cannot be done at all."""

    number: str
    title: str
    lead: str
    button: str
    back: str
    effect: tuple[str, ...]
    problem: str = ""
    is_danger: bool = False


@dataclass(frozen=True)
class LookedRow:
    """That somebody looked: when, who, at what, and why."""

    at: dt.datetime
    who: str
    what: str
    reason: str


def kept_card(key: MemberKey, person: Person, at: dt.datetime) -> KeptCard:
    """Will assemble what is kept about a member. At most three queries."""
    today, back = clock.business_date(at), key.number
    rows = merging.list_merges(key.id)
    names = people.names_of(row.actor for row in rows)
    may_merge = person.may(Capability.MERGE_MEMBERS)
    return KeptCard(
        notes=tuple(privacy.list_notes(key.id, person.id, at)),
        note_form=NoteForm(initial={"form_key": new_key()}, auto_id="note_%s")
        if person.may(Capability.WRITE_NOTES)
        else None,
        merges=tuple(
            MergeRow(
                number=row.merged,
                at=row.merged_at,
                who=names[row.actor],
                reason=row.reason,
                is_undone=row.undone_at is not None,
                undo_url=reverse("console:unmerge", args=[key.number, row.id])
                if may_merge and row.undone_at is None and today <= row.undo_until
                else "",
            )
            for row in rows
        ),
        merge_url=reverse("console:merge", args=[back]) if may_merge else "",
        export_url=reverse("console:export_member", args=[back]) if person.may(Capability.EXPORT_MEMBER) else "",
        erase_url=reverse("console:erase_member", args=[back]) if person.may(Capability.ERASE_MEMBERS) else "",
        looked_url=reverse("console:looked", args=[back]),
    )


def tags_card(member_id: int, tags: Sequence[str], person: Person) -> TagsCard:
    """Will assemble tags and stage of a member. At most two queries."""
    form = TagForm(auto_id="tag_%s") if person.may(Capability.EDIT_TAGS) else None
    return TagsCard(tuple(tags), form, _stage(member_id))


def _stage(member_id: int) -> StageCard | None:
    view = insights_queries.stages_of([member_id]).get(member_id)
    if view is None:
        return None
    changes = insights_queries.list_changes(member_id)
    words = {"date": formats.cal(view.active_on)}
    return StageCard(
        name=insights_wording.stage_name(view.stage),
        since=view.since,
        words=_("Last order or deed: %(date)s.") % words,
        changes=tuple((one.on, insights_wording.stage_name(one.becomes)) for one in changes),
    )


def looked_rows(member_id: int) -> tuple[LookedRow, ...]:
    """Will return who looked at a member's data. Two queries."""
    rows = privacy.who_looked(member_id)
    names = people.names_of(row.actor for row in rows)
    return tuple(LookedRow(row.at, names[row.actor], looked_words(row.deed), row.reason) for row in rows)


def looked_words(deed: str) -> str:
    """Will say at what somebody looked."""
    return {
        "member.revealed": _("E-mail address, phone number and details"),
        "member.export_asked": _("Asked for a copy of all data"),
        "member.export_fetched": _("Fetched a copy of all data"),
        "member.merge_previewed": _("Looked at merging two memberships"),
        "message.previewed": _("Looked at a message as this member"),
        "message.tried": _("Looked at a message as this member"),
    }.get(deed, deed)


# ---- effects in sentences


def merge_words(done: Merged) -> tuple[str, ...]:
    """Will say what a merge does."""
    said = [
        _("%(merged)s is closed and leads to %(survivor)s from now on.")
        % {"merged": done.merged, "survivor": done.survivor},
        ngettext(
            "%(n)s e-mail address, phone number or account goes over.",
            "%(n)s e-mail addresses, phone numbers and accounts go over.",
            done.profile.identities,
        )
        % {"n": formats.num(done.profile.identities)},
    ]
    if done.carried.points:
        said.append(_points(done.carried.points, _("go over, each with its date.")))
    if done.carried.owed:
        said.append(_points(done.carried.owed, _("that are owed go over.")))
    if done.carried.growth or done.spent.orders:
        words = {
            "spend": formats.money(done.spent.spend),
            "orders": formats.num(done.spent.orders),
            "growth": formats.num(done.carried.growth),
        }
        said.append(_("Spend %(spend)s, orders %(orders)s, growth value %(growth)s count together.") % words)
    if done.benefits.coupons or done.benefits.entitlements:
        both = {"c": formats.num(len(done.benefits.coupons)), "b": formats.num(len(done.benefits.entitlements))}
        said.append(_("Coupons that go over: %(c)s; benefits: %(b)s.") % both)
    if done.benefits.left:
        left = {"n": formats.num(done.benefits.left)}
        said.append(_("Coupons and benefits that stay behind, as the other has the same: %(n)s.") % left)
    if done.after and done.before:
        now = {"was": formats.num(done.before.available), "becomes": formats.num(done.after.available)}
        said.append(_("Points to spend: %(was)s become %(becomes)s.") % now)
    if done.tier_after != done.tier_before:
        said.append(_("The tier rises, for both count now: it is looked at again at once."))
    said.append(_("It can be undone for 30 days, as far as nothing was used meanwhile."))
    return tuple(said)


def unmerge_words(undone: Unmerged) -> tuple[str, ...]:
    """Will say what undoing a merge gives back, and what it cannot."""
    said = [_("%(merged)s is opened again, with what it is known by.") % {"merged": undone.merged}]
    if undone.points.points:
        said.append(_points(undone.points.points, _("go back, each with its date.")))
    if undone.points.owed:
        said.append(_points(undone.points.owed, _("of debt go back.")))
    if undone.points.points_kept:
        said.append(_points(undone.points.points_kept, _("cannot go back: they were used, or have expired.")))
    if undone.points.owed_kept:
        said.append(_points(undone.points.owed_kept, _("of debt stay: they were paid meanwhile.")))
    words = {"spend": formats.money(undone.spent.spend), "growth": formats.num(undone.points.growth)}
    said.append(_("Spend %(spend)s and growth value %(growth)s count for it again.") % words)
    if undone.benefits.left:
        left = {"n": formats.num(undone.benefits.left)}
        said.append(_("Coupons and benefits that stay, as they were used or are there already: %(n)s.") % left)
    said.append(_("What was agreed to or refused since holds for both."))
    return tuple(said)


def erase_words(ended: Erased) -> tuple[str, ...]:
    """Will say what an erasure ends."""
    return (
        _("Name, contacts, birthday, notes, addresses and messages go, for good."),
        _points(ended.points, _("end.")),
        ngettext("%(n)s coupon ends.", "%(n)s coupons end.", ended.coupons) % {"n": formats.num(ended.coupons)},
        _("The ledger and the orders stay, without a name."),
    )


def _points(count: int, words: str) -> str:
    many = ngettext("%(n)s point", "%(n)s points", count) % {"n": formats.num(count)}
    return _("%(points)s %(words)s") % {"points": many, "words": words}


REFUSED = {
    "same": gettext_lazy("This is the same membership. Enter the number of the other one."),
    "unknown": gettext_lazy("No member has this number. Check the digits; the last one is a check digit."),
    "merged": gettext_lazy("One of the two was merged before. Use the number that goes on."),
    "erased": gettext_lazy("One of the two was erased. Nothing was changed."),
    "blocked": gettext_lazy("One of the two is blocked. Decide on that first; nothing was changed."),
    "not_verified": gettext_lazy(
        "The address of one of the two is not verified, so that it may be anybody’s. Nothing was changed."
    ),
    "not_joined": gettext_lazy("This membership has not joined, the other has. Merge the other way round."),
    "asked_to_be_erased": gettext_lazy("One of the two asked to be erased. Nothing was changed."),
    "at_checkout": gettext_lazy("The other is at a checkout just now. Try again in a quarter of an hour."),
    "other_content": gettext_lazy("This form was sent before with other content. Open it anew; nothing was changed."),
    "undone": gettext_lazy("This merge was undone before. Nothing was changed."),
    "too_late": gettext_lazy("A merge can be undone for 30 days; they are over. Nothing was changed."),
    "merged_on": gettext_lazy("The survivor was merged himself since. Undo that first; nothing was changed."),
}


def refusal(code: str) -> str:
    """Will say why two members cannot be merged, or a merge not be undone."""
    return str(REFUSED[code])


def back_to(key: MemberKey) -> str:
    """Will return the address of the member's page."""
    return member_url(key.number)
