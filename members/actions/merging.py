"""Two memberships made one, and two again: the identity's side; what moves besides is the flow member_merged's."""

import datetime as dt
import uuid
from typing import Any

from django.db import transaction
from django.db.models import F

from kit import audit, clock
from members import rules
from members.enums import DuplicateKind, MemberStatus
from members.models import Consent, ErasureRequest, Identity, Member, Merge, NotTwice, Tag

FILLED = ("name", "birthday", "gender", "region", "language", "time_zone")
"""What the survivor takes over of the other's profile where his own says nothing."""


class CannotMerge(Exception):
    """The two cannot be made one; `code` says why. Nothing was changed."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(f"These two memberships cannot be merged: {code}. Nothing was changed.")


class CannotUnmerge(Exception):
    """The merge cannot be undone; `code` says why. Nothing was changed."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(f"This merge cannot be undone: {code}. Nothing was changed.")


@transaction.atomic
def merge(
    *, survivor_id: int, merged_id: int, reason: str, form_key: uuid.UUID, at: dt.datetime, actor: str
) -> tuple[Merge, bool]:
    """Will close a membership in favour of another: its identities, tags, consents and what fills a gap go over.

    The second value says whether it is new: the same form again gives the first merge, with other members
    CannotMerge("other_content"). Locks both members in order of their ids; raises CannotMerge.
    """
    people = _locked(survivor_id, merged_id)
    if known := Merge.objects.filter(form_key=form_key).first():
        if (known.survivor_id, known.merged_id) != (survivor_id, merged_id):
            raise CannotMerge("other_content")
        return known, False
    survivor, merged = _checked(people, survivor_id, merged_id)
    moved = {
        "status": merged.status,
        "identities": _move_identities(survivor, merged),
        "tags": _move_tags(survivor, merged),
        "filled": _fill(survivor, merged),
        "consents": _copy_consents(survivor, merged),
    }
    Member.objects.filter(merged_into=merged).update(merged_into=survivor)
    merged.status, merged.merged_into = MemberStatus.MERGED, survivor
    merged.save(update_fields=["status", "merged_into"])
    row = Merge.objects.create(
        survivor=survivor, merged=merged, reason=reason, moved=moved, form_key=form_key, merged_at=at, actor=actor
    )
    _audit("member.merged", row, at, actor, reason)
    return row, True


@transaction.atomic
def unmerge(*, merge_id: int, reason: str, at: dt.datetime, actor: str) -> Merge:
    """Will open a merged membership again, with the identities, tags and answers it had as far as they are still there.

    What the person answered since the merge holds for both. Locks both members in order of their ids; raises
    CannotUnmerge.
    """
    found = Merge.objects.filter(id=merge_id).values_list("survivor_id", "merged_id").first()
    if found is None:
        raise CannotUnmerge("unknown")
    people = _locked(*found)
    row = Merge.objects.select_for_update().get(id=merge_id)
    survivor, merged = people[row.survivor_id], people[row.merged_id]
    _check_undo(row, survivor, merged, at)
    merged.status, merged.merged_into = row.moved["status"], None
    merged.save(update_fields=["status", "merged_into"])
    _part_followers(merged)
    Identity.objects.filter(id__in=row.moved["identities"], member=survivor).update(member=merged)
    _part_tags(row, survivor, merged)
    _part_consents(row, survivor, merged, at, actor)
    _empty(row, survivor)
    row.undone_at, row.undone_by, row.undo_reason = at, actor, reason
    row.save(update_fields=["undone_at", "undone_by", "undo_reason"])
    _audit("member.unmerged", row, at, actor, reason)
    return row


def begin_round(*, merged_id: int, at: dt.datetime, actor: str) -> tuple[int, int, str] | None:
    """Will lock a merged member's open merge and return (survivor, merge, key of the next carrying over), or None.

    The survivor is who goes on now, through later merges too.
    """
    row = Merge.objects.select_for_update().filter(merged_id=merged_id, undone_at=None).first()
    if row is None:
        return None
    row.rounds = F("rounds") + 1
    row.save(update_fields=["rounds"])
    row.refresh_from_db(fields=["rounds"])
    return row.survivor_id, row.id, f"{rules.MERGE_KEY}:{row.id}:{row.rounds}"


