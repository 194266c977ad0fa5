"""Kit's deeds: the views that people keep for a page of the console, and lists that they take out as files."""

import datetime as dt
import uuid
from collections.abc import Sequence

from django.db import IntegrityError, transaction

from kit import audit
from kit.enums import ExportState
from kit.models import ListExport, ListExportPart, SavedView

VIEWS_MAX = 30
"""So many views a person and page; more would not fit the row of tabs."""

LISTS_KEPT_DAYS = 7
"""So long a list can be fetched; then its file is thrown away."""


class ViewNameTaken(Exception):
    """The person already keeps a view of this name for this page; nothing was kept."""


class TooManyViews(Exception):
    """The person keeps as many views for this page as there may be; nothing was kept."""


def save_view(*, page: str, name: str, query: str, at: dt.datetime, actor: str) -> SavedView:
    """Will keep a page's query string under a name for the actor; raises ViewNameTaken and TooManyViews."""
    if SavedView.objects.filter(owner=actor, page=page).count() >= VIEWS_MAX:
        raise TooManyViews(f"There are {VIEWS_MAX} views already. Delete one that is not needed.")
    try:
        with transaction.atomic():
            view = SavedView.objects.create(owner=actor, page=page, name=name, query=query)
            audit.record(at=at, actor=actor, deed="view.saved", subject=f"view:{page}", becomes={name: query})
    except IntegrityError as error:
        raise ViewNameTaken(f"A view named “{name}” exists already. Choose another name.") from error
    return view


@transaction.atomic
def forget_view(*, view_id: int, at: dt.datetime, actor: str) -> str:
    """Will forget a view of the actor's own and return its name; empty where there is none, as after a second press."""
    view = SavedView.objects.filter(id=view_id, owner=actor).first()
    if view is None:
        return ""
    view.delete()
    audit.record(at=at, actor=actor, deed="view.deleted", subject=f"view:{view.page}", was={view.name: view.query})
    return view.name


# ---- lists as files


@transaction.atomic
def ask_list_export(
    *, query: str, member_ids: Sequence[int], language: str, form_key: uuid.UUID, at: dt.datetime, actor: str
) -> ListExport:
    """Will ask for a file of members, for a worker to make; the same form again gives the first."""
    wanted = {
        "query": query,
        "language": language,
        "member_ids": list(member_ids),
        "size": len(member_ids),
        "asked_at": at,
    }
    row, is_new = ListExport.objects.get_or_create(form_key=form_key, actor=actor, defaults=wanted)
    if is_new:
        becomes = {"members": row.size, "query": query}
        audit.record(at=at, actor=actor, deed="list.export_asked", subject=f"list:{row.id}", becomes=becomes)
    return row


@transaction.atomic
def write_list_part(*, export_id: int, made: int, count: int, text: str, at: dt.datetime, actor: str) -> bool:
    """Will add a part after so many members, and say whether the file needs no more; one that is there is left.

    Locks the file.
    """
    row = ListExport.objects.select_for_update().get(id=export_id)
    if row.state != ExportState.WAITING or row.made != made:
        return row.state != ExportState.WAITING
    ListExportPart.objects.create(export=row, starts=made, text=text)
    row.made += count
    if row.made == row.size:
        row.state, row.done_at = ExportState.DONE, at
        row.ends_at = at + dt.timedelta(days=LISTS_KEPT_DAYS)
    row.save(update_fields=["made", "state", "done_at", "ends_at"])
    return row.state == ExportState.DONE


def fail_list_export(*, export_id: int, error: str, at: dt.datetime, actor: str) -> None:
    """Will close a file that could not be made, with the kind of fault; its parts are thrown away."""
    ListExportPart.objects.filter(export_id=export_id).delete()
    open_ones = ListExport.objects.filter(id=export_id, state=ExportState.WAITING)
    open_ones.update(state=ExportState.FAILED, error=error[:300])


def note_list_fetched(*, export_id: int, at: dt.datetime, actor: str) -> None:
    """Will note that somebody fetched a file."""
    audit.record(at=at, actor=actor, deed="list.export_fetched", subject=f"list:{export_id}")


def end_list_exports(*, at: dt.datetime, actor: str) -> int:
    """Will throw away the files whose time is over by an instant, with whom they had; returns how many."""
    over = list(ListExport.objects.filter(ends_at__lte=at, size__gt=0).values_list("id", flat=True))
    ListExportPart.objects.filter(export_id__in=over).delete()
    ListExport.objects.filter(id__in=over).update(member_ids=[], size=0, made=0)
    return len(over)
