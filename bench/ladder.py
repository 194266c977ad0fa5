"""The preview of a ladder on everybody beside a bare GROUP BY over everybody's window."""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

from bench import night, population
from bench.measure import Result, best_undone, say, scale, seconds
from kit import clock
from membership_site.flows import ladder_preview
from tiers import actions as tiers_actions
from tiers import queries as tiers_queries
from tiers.actions import TierDraft
from tiers.models import Tier
from tiers.rules import Requirement

GOAL = 6.0
"""Everybody is summed in each window of two versions, counted by thresholds reached and by place, and foretold twice."""
HARDER = Decimal("1.2")


def measure(wanted: Callable[[str], bool]) -> Iterator[Result]:
    """Will build the population and yield the bench of the preview, if it is wanted."""
    if not wanted("ladder-preview"):
        return
    population.build(scale())
    at = clock.day_start(population.LAST) + dt.timedelta(hours=12)
    preview_id = _asked(at)
    limit = best_undone(night.bare_window)
    ours = seconds(lambda: ladder_preview.run(preview_id=preview_id, now=lambda: at))
    preview = tiers_queries.get_ladder_preview(preview_id)
    if preview.state != "done":
        raise RuntimeError(f"The preview is {preview.state}: {preview.error}")
    say(f"  ladder-preview: {preview.result}"[:200])
    yield Result("ladder-preview", ours, limit, GOAL)


def _asked(at: dt.datetime) -> int:
    """Will draft a ladder that asks for a fifth more spend, and ask for its preview a month ahead."""
    deed: dict[str, Any] = {"at": at, "actor": "bench"}
    version_id = tiers_actions.start_draft(**deed)
    tiers = map(TierDraft.of, Tier.objects.filter(version_id=version_id).order_by("rank"))
    harder = [replace(tier, reach=_harder(tier.reach), keep=_harder(tier.keep)) for tier in tiers]
    tiers_actions.save_tiers(version_id=version_id, tiers=harder, **deed)
    begins = population.LAST + dt.timedelta(days=30)
    return tiers_actions.request_preview(version_id=version_id, effective_on=begins, **deed)[0]


def _harder(asked: Requirement) -> Requirement:
    return replace(asked, spend=asked.spend * HARDER if asked.spend else asked.spend)