def note_benefits(*, merge_id: int, coupons: list[int], entitlements: list[int], at: dt.datetime, actor: str) -> None:
    """Will keep which coupons and entitlements went over with a merge, besides those noted before."""
    row = Merge.objects.select_for_update().get(id=merge_id)
    row.moved["coupons"] = [*row.moved.get("coupons", []), *coupons]
    row.moved["entitlements"] = [*row.moved.get("entitlements", []), *entitlements]
    row.save(update_fields=["moved"])


def tell_apart(*, first_id: int, second_id: int, kind: DuplicateKind, at: dt.datetime, actor: str) -> None:
    """Will keep that two memberships are two persons', so that nobody is asked again; a repeat changes nothing."""
    one, two = sorted((first_id, second_id))
    _row, is_new = NotTwice.objects.get_or_create(
        first_id=one, second_id=two, defaults={"kind": kind, "at": at, "actor": actor}
    )
    if is_new:
        audit.record(
            at=at, actor=actor, deed="member.told_apart", subject=f"member:{one}", becomes={"other": two, "by": kind}
        )


# ---- leaves


def _locked(*member_ids: int) -> dict[int, Member]:
    rows = Member.objects.select_for_update(no_key=True).filter(id__in=member_ids).order_by("id")
    return {member.id: member for member in rows}


def _checked(people: dict[int, Member], survivor_id: int, merged_id: int) -> tuple[Member, Member]:
    if survivor_id == merged_id:
        raise CannotMerge("same")
    if len(people) < 2:
        raise CannotMerge("unknown")
    survivor, merged = people[survivor_id], people[merged_id]
    for member in (survivor, merged):
        if member.status == MemberStatus.MERGED:
            raise CannotMerge("merged")
        if member.status == MemberStatus.ERASED:
            raise CannotMerge("erased")
    if MemberStatus.PENDING in (survivor.status, merged.status):
        raise CannotMerge("not_verified")
    if MemberStatus.BLOCKED in (survivor.status, merged.status):
        raise CannotMerge("blocked")
    if merged.joined_at and not survivor.joined_at:
        raise CannotMerge("not_joined")
    if ErasureRequest.objects.filter(member_id__in=people, cancelled_at=None, done_at=None).exists():
        raise CannotMerge("asked_to_be_erased")
    return survivor, merged


def _move_identities(survivor: Member, merged: Member) -> list[int]:
    ids = list(Identity.objects.filter(member=merged).order_by("id").values_list("id", flat=True))
    Identity.objects.filter(id__in=ids).update(member=survivor)
    return ids


def _move_tags(survivor: Member, merged: Member) -> dict[str, list[str]]:
    theirs = sorted(Tag.objects.filter(member=merged).values_list("name", flat=True))
    own = set(Tag.objects.filter(member=survivor).values_list("name", flat=True))
    added = [name for name in theirs if name not in own]
    Tag.objects.bulk_create(Tag(member=survivor, name=name) for name in added)
    Tag.objects.filter(member=merged).delete()
    return {"of": theirs, "added": added}


def _fill(survivor: Member, merged: Member) -> dict[str, list[str]]:
    fields = [name for name in FILLED if getattr(merged, name) and not getattr(survivor, name)]
    for name in fields:
        setattr(survivor, name, getattr(merged, name))
    keys = sorted(merged.attributes.keys() - survivor.attributes.keys())
    survivor.attributes = {**{key: merged.attributes[key] for key in keys}, **survivor.attributes}
    survivor.save(update_fields=[*fields, "attributes"])
    return {"fields": fields, "attributes": keys}


def _in_force(member: Member) -> dict[tuple[str, str], Consent]:
    rows = Consent.objects.filter(member=member).order_by("channel", "purpose", "-at", "-id")
    return {(row.channel, row.purpose): row for row in rows.distinct("channel", "purpose")}


