"""A list of members as a file for a spreadsheet: made by a worker in parts; a killed one goes on where it was."""

import datetime as dt
import io
import logging
from collections.abc import Callable, Sequence

from defusedcsv import csv
from django.db import OperationalError
from django.utils import translation
from django.utils.translation import gettext as _

from insights import queries as insights_queries
from insights import wording as insights_wording
from kit import actions as kit_actions
from kit import clock, locks
from kit.enums import ExportState
from kit.models import ListExport
from members import queries as members_queries
from orders import queries as orders_queries
from points import queries as points_queries
from tiers import queries as tiers_queries
from tiers import wording as tiers_wording

logger = logging.getLogger(__name__)
Now = Callable[[], dt.datetime]
MEMBERS_A_PART = 2_000
AT_ONCE_MAX = 100
WORKER = "worker"


def make_waiting(*, now: Now) -> int:
    """Will make all files that wait, each by one worker at a time; returns how many were finished.

    A fault closes its own file with a reason, and the next goes on; one that the database's end caused is left to wait.
    """
    made = 0
    waiting = ListExport.objects.filter(state=ExportState.WAITING).order_by("id")
    for export_id in waiting.values_list("id", flat=True)[:AT_ONCE_MAX]:
        try:
            with locks.alone(f"list_export:{export_id}"):
                made += _make(export_id, now)
        except locks.AlreadyRunning:
            continue
        except OperationalError:
            raise
        except Exception as error:
            logger.exception("list %s failed", export_id)
            kit_actions.fail_list_export(export_id=export_id, error=type(error).__name__, at=now(), actor=WORKER)
    return made


def _make(export_id: int, now: Now) -> bool:
    while True:
        row = ListExport.objects.get(id=export_id)
        ids = row.member_ids[row.made : row.made + MEMBERS_A_PART]
        with translation.override(row.language):
            text = lines(ids, now(), with_heads=row.made == 0)
        is_done = kit_actions.write_list_part(
            export_id=export_id, made=row.made, count=len(ids), text=text, at=now(), actor=WORKER
        )
        if is_done:
            return True


def lines(ids: Sequence[int], at: dt.datetime, *, with_heads: bool) -> str:
    """Will write members as lines of CSV in the reader's language, without their names and contacts. Five queries."""
    stream = io.StringIO()
    writer = csv.writer(stream)
    if with_heads:
        heads = (_("Member number"), _("Joined on"), _("Tier"), _("Points"), _("Spend"), _("Stage"), _("Last order"))
        writer.writerow(heads)
    members = members_queries.rows_of(ids)
    standings = tiers_queries.standings_of(ids)
    points = points_queries.available_of(ids, clock.business_date(at))
    orders = orders_queries.last_orders_of(ids)
    stages = insights_queries.stages_of(ids)
    for member_id in ids:
        member, standing, stage = members[member_id], standings.get(member_id), stages.get(member_id)
        writer.writerow(
            [
                member.number,
                _date(member.joined_at),
                tiers_wording.tier_name(standing.tier) if standing else "",
                points.get(member_id, 0) if standing else "",
                standing.facts.spend if standing else "",
                insights_wording.stage_name(stage.stage) if stage else "",
                _date(orders.get(member_id)),
            ]
        )
    return stream.getvalue()


def _date(at: dt.datetime | None) -> str:
    return clock.business_date(at).isoformat() if at else ""
