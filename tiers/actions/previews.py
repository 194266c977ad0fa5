"""Previews of a draft of a ladder: asked for once, worked out over everybody, and kept with the version."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.db import transaction

from kit import audit, clock
from kit.versions import Versions
from points import queries as points_queries
from points.enums import PreviewState
from tiers import queries, rules
from tiers.actions.publishing import TooEarly, close_previews, lock_draft, subject_of
from tiers.enums import Start, Window
from tiers.models import LadderPreview
from tiers.rules import foretelling
from tiers.rules.foretelling import Foretold, Future
from tiers.rules.places import place_of
from tiers.rules.previews import Tally

OPEN = (PreviewState.WAITING, PreviewState.RUNNING)
ERROR_LENGTH_MAX = 2000


class NothingToCompare(Exception):
    """The ladder has no version in force, so nobody stands on it; nothing was started."""


class PreviewOver(Exception):
    """A preview that was being worked out is over: another one took its place, or it ended. Nothing was written."""


@transaction.atomic
def request_preview(*, version_id: int, effective_on: dt.date, at: dt.datetime, actor: str) -> tuple[int, bool]:
    """Will ask for a preview of a draft that begins on a date; returns its id and whether it is new.

    One that is still to be worked out for the same draft and date is returned as it is; another one is closed. Locks
    the draft; raises NoDraft, TooEarly, NothingToCompare.
    """
    version = lock_draft(version_id)
    published = queries.versions_of(version.ladder.code)
    if not published:
        raise NothingToCompare("Nobody stands on this ladder yet. Nothing was started.")
    earliest = max(clock.business_date(at), published[-1].effective_on)
    if effective_on < earliest:
        raise TooEarly(earliest)
    digest = bytes.fromhex(queries.get_ladder_version(version_id).moves_digest)
    there = LadderPreview.objects.filter(version_id=version_id, state__in=OPEN).first()
    if there and (bytes(there.terms_digest), there.effective_on) == (digest, effective_on):
        return there.id, False
    close_previews(version_id, "A newer preview was asked for.", at)
    preview = LadderPreview.objects.create(
        version=version, effective_on=effective_on, terms_digest=digest, actor=actor, requested_at=at
    )
    audit.record(
        at=at, actor=actor, deed="ladder.preview", subject=subject_of(version),
        becomes={"effective_on": effective_on.isoformat()},
    )  # fmt: skip
    return preview.id, True


@transaction.atomic
def begin_preview(*, preview_id: int, at: dt.datetime, actor: str) -> None:
    """Will mark a preview as being worked out; raises PreviewOver. Locks it."""
    preview = _open(preview_id)
    preview.state = PreviewState.RUNNING
    preview.result = {"begun_at": at.isoformat(), "by": actor}
    preview.save(update_fields=["state", "result"])


@transaction.atomic
def finish_preview(*, preview_id: int, result: Mapping[str, Any], at: dt.datetime, actor: str) -> None:
    """Will keep what a preview came to; raises PreviewOver. Locks it."""
    preview = _open(preview_id)
    preview.result = dict(result)
    _end(preview, PreviewState.DONE, "", at)
    audit.record(at=at, actor=actor, deed="ladder.preview_finished", subject=f"ladder-preview:{preview_id}")


@transaction.atomic
def fail_preview(*, preview_id: int, error: str, at: dt.datetime, actor: str) -> None:
    """Will close a preview with the reason it could not be worked out; one that is over stays as it is. Locks it."""
    preview = LadderPreview.objects.select_for_update().filter(id=preview_id, state__in=OPEN).first()
    if preview:
        _end(preview, PreviewState.FAILED, error, at)
        subject = f"ladder-preview:{preview_id}"
        audit.record(at=at, actor=actor, deed="ladder.preview_failed", subject=subject, reason=error[:300])


def work_out(*, preview_id: int, at: dt.datetime, actor: str) -> dict[str, Any]:
    """Will foretell everybody under a draft and without it, as of now, and return what a preview keeps. Writes nothing.

    Everybody is counted by what the rules can tell apart of him, in one query; the rules are asked once a group.
    """
    preview = queries.get_ladder_preview(preview_id)
    version = queries.get_ladder_version(preview.version_id)
    today = clock.business_date(at)
    begins = max(preview.effective_on, today)
    draft = replace(version.terms, effective_on=begins)
    published = queries.versions_of(version.ladder)
    members = _Everybody.of(published, draft, today)
    policy = points_queries.policies().on(begins)
    tally = members.tally(published, draft, today)
    return {
        **tally.result(policy.points_per_unit),
        "by": actor,
        "today": today.isoformat(),
        "begins": begins.isoformat(),
        "notice_ends": draft.notice_ends.isoformat(),
        "notice_days": draft.notice_days,
        "points_per_unit": str(policy.points_per_unit),
        "redemption_points_per_unit": policy.redemption_points_per_unit,
        "tiers": [
            {"code": tier.code, "names": tier.names, "look": tier.look, "icon": tier.icon} for tier in version.tiers
        ],
        "gone": [
            {"code": tier.code, "names": tier.names, "look": tier.look, "icon": tier.icon}
            for tier in queries.tiers_besides(version.ladder, [one.code for one in version.tiers])
        ],
    }


class _Everybody:
    """Everybody on a ladder in groups that the rules cannot tell apart, with what each group reached in each window."""

    def __init__(
        self,
        groups: Sequence[queries.AlikeRow],
        scale: foretelling.Scale,
        windows: Sequence[tuple[dt.date, bool]],
        today: dt.date,
    ) -> None:
        self.groups, self.scale, self.windows, self.today = groups, scale, windows, today
        self._known: dict[int, rules.Facts] = {}

    @classmethod
    def of(cls, published: Sequence[rules.LadderTerms], draft: rules.LadderTerms, today: dt.date) -> "_Everybody":
        """Will count them. One query."""
        versions = [*published, draft]
        windows = list(dict.fromkeys(_window(terms, today) for terms in versions))
        scale = foretelling.scale_of(versions)
        groups = queries.everybody_alike(
            draft.ladder_id,
            today,
            windows,
            scale,
            uses=frozenset().union(*(terms.uses for terms in versions)),
            by_joining=any(
                terms.start is Start.NEXT_PERIOD and terms.window is Window.MEMBERSHIP_YEAR for terms in versions
            ),
        )
        return cls(groups, scale, windows, today)

    def tally(self, published: Sequence[rules.LadderTerms], draft: rules.LadderTerms, today: dt.date) -> Tally:
        """Will ask the rules once a group, with the draft and without."""
        with_draft, without = futures(published, draft, today)
        tally = Tally()
        for group in self.groups:
            position, own = place_of(group.place, queries.rung_of)
            joined = group.joined_on or dt.date.min
            foretold: list[Foretold] = [
                rules.foretell(position, own, future, self._facts(group.keys), joined)
                for future in (with_draft, without)
            ]
            tally.add(foretold[0], foretold[1], group.members, group.year_spend, group.examples)
        return tally

    def _facts(self, keys: Sequence[int]) -> foretelling.FactsOf:
        def facts(terms: rules.LadderTerms) -> rules.Facts:
            key = keys[self.windows.index(_window(terms, self.today))]
            if key not in self._known:
                self._known[key] = foretelling.facts_of_key(self.scale, key)
            return self._known[key]

        return facts


def futures(published: Sequence[rules.LadderTerms], draft: rules.LadderTerms, today: dt.date) -> tuple[Future, Future]:
    """Will return what is to come with a draft from its date on, and without it."""
    before = Versions((terms.effective_on, terms) for terms in published)
    after = Versions((terms.effective_on, terms) for terms in (*published, draft))
    begins = tuple(terms.effective_on for terms in published if terms.effective_on > today)
    day = draft.effective_on
    return (
        Future(after.on, (*begins, day), today, day, draft),
        Future(before.on, (*begins, day), today, day, published[-1]),
    )


def _window(terms: rules.LadderTerms, today: dt.date) -> tuple[dt.date, bool]:
    """Will return the first date that counts, or of all memberships the least, and whether it is the membership's."""
    return terms.window_start(today), terms.window is Window.MEMBERSHIP_YEAR


def _open(preview_id: int) -> LadderPreview:
    preview = LadderPreview.objects.select_for_update().filter(id=preview_id, state__in=OPEN).first()
    if preview is None:
        raise PreviewOver(f"Preview {preview_id} is over. Nothing was written.")
    return preview


def _end(preview: LadderPreview, state: PreviewState, error: str, at: dt.datetime) -> None:
    preview.state, preview.error, preview.finished_at = state, error[:ERROR_LENGTH_MAX], at
    preview.save()