def _copy_consents(survivor: Member, merged: Member) -> list[list[str]]:
    """The latest answer wins; it is repeated with its own time and text, so that the order of time decides."""
    own = _in_force(survivor)
    later = {asked: row for asked, row in _in_force(merged).items() if asked not in own or own[asked].at < row.at}
    Consent.objects.bulk_create(_repeated(row, survivor, row.at, row.actor) for row in later.values())
    return [list(asked) for asked in sorted(later)]


def _repeated(row: Consent, member: Member, at: dt.datetime, actor: str) -> Consent:
    return Consent(
        member=member, channel=row.channel, purpose=row.purpose, given=row.given, text=row.text, at=at, actor=actor
    )


def _check_undo(row: Merge, survivor: Member, merged: Member, at: dt.datetime) -> None:
    if row.undone_at is not None:
        raise CannotUnmerge("undone")
    if not rules.may_undo_merge(clock.business_date(row.merged_at), clock.business_date(at)):
        raise CannotUnmerge("too_late")
    if MemberStatus.ERASED in (survivor.status, merged.status):
        raise CannotUnmerge("erased")
    if survivor.status == MemberStatus.MERGED:
        raise CannotUnmerge("merged_on")


def _part_followers(merged: Member) -> None:
    """Whoever had been merged into the one who is parted goes with him, and so do those merged into them."""
    followers, found = {merged.id}, {merged.id}
    while found:
        of_found = Merge.objects.filter(survivor_id__in=found, undone_at=None)
        found = set(of_found.values_list("merged_id", flat=True)) - followers
        followers |= found
    Member.objects.filter(id__in=followers - {merged.id}).update(merged_into=merged)


def _part_tags(row: Merge, survivor: Member, merged: Member) -> None:
    Tag.objects.filter(member=survivor, name__in=row.moved["tags"]["added"]).delete()
    Tag.objects.bulk_create([Tag(member=merged, name=name) for name in row.moved["tags"]["of"]], ignore_conflicts=True)


def _part_consents(row: Merge, survivor: Member, merged: Member, at: dt.datetime, actor: str) -> None:
    """What was asked since holds for both; where nothing was, the survivor has the answer that he had before."""
    since = Consent.objects.filter(member=survivor, at__gt=row.merged_at).order_by("at", "id")
    asked_since = {(one.channel, one.purpose) for one in since}
    Consent.objects.bulk_create([_repeated(one, merged, one.at, one.actor) for one in since])
    before: dict[tuple[str, str], Consent] = {}
    theirs = {(one.channel, one.purpose, one.at) for one in Consent.objects.filter(member=merged)}
    for one in Consent.objects.filter(member=survivor, at__lte=row.merged_at).order_by("at", "id"):
        if (one.channel, one.purpose, one.at) not in theirs:
            before[one.channel, one.purpose] = one
    back: list[Consent] = []
    for channel, purpose in row.moved["consents"]:
        if (channel, purpose) in asked_since:
            continue
        known = before.get((channel, purpose))
        nothing = Consent(channel=channel, purpose=purpose, given=False, text=known.text if known else "")
        back.append(_repeated(known or nothing, survivor, at, actor))
    Consent.objects.bulk_create(back)


def _empty(row: Merge, survivor: Member) -> None:
    """What filled a gap goes out again, unless it was changed since."""
    theirs = Member.objects.get(id=row.merged_id)
    blank: dict[str, Any] = {"birthday": None}
    fields = [name for name in row.moved["filled"]["fields"] if getattr(survivor, name) == getattr(theirs, name)]
    for name in fields:
        setattr(survivor, name, blank.get(name, ""))
    for key in row.moved["filled"]["attributes"]:
        if survivor.attributes.get(key) == theirs.attributes.get(key):
            survivor.attributes.pop(key, None)
    survivor.save(update_fields=[*fields, "attributes"])


def _audit(deed: str, row: Merge, at: dt.datetime, actor: str, reason: str) -> None:
    """Both members' logs say it."""
    facts = {"survivor": row.survivor_id, "merged": row.merged_id, "merge": row.id}
    for member_id in (row.survivor_id, row.merged_id):
        audit.record(at=at, actor=actor, deed=deed, subject=f"member:{member_id}", becomes=facts, reason=reason)
