"""The audit log: who did what to whom, when, why and from where; nobody can change it."""

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from kit import clock, paging
from kit.models import AuditRow
from members import queries as members_queries
from membership_site.console.forms.audit import AuditFilterForm, given_filters
from membership_site.console.pages import people
from membership_site.console.pages.members import member_url

ROWS = 40
ROWS_A_CHUNK = 1_000
MILLISECONDS = 8_000
STAFF_MAX = 50
MEMBER = re.compile(r"member:(\d{1,18})")

DEED_WORDS = {
    "member.revealed": _("Saw e-mail and phone"),
    "member.merged": _("Merged two members"),
    "member.unmerged": _("Undid a merge"),
    "member.merge_previewed": _("Looked at a merge"),
    "member.told_apart": _("Said that two are not one person"),
    "member.noted": _("Wrote a note"),
    "member.note_edited": _("Edited a note"),
    "member.tagged": _("Put a tag on"),
    "member.untagged": _("Took a tag off"),
    "member.edited": _("Edited a profile"),
    "member.export_asked": _("Asked for a copy of the data"),
    "member.export_fetched": _("Fetched a copy of the data"),
    "member.erasure_asked": _("Asked to be erased"),
    "member.erasure_cancelled": _("Withdrew the wish to be erased"),
    "member.erased": _("Erased a member"),
    "lifecycle.set": _("Set the days of the life-cycle"),
    "audit.exported": _("Took the audit log as a file"),
    "list.export_asked": _("Asked for a list as a file"),
    "list.export_fetched": _("Fetched a list as a file"),
    "view.saved": _("Saved a view"),
    "view.deleted": _("Deleted a view"),
    "points.requested": _("Asked to book points by hand"),
    "points.booked": _("Booked points by hand"),
    "points.approved": _("Agreed to points booked by hand"),
    "points.refused": _("Refused points asked for by hand"),
    "points.withdrawn": _("Withdrew points asked for by hand"),
    "tier.granted": _("Gave a tier"),
    "tier.ended": _("Ended a tier that was given"),
    "tier.extended": _("Extended a tier as a courtesy"),
    "tier.challenge_answered": _("Answered a question about a tier"),
    "job.approve": _("Approved a held step"),
    "job.requested": _("Asked for a step to be run"),
    "staff.created": _("Created a staff log-in"),
    "staff.invited": _("Invited a person of the staff"),
    "staff.roles": _("Changed somebody’s roles"),
    "staff.deactivated": _("Closed a staff log-in"),
    "staff.let_in": _("Opened a staff log-in again"),
    "staff.factor_reset": _("Reset somebody’s second factor"),
    "factor.enrolled": _("Set up a second factor"),
    "factor.codes_drawn": _("Drew new recovery codes"),
    "factor.recovery_used": _("Used a recovery code"),
    "create_api_key": _("Made an API key"),
    "revoke_api_key": _("Revoked an API key"),
    "referral.refused": _("An invitation of oneself was refused"),
    "policy.drafted": _("Began a draft of the rules"),
    "policy.rule_saved": _("Saved an earning rule"),
    "policy.rule_removed": _("Removed an earning rule"),
    "policy.rule_switched": _("Switched an earning rule"),
    "policy.rules_ordered": _("Changed the order of rules"),
    "policy.settings_saved": _("Saved programme settings"),
    "policy.discarded": _("Discarded a draft of the rules"),
    "policy.published": _("Published the rules"),
    "coupon.defined": _("Began a coupon"),
    "coupon.drafted": _("Began a draft of a coupon"),
    "coupon.draft_saved": _("Saved a draft of a coupon"),
    "coupon.discarded": _("Discarded a draft of a coupon"),
    "coupon.published": _("Published a coupon"),
    "coupon.archived": _("Archived a coupon"),
    "coupon.unarchived": _("Took a coupon out of the archive"),
    "coupon.issued": _("Gave a coupon"),
    "coupon.voided": _("Made a coupon void"),
    "coupon.code_shared": _("Made a code for many"),
    "coupon.batch_requested": _("Asked for a batch of coupons"),
    "coupon.batch_made": _("Finished a batch of coupons"),
    "coupon.batch_resumed": _("Let a batch of coupons go on"),
    "coupon.batch_fetched": _("Took a batch’s codes as a file"),
    "reward.saved": _("Saved a reward"),
    "reward.switched": _("Switched a reward"),
    "reward.ordered": _("Changed the order of rewards"),
    "reward.redeemed": _("Redeemed a reward"),
    "reward.cancelled": _("Cancelled a redemption"),
    "gift.saved": _("Saved a gift"),
    "stock.changed": _("Changed a stock"),
    "pool.saved": _("Saved a pool of partner codes"),
    "pool.filled": _("Imported partner codes"),
    "code.revealed": _("Read a partner code"),
    "code.given_back": _("Freed a partner code"),
    "fulfilment.addressed": _("Entered an address for a gift"),
    "fulfilment.shipped": _("Marked a gift as sent"),
    "fulfilment.delivered": _("Marked a gift as delivered"),
    "fulfilment.returned": _("Marked a gift as come back"),
    "fulfilment.ready": _("Marked a gift to be sent again"),
    "fulfilment.cancelled": _("Gave up sending a gift"),
    "fulfilment.exported": _("Took the packing list with addresses"),
    "address.suppress": _("Let an address be written to no more"),
    "address.lift": _("Let an address be written to again"),
    "attribution.publish": _("Published the windows of attribution"),
    "benefit.given": _("Gave a benefit"),
    "booking.asked": _("Asked for a booking"),
    "booking.confirmed": _("Confirmed a booking"),
    "booking.declined": _("Declined a booking"),
    "booking.cancelled": _("Cancelled a booking"),
    "booking.done": _("Marked a booking as done"),
    "campaign.create": _("Began a campaign"),
    "campaign.edit": _("Edited a campaign"),
    "campaign.discard": _("Discarded a campaign"),
    "campaign.ask_review": _("Asked for a second person to read a campaign"),
    "campaign.agreed": _("Agreed to a campaign"),
    "campaign.refused": _("Sent a campaign back"),
    "campaign.start": _("Started a campaign"),
    "campaign.launch": _("Launched a campaign"),
    "campaign.budget": _("Raised a campaign’s budget"),
    "campaign.decide": _("Decided between variants of a campaign"),
    "campaign.paused": _("Paused a campaign"),
    "campaign.running": _("Resumed a campaign"),
    "campaign.scheduled": _("Resumed a campaign before its start"),
    "campaign.cancelled": _("Cancelled a campaign"),
    "campaign.finished": _("A campaign ended"),
    "checkout.confirm": _("A checkout paid for an order"),
    "control_group.begin": _("Drew the control group of the programme"),
    "control_group.end": _("Ended the control group of the programme"),
    "dispatch.pause": _("Paused a dispatch"),
    "dispatch.resume": _("Resumed a dispatch"),
    "dispatch.cancel": _("Cancelled a dispatch"),
    "dispatch.paused_itself": _("A dispatch paused itself"),
    "goods.added": _("Added goods with a member’s price"),
    "goods.ended": _("Ended goods with a member’s price"),
    "ladder.drafted": _("Began a draft of a ladder"),
    "ladder.discarded": _("Discarded a draft of a ladder"),
    "ladder.settings_saved": _("Saved settings of a ladder"),
    "ladder.tier_saved": _("Saved a tier"),
    "ladder.tiers_saved": _("Changed the tiers of a draft"),
    "ladder.published": _("Published a ladder"),
    "ladder.preview": _("Asked for a preview of a ladder"),
    "ladder.preview_finished": _("Finished a preview of a ladder"),
    "ladder.preview_failed": _("Could not finish a preview of a ladder"),
    "list.made": _("Made a list of members"),
    "list.added": _("Put members on a list"),
    "list.taken_off": _("Took members off a list"),
    "matrix.drafted": _("Began a draft of the benefits"),
    "matrix.benefit_saved": _("Saved a benefit"),
    "matrix.cell_saved": _("Saved what a benefit is to a tier"),
    "matrix.benefit_removed": _("Removed a benefit"),
    "matrix.benefit_switched": _("Switched a benefit"),
    "matrix.benefits_ordered": _("Changed the order of benefits"),
    "matrix.discarded": _("Discarded a draft of the benefits"),
    "matrix.published": _("Published the benefits"),
    "message.previewed": _("Looked at a message again"),
    "message.tried": _("Sent a message to himself to try it"),
    "message.resolve": _("Decided on a message nobody knows the end of"),
    "messages.retry": _("Had messages tried again"),
    "points.give": _("Gave points to another member"),
    "reservation.confirm": _("Reserved points were spent"),
    "segment.created": _("Made a segment"),
    "segment.saved": _("Saved a segment"),
    "segment.renamed": _("Renamed a segment"),
    "segment.shared": _("Shared a segment, or no more"),
    "segment.copied": _("Copied a segment"),
    "segment.archived": _("Put a segment away"),
    "segment.exported": _("Took a segment as a file"),
    "sending_rules.publish": _("Published the rules of sending"),
    "template.created": _("Began a template"),
    "template.renamed": _("Renamed a template"),
    "template.archived": _("Put a template away"),
    "template.taken_back": _("Took a template out of the archive"),
    "template.copied": _("Copied a template"),
    "template.drafted": _("Began a draft of a template"),
    "template.written": _("Wrote words of a template"),
    "template.discarded": _("Discarded a draft of a template"),
    "template.published": _("Published a template"),
    "tiers.undone": _("Undid what a night decided of tiers"),
    "topic.made": _("Made a topic"),
    "topic.edited": _("Edited a topic"),
    "preview.request": _("Asked for a preview of a draft"),
    "preview.finish": _("Finished a preview of a draft"),
    "preview.fail": _("Could not finish a preview of a draft"),
}

