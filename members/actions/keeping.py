"""What the staff keep about a member by hand, and what he says of himself: notes, tags, profile."""

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction

from kit import audit, clock
from members import rules
from members.actions.joining import BirthdayChangedLately
from members.models import Account, Member, Note, Tag

PROFILE = ("name", "birthday", "gender", "region", "language", "time_zone")
"""What a member says of himself."""


class NotYourNote(Exception):
    """Only who wrote a note edits it; nothing was changed."""


class NoteKept(Exception):
    """The note is too old to be edited; nothing was changed."""


@transaction.atomic
def write_note(*, member_id: int, text: str, form_key: uuid.UUID, at: dt.datetime, actor: str) -> Note:
    """Will keep a note of one of the staff; the same form again gives the first. Its words stay out of the audit."""
    note, is_new = Note.objects.get_or_create(
        form_key=form_key,
        defaults={"member_id": member_id, "author_id": _staff_of(actor), "text": text, "written_at": at},
    )
    if is_new:
        audit.record(at=at, actor=actor, deed="member.noted", subject=f"member:{member_id}", becomes={"note": note.id})
    return note


@transaction.atomic
def edit_note(*, note_id: int, text: str, at: dt.datetime, actor: str) -> Note:
    """Will change the words of one's own note within a day; raises NotYourNote and NoteKept."""
    note = Note.objects.select_for_update().filter(id=note_id).first()
    if note is None or note.author_id != _staff_of(actor):
        raise NotYourNote("Only who wrote a note edits it. Nothing was changed; write another one.")
    if not rules.may_edit_note(note.written_at, at):
        raise NoteKept("A note is edited within a day. Nothing was changed; write another one.")
    if note.text != text:
        note.text, note.edited_at = text, at
        note.save(update_fields=["text", "edited_at"])
        audit.record(
            at=at, actor=actor, deed="member.note_edited", subject=f"member:{note.member_id}", becomes={"note": note.id}
        )
    return note


def put_tags(*, member_ids: Iterable[int], name: str, at: dt.datetime, actor: str) -> list[int]:
    """Will put a tag on members who lack it, and return them; each one's log says so. Four queries."""
    wanted = sorted(set(member_ids))
    with transaction.atomic():
        people = list(Member.objects.filter(id__in=wanted).values_list("id", flat=True))
        having = set(Tag.objects.filter(member_id__in=people, name=name).values_list("member_id", flat=True))
        added = [member_id for member_id in sorted(people) if member_id not in having]
        Tag.objects.bulk_create([Tag(member_id=member_id, name=name) for member_id in added], ignore_conflicts=True)
        _record_tags("member.tagged", added, name, at, actor)
    return added


def take_tags(*, member_ids: Iterable[int], name: str, at: dt.datetime, actor: str) -> list[int]:
    """Will take a tag off members who have it, and return them; each one's log says so. Three queries."""
    with transaction.atomic():
        tags = Tag.objects.select_for_update().filter(member_id__in=sorted(set(member_ids)), name=name)
        having = sorted(tags.values_list("member_id", flat=True))
        Tag.objects.filter(member_id__in=having, name=name).delete()
        _record_tags("member.untagged", having, name, at, actor)
    return having


@transaction.atomic
def edit_profile(*, member_id: int, stated: Mapping[str, Any], at: dt.datetime, actor: str) -> tuple[str, ...]:
    """Will take over what a member says of himself and return the fields that changed; an empty one is forgotten.

    The log says which fields, not what they hold. Raises BirthdayChangedLately where another birthday was stated
    within a year.
    """
    member = Member.objects.select_for_update(no_key=True).get(id=member_id)
    changed = tuple(name for name in PROFILE if name in stated and stated[name] != getattr(member, name))
    if "birthday" in changed and member.birthday is not None:
        changed_on = clock.business_date(member.birthday_changed_at) if member.birthday_changed_at else None
        if not rules.may_change_birthday(changed_on, clock.business_date(at)):
            raise BirthdayChangedLately("The birthday was changed less than a year ago. Nothing was changed.")
        member.birthday_changed_at = at
    for name in changed:
        setattr(member, name, stated[name])
    if changed:
        member.save(update_fields=[*changed, "birthday_changed_at"])
        audit.record(
            at=at, actor=actor, deed="member.edited", subject=f"member:{member_id}", becomes={"fields": list(changed)}
        )
    return changed


def _staff_of(actor: str) -> int:
    kind, _, number = actor.partition(":")
    if kind != "staff" or not Account.objects.filter(id=int(number or 0), is_staff=True).exists():
        raise NotYourNote("Notes are written by the staff. Nothing was changed.")
    return int(number)


def _record_tags(deed: str, member_ids: Sequence[int], name: str, at: dt.datetime, actor: str) -> None:
    subjects = (f"member:{member_id}" for member_id in member_ids)
    audit.record_many(at=at, actor=actor, deed=deed, subjects=subjects, becomes={"tag": name})
