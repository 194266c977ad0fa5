"""A copy of all that is held of a member: JSON to be read by machines and a page to be read by him, in one zip."""

import datetime as dt
import io
import json
import logging
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kit import actions as kit_actions
from kit import clock
from kit.jobs import Chunk, Night
from kit.models import AuditRow
from members import actions as members_actions
from members import queries as members_queries
from members.models import Member
from members.queries import merging as merges
from members.queries import privacy

logger = logging.getLogger(__name__)
Now = Callable[[], dt.datetime]
ACTOR = "worker"
HIDDEN = frozenset(
    {"password", "content", "digest", "marks", "head", "lease", "terms_digest", "address_hash", "session_key"}
)
"""Columns that say nothing of a person: keys, digests, and the copies themselves."""

LEFT_OUT = {
    "members.DataExport": "the copies themselves",
    "points.Seal": "digests of the entries that are in the copy; the statement has them, to be verified",
    "members.NotTwice": "speaks of another person as much",
    "messaging.Trial": "names him for the minute in which a colleague's test with his data waits to be sent",
    "members.AddressCode": "kept for a day, and of the code a digest only",
}
"""Tables that name a member and are not in the copy, with the reason."""

TITLES: dict[str, str | Promise] = {
    "members.Member": _("Your membership"),
    "members.Identity": _("What you are known by"),
    "members.Consent": _("What you agreed to, and when"),
    "members.Tag": _("Labels we put on you"),
    "members.Note": _("What our staff noted"),
    "members.Merge": _("Memberships that were made one"),
    "members.ErasureRequest": _("Your wishes to be erased"),
    "members.OpenSession": _("Where you are logged in"),
    "orders.Order": _("Your orders"),
    "orders.OrderLine": _("What you ordered"),
    "orders.Refund": _("What you returned"),
    "orders.ShopEvent": _("What else you did"),
    "orders.SpendMovement": _("What you spent, as it counts"),
    "points.Entry": _("Your points and growth value, entry by entry"),
    "points.Balance": _("Your balances"),
    "points.Lot": _("Points you hold, and until when"),
    "tiers.Standing": _("Your tiers"),
    "tiers.Decision": _("How your tiers were decided"),
    "benefits.Coupon": _("Your coupons"),
    "benefits.Redemption": _("Rewards you redeemed"),
    "benefits.Fulfilment": _("Gifts sent to you"),
    "messaging.Message": _("Messages to you"),
    "messaging.InboxItem": _("Your inbox"),
    "messaging.Answer": _("What you answered when we asked"),
    "kit.AuditRow": _("What was done about you"),
}
"""How the page names tables; others go by their own name."""

CHILDREN = (
    ("members.OpenSession", "account__member__id__in"),
    ("orders.OrderLine", "order__member_id__in"),
    ("orders.Refund", "order__member_id__in"),
    ("benefits.Taking", "checkout__member_id__in"),
    ("benefits.FulfilmentStep", "fulfilment__member_id__in"),
    ("messaging.MessageEvent", "message__member_id__in"),
    ("messaging.Answer", "message__member_id__in"),
)
"""Tables that name a member through another."""
ROOMS = frozenset({"members", "orders", "points", "tiers", "benefits", "insights", "messaging", "campaigns"})


@dataclass(frozen=True, slots=True)
class Section:
    """A table of the copy: its name for machines, its title, and its rows."""

    name: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


def tables() -> Iterator[tuple[str, str]]:
    """Will yield (table, filter) of everything that is in a copy, room by room."""
    yield "members.Member", "id__in"
    for model in apps.get_models():
        if model._meta.app_label not in ROOMS or model is Member:
            continue
        names = [
            f.name
            for f in model._meta.concrete_fields
            if isinstance(f, models.ForeignKey) and f.related_model is Member
        ]
        label = model._meta.label
        if label not in LEFT_OUT and names:
            first = "survivor" if label == "members.Merge" else names[0]
            yield label, f"{first}_id__in"
    yield from CHILDREN


