"""The lists that a person asked for as files: what is being made, what can be fetched, and until when."""

import datetime as dt
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kit.enums import ExportState
from kit.models import ListExport
from membership_site import formats
from membership_site.console.pages.words import State

ROWS = 20


@dataclass(frozen=True)
class ExportRow:
    """A file: `share` is how much of it is made while it is being made, `url` where it can be fetched now."""

    id: int
    title: str
    list_url: str
    asked_at: dt.datetime
    state: State
    words: str
    share: str
    url: str


@dataclass(frozen=True)
class ExportsPage:
    """The page as the template shows it; it is watched while a file is being made."""

    rows: tuple[ExportRow, ...]
    is_watched: bool


def exports_page(actor: str, at: dt.datetime) -> ExportsPage:
    """Will list a person's own files, latest first. One query."""
    mine = ListExport.objects.filter(actor=actor).defer("member_ids").order_by("-id")[:ROWS]
    rows = tuple(_row(one, at) for one in mine)
    return ExportsPage(rows, any(row.share for row in rows))


def find_export(export_id: int, actor: str, at: dt.datetime) -> ListExport | None:
    """Will return a file of a person's own that can be fetched now. One query."""
    mine = ListExport.objects.filter(id=export_id, actor=actor, state=ExportState.DONE, ends_at__gt=at)
    return mine.defer("member_ids").first()


def _row(one: ListExport, at: dt.datetime) -> ExportRow:
    is_over = one.ends_at is not None and one.ends_at <= at
    size = ngettext("%(n)s member", "%(n)s members", one.size) % {"n": formats.num(one.size)}
    base = reverse("console:members")
    is_waiting, is_done = one.state == ExportState.WAITING, one.state == ExportState.DONE and not is_over
    return ExportRow(
        id=one.id,
        title=_("List of members") if is_over else _("List of %(members)s") % {"members": size},
        list_url=f"{base}?{one.query}" if one.query else base,
        asked_at=one.asked_at,
        state=_state(one, is_over=is_over),
        words=_words(one, is_over=is_over),
        share=f"{one.made / one.size if one.size else 0:.3f}" if is_waiting else "",
        url=reverse("console:export_list", args=[one.id]) if is_done else "",
    )


def _state(one: ListExport, *, is_over: bool) -> State:
    if is_over:
        return State(_("Thrown away"), "")
    states = {
        ExportState.WAITING: State(_("Being made"), "info"),
        ExportState.DONE: State(_("Ready"), "good"),
        ExportState.FAILED: State(_("Failed"), "bad"),
    }
    return states[ExportState(one.state)]


def _words(one: ListExport, *, is_over: bool) -> str:
    if is_over:
        return _("Its seven days are over. Ask for it again from the list.")
    match one.state:
        case ExportState.WAITING:
            words = {"made": formats.num(one.made), "size": formats.num(one.size)}
            return _("%(made)s of %(size)s members written") % words
        case ExportState.FAILED:
            return _("It could not be made (%(error)s). Nothing was kept of it; ask for it again.") % {
                "error": one.error
            }
    return _("Can be fetched until %(date)s") % {"date": formats.cal(one.ends_at)} if one.ends_at else ""
