"""Kit's deeds: the views that people keep for a page of the console."""

import datetime as dt

from django.db import IntegrityError, transaction

from kit import audit
from kit.models import SavedView

VIEWS_MAX = 30
"""So many views a person and page; more would not fit the row of tabs."""


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