FILE_HEADS = (
    *(_("When"), _("Who"), _("Deed"), _("About"), _("Reason")),
    *(_("Was"), _("Becomes"), _("From where")),
)


@dataclass(frozen=True)
class Row:
    """One deed; `url` leads to the member it is about."""

    at: dt.datetime
    who: str
    deed: str
    about: str
    url: str
    reason: str
    was: str
    becomes: str
    origin: str


@dataclass(frozen=True)
class AuditPage:
    """The log as the template shows it."""

    given: Mapping[str, str]
    deeds: tuple[tuple[str, str, bool], ...]
    refused: tuple[tuple[str, str], ...]
    is_filtered: bool
    is_too_slow: bool
    rows: tuple[Row, ...]
    older: str
    is_first: bool
    file_url: str


def audit_page(data: Mapping[str, str]) -> AuditPage:
    """Will assemble the log that an address asks for, paged by key. At most nine queries."""
    given = given_filters(data)
    form = AuditFilterForm(given)
    form.is_valid()
    place = paging.read_place(data.get("before", ""))
    is_too_slow, found = False, []
    try:
        with paging.within(MILLISECONDS):
            rows = _filtered(form.cleaned_data)
            rows = rows.filter(id__lt=place.id) if place else rows
            found = list(rows.order_by("-id")[: ROWS + 1])
    except paging.TooSlow:
        is_too_slow = True
    shown = found[:ROWS]
    query = {name: value for name, value in given.items() if value}
    older = urlencode(query | {"before": str(paging.Place("", shown[-1].id))}) if len(found) > ROWS else ""
    return AuditPage(
        given=given,
        deeds=tuple((deed, str(words), deed == given["deed"]) for deed, words in DEED_WORDS.items()),
        refused=tuple(
            (str(form.fields[name].label), " ".join(str(error) for error in errors))
            for name, errors in form.errors.items()
        ),
        is_filtered=bool(query),
        is_too_slow=is_too_slow,
        rows=_rows(shown),
        older=f"?{older}" if older else "",
        is_first=place is None,
        file_url=f"{reverse('console:audit_csv')}?{urlencode(query)}" if query else reverse("console:audit_csv"),
    )