def sections(member_id: int) -> tuple[Section, ...]:
    """Will gather all that is held of a member and of whoever was merged into him. A query for each table."""
    ids = sorted({member_id, *merges.merged_into(member_id)})
    found = [_section(label, {which: ids}) for label, which in tables()]
    found.append(_section("members.Account", {"id__in": privacy.log_ins_in(ids)}))
    subjects = [f"member:{one}" for one in ids]
    rows = AuditRow.objects.filter(subject__in=subjects).order_by("at", "id")
    told = ("at", "deed", "becomes", "reason")
    found.append(Section("kit.AuditRow", _title("kit.AuditRow"), told, tuple(rows.values_list(*told))))
    return tuple(section for section in found if section.rows)


def pack(member_id: int, at: dt.datetime) -> bytes:
    """Will make the zip: data.json, and data.html in the member's language."""
    key = members_queries.rows_of([member_id])[member_id]
    language = members_queries.language_of(key.number)
    with translation.override(language or translation.get_language()):
        held = sections(member_id)
        page = render_to_string(
            "export/data.html",
            {"number": key.number, "at": at, "sections": [_readable(section) for section in held]},
        )
    data = {
        "member": key.number,
        "made_at": at,
        "tables": {s.name: [dict(zip(s.columns, row, strict=True)) for row in s.rows] for s in held},
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.json", json.dumps(data, cls=_Encoder, ensure_ascii=False, indent=1))
        archive.writestr("data.html", page)
    return packed.getvalue()


def make_waiting(*, now: Now) -> int:
    """Will make all copies that wait; a fault closes its own with a reason, and the next goes on."""
    made = 0
    for export_id, member_id, _actor in privacy.waiting_exports():
        try:
            content = pack(member_id, now())
        except Exception as error:
            logger.exception("copy %s failed", export_id)
            members_actions.fail_export(export_id=export_id, error=type(error).__name__, at=now(), actor=ACTOR)
            continue
        members_actions.finish_export(export_id=export_id, content=content, at=now(), actor=ACTOR)
        made += 1
    return made


def end_exports(night: Night, after: int) -> Iterator[Chunk]:
    """Will throw away the copies, and the lists of the staff, whose week was over by the end of a date."""
    ended = members_actions.end_exports(at=clock.day_end(night.date), actor="night")
    lists = kit_actions.end_list_exports(at=clock.day_end(night.date), actor="night")
    yield Chunk(after, ended + lists, {"ended": ended, "lists": lists})


class _Encoder(DjangoJSONEncoder):
    """Writes what JSON does not know: dates as ISO, numbers of money as text, bytes not at all."""

    def default(self, o: Any) -> Any:
        """Will write one value."""
        if isinstance(o, bytes | memoryview):
            return None
        return super().default(o)


def _section(label: str, which: dict[str, Any]) -> Section:
    model = apps.get_model(label)
    shown = [f.attname for f in model._meta.concrete_fields if f.name not in HIDDEN and not _is_binary(f)]
    rows = model._default_manager.filter(**which).order_by("pk").values_list(*shown)
    return Section(label, _title(label), tuple(shown), tuple(rows))


def _is_binary(field: Any) -> bool:
    return isinstance(field, models.BinaryField)


def _title(label: str) -> str:
    return str(TITLES.get(label) or apps.get_model(label)._meta.verbose_name)


def _readable(section: Section) -> dict[str, Any]:
    """What is in no row is no column of the page."""
    kept = [place for place in range(len(section.columns)) if any(row[place] not in EMPTY for row in section.rows)]
    return {
        "title": section.title,
        "columns": [section.columns[place].replace("_", " ") for place in kept],
        "rows": [[_plain(row[place]) for place in kept] for row in section.rows],
    }


EMPTY: Sequence[Any] = (None, "", [], {})


def _plain(value: Any) -> str:
    if value in EMPTY:
        return ""
    if isinstance(value, dict | list):
        return json.dumps(value, cls=_Encoder, ensure_ascii=False)
    return value.isoformat(sep=" ", timespec="minutes") if isinstance(value, dt.datetime) else str(value)