def audit_file(data: Mapping[str, str]) -> Iterator[tuple[str, ...]]:
    """Will yield the lines of a file of all deeds that an address asks for, latest first, as they are read."""
    form = AuditFilterForm(given_filters(data))
    form.is_valid()
    yield tuple(str(head) for head in FILE_HEADS)
    place = 0
    while True:
        rows = _filtered(form.cleaned_data)
        shown = list((rows.filter(id__lt=place) if place else rows).order_by("-id")[:ROWS_A_CHUNK])
        for row in _rows(shown):
            at = row.at.astimezone(clock.programme_zone()).isoformat(timespec="seconds")
            yield (at, row.who, row.deed, row.about, row.reason, row.was, row.becomes, row.origin)
        if len(shown) < ROWS_A_CHUNK:
            return
        place = shown[-1].id


def _filtered(wanted: Mapping[str, Any]) -> "QuerySet[AuditRow]":
    """Will apply the filters that could be read. One query for the staff's names, one for a member's number."""
    rows = AuditRow.objects.all()
    if who := wanted.get("who"):
        ids = members_queries.find_staff(who, STAFF_MAX)
        rows = rows.filter(actor__in=[who, *(f"staff:{account_id}" for account_id in ids)])
    if deed := wanted.get("deed"):
        rows = rows.filter(deed=deed)
    if about := wanted.get("about"):
        member = members_queries.find_by_number(about)
        rows = rows.filter(subject=f"member:{member.id}" if member else about)
    if first := wanted.get("first"):
        rows = rows.filter(at__gte=clock.day_start(first))
    if last := wanted.get("last"):
        rows = rows.filter(at__lte=clock.day_end(last))
    return rows


def _rows(shown: Sequence[AuditRow]) -> tuple[Row, ...]:
    """Will put deeds into words. Two queries."""
    ids = {row.subject: int(found[1]) for row in shown if (found := MEMBER.fullmatch(row.subject))}
    members = members_queries.names_of(list(ids.values()))
    names = people.names_of(row.actor for row in shown)
    return tuple(_row(row, members.get(ids.get(row.subject, 0)), names[row.actor]) for row in shown)


def _row(row: AuditRow, member: tuple[str, str] | None, who: str) -> Row:
    return Row(
        at=row.at,
        who=who,
        deed=str(DEED_WORDS.get(row.deed, row.deed)),
        about=" ".join(filter(None, member)) if member else row.subject,
        url=member_url(member[0]) if member else "",
        reason=row.reason,
        was=_plain(row.was),
        becomes=_plain(row.becomes),
        origin=row.origin,
    )


def _plain(value: object) -> str:
    """Will write what was kept of a change so that it can be read."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if isinstance(value, list):
        return ", ".join(map(_plain, value))
    if isinstance(value, dict):
        inner = ((str(name).replace("_", " "), one) for name, one in sorted(value.items()))
        words = ((name, f"({_plain(one)})" if isinstance(one, dict) else _plain(one)) for name, one in inner)
        return " · ".join(f"{name}: {said}" for name, said in words)
    return str(value)
