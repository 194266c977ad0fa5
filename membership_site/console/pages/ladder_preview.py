"""What a draft of a ladder would make of everybody: bars, moves, notices, cost; and later, what came of it."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from kit import clock, locks
from members import queries as members_queries
from membership_site import charts, formats
from membership_site.console.pages.ladder import name_of
from membership_site.console.pages.members import member_url
from membership_site.console.pages.words import Badge, sentences
from membership_site.flows.ladder_preview import lock_of
from points.enums import PreviewState
from points.rules.previews import worth
from tiers import queries as tiers_queries
from tiers.queries import LadderPreviewView, LadderVersionView
from tiers.rules.previews import moved_by

WATCHED = dt.timedelta(seconds=45)
"""A preview that nobody works on is watched for so long after it was asked for; then it counts as cut off."""

Result = Mapping[str, Any]


@dataclass(frozen=True)
class Figure:
    """A key figure; `means` says against what."""

    label: str
    value: str
    means: str


@dataclass(frozen=True)
class Stage:
    """Everybody by tier at one moment, as a bar."""

    label: str
    bar: str


@dataclass(frozen=True)
class TierRow:
    """How many hold a tier today, on the day of effect, once every validity has ended, and then without the draft."""

    tier: Badge
    is_gone: bool
    now: int
    soon: int
    later: int
    without: int

    @property
    def difference(self) -> int:
        """What the draft makes of it in the end."""
        return self.later - self.without


@dataclass(frozen=True)
class Cell:
    """Those who go from one tier to another; `tone` says up, down or neither."""

    members: int
    tone: str


@dataclass(frozen=True)
class MatrixRow:
    """Where those go who hold a tier today."""

    tier: Badge
    cells: tuple[Cell, ...]
    members: int


@dataclass(frozen=True)
class Matrix:
    """From the tiers of today to those of the draft."""

    heads: tuple[Badge, ...]
    rows: tuple[MatrixRow, ...]


@dataclass(frozen=True)
class Example:
    """A member by name."""

    number: str
    name: str
    url: str


@dataclass(frozen=True)
class MoveRow:
    """A move from one tier to another: how many, when, what it costs, and who."""

    was: Badge
    tier: Badge
    direction: int
    members: int
    soon: int
    anyway: int
    when: str
    points: int
    examples: tuple[Example, ...]


@dataclass(frozen=True)
class NoticeRow:
    """Those whose fall comes in a month at the earliest, and how many of them would fall without the draft too."""

    month: str
    members: int
    anyway: int


@dataclass(frozen=True)
class SinceRow:
    """A move as it was foretold to have happened by now, and as it has."""

    was: Badge
    tier: Badge
    direction: int
    foretold: int
    happened: int

    @property
    def difference(self) -> int:
        """How many more it were."""
        return self.happened - self.foretold


@dataclass(frozen=True)
class Since:
    """What was foretold beside what has happened since a version began."""

    sentence: str
    figures: tuple[Figure, ...]
    rows: tuple[SinceRow, ...]


@dataclass(frozen=True)
class Outcome:
    """A finished preview as pages show it."""

    headline: str
    figures: tuple[Figure, ...]
    stages: tuple[Stage, ...]
    tiers: tuple[TierRow, ...]
    matrix_soon: Matrix
    matrix: Matrix
    ups: tuple[MoveRow, ...]
    downs: tuple[MoveRow, ...]
    notices: tuple[NoticeRow, ...]
    notice: str
    cost: str
    as_of: dt.date
    begins: dt.date
    csv_url: str


@dataclass(frozen=True)
class PreviewCard:
    """The latest preview in short, for the pages of the draft; `headline` is empty while there is no outcome."""

    url: str
    headline: str
    figures: tuple[Figure, ...]
    stages: tuple[Stage, ...]
    is_stale: bool
    is_open: bool
    is_done: bool


@dataclass(frozen=True)
class PreviewPage:
    """The page; `outcome` is there once a preview is done. `is_cut_off` where nobody works on it any more."""

    version_id: int
    ladder: str
    name: str
    number: int
    effective_on: dt.date
    is_draft: bool
    is_open: bool
    is_cut_off: bool
    is_watched: bool
    is_stale: bool
    error: str
    outcome: Outcome | None
    since: Since | None
    is_too_soon: bool


def preview_page(version: LadderVersionView, at: dt.datetime, *, names_members: bool) -> PreviewPage:
    """Will assemble the page of a version's latest preview, with names where the reader may see members.

    At most eleven queries.
    """
    preview = tiers_queries.find_ladder_preview(version.id)
    is_open = preview is not None and preview.is_open
    worked_on = bool(is_open and locks.held([lock_of(version.id)]))
    fresh = preview is not None and at - preview.requested_at < WATCHED
    done = preview if preview and preview.state is PreviewState.DONE else None
    is_draft = version.published_at is None
    return PreviewPage(
        version_id=version.id,
        ladder=version.ladder,
        name=name_of(version.ladder),
        number=version.number,
        effective_on=version.effective_on,
        is_draft=is_draft,
        is_open=is_open,
        is_cut_off=is_open and not worked_on and not fresh,
        is_watched=is_open and (worked_on or fresh),
        is_stale=bool(preview and is_draft and preview.is_stale),
        error=preview.error if preview and preview.state is PreviewState.FAILED else "",
        outcome=_outcome(done, version, names_members) if done else None,
        since=_since(done, version, at) if done and not is_draft else None,
        is_too_soon=not is_draft and clock.last_finished_date(at) < version.effective_on,
    )


def preview_card(version: LadderVersionView) -> PreviewCard | None:
    """Will return the latest preview of a version in short, or None where none was asked for. Four queries."""
    preview = tiers_queries.find_ladder_preview(version.id)
    if preview is None:
        return None
    done = preview.state is PreviewState.DONE
    return PreviewCard(
        url=_url("ladder_preview", version),
        headline=_headline(preview.result) if done else "",
        figures=_figures(preview.result) if done else (),
        stages=_stages(preview.result) if done else (),
        is_stale=preview.is_stale,
        is_open=preview.is_open,
        is_done=done,
    )


# ---- an outcome in words, bars and tables


def _outcome(preview: LadderPreviewView, version: LadderVersionView, names_members: bool) -> Outcome:
    """Will put a result into words. At most one query."""
    result = preview.result
    moves = [move for move in result["moves"] if move["direction"]]
    ids = [member for move in moves for member in move["examples"]]
    names = members_queries.names_of(ids) if names_members else {}
    rows = [_move(move, badges_of(result), names) for move in moves]
    notices = dt.date.fromisoformat(result["notice_ends"])
    return Outcome(
        headline=_headline(result),
        figures=_figures(result),
        stages=_stages(result),
        tiers=_tiers(result),
        matrix_soon=_matrix(result, result["cells_soon"]),
        matrix=_matrix(result, [(move["was"], move["tier"], move["members"]) for move in result["moves"]]),
        ups=tuple(row for row in rows if row.direction > 0),
        downs=tuple(row for row in rows if row.direction < 0),
        notices=_notices(result),
        notice=_notice(result, notices),
        cost=_cost(result),
        as_of=dt.date.fromisoformat(result["today"]),
        begins=dt.date.fromisoformat(result["begins"]),
        csv_url=_url("ladder_preview_csv", version),
    )


def badges_of(result: Result) -> dict[str, Badge]:
    """Will return the tiers of a result in the reader's language: the draft's, lowest first, then what is gone."""
    language = get_language() or "en"
    return {
        tier["code"]: Badge(
            tier["names"].get(language) or tier["names"].get("en") or tier["code"], tier["look"], tier["icon"]
        )
        for tier in (*result["tiers"], *result["gone"])
    }


def _sum(result: Result, direction: int, what: str = "members") -> int:
    return sum(int(move[what]) for move in result["moves"] if move["direction"] == direction)


def _headline(result: Result) -> str:
    """What the draft would do, with numbers and dates; apart from it what comes without the draft too."""
    up_too, down_too = _sum(result, 1, "anyway"), _sum(result, -1, "anyway")
    up, down = _sum(result, 1) - up_too, _sum(result, -1) - down_too
    begins = formats.cal(dt.date.fromisoformat(result["begins"]))
    lifts = ngettext(
        "The draft lifts %(n)s member, from %(date)s on.", "The draft lifts %(n)s members, from %(date)s on.", up
    )
    said = [lifts % {"n": formats.num(up), "date": begins} if up else _("The draft lifts nobody.")]
    own = [date for date, members, anyway in result["falls"] if members > anyway]
    if own:
        falls = ngettext(
            "It lets %(n)s fall at the end of validity, on %(date)s at the earliest.",
            "It lets %(n)s fall at the end of their validity, the first on %(date)s.",
            down,
        )
        said.append(falls % {"n": formats.num(down), "date": formats.cal(dt.date.fromisoformat(min(own)))})
    else:
        said.append(_("It lets nobody fall."))
    if up_too or down_too:
        words = {"up": formats.num(up_too), "down": formats.num(down_too)}
        said.append(_("With it or without it, %(up)s rise and %(down)s fall.") % words)
    return sentences(*said)


def _figures(result: Result) -> tuple[Figure, ...]:
    up, down, stays = _sum(result, 1), _sum(result, -1), _sum(result, 0)
    up_too, down_too = _sum(result, 1, "anyway"), _sum(result, -1, "anyway")
    extra = int(result["points"]["later"]) - int(result["points"]["without"])
    too = _("%(n)s more do without it too")
    share = formats.pct(stays / result["members"] if result["members"] else 0)
    return (
        Figure(_("Rise by the draft"), formats.num(up - up_too), too % {"n": formats.num(up_too)}),
        Figure(_("Fall by the draft"), formats.num(down - down_too), too % {"n": formats.num(down_too)}),
        Figure(_("Stay where they are"), formats.num(stays), _("%(share)s of all") % {"share": share}),
        Figure(_("Told of a fall"), formats.num(down), _("before it comes")),
        Figure(_("Points a year"), formats.signed(extra), _("worth %(money)s") % {"money": _money(result, extra)}),
    )


def _money(result: Result, count: int) -> str:
    amount = Decimal(worth(abs(count), int(result["redemption_points_per_unit"])))
    return (formats.MINUS if count < 0 else "") + formats.money(amount)


def _stages(result: Result) -> tuple[Stage, ...]:
    tiers = badges_of(result)
    labels = {
        "now": _("Today"),
        "soon": _("On the day of effect"),
        "later": _("Once every validity has ended"),
        "without": _("Then, without the draft"),
    }
    total = max(int(result["members"]), 1)
    return tuple(
        Stage(
            label,
            charts.split([(f"look-{tier.look}", result[stage].get(code, 0) / total) for code, tier in tiers.items()]),
        )
        for stage, label in labels.items()
    )


def _tiers(result: Result) -> tuple[TierRow, ...]:
    there = {tier["code"] for tier in result["tiers"]}
    rows = []
    for code, tier in badges_of(result).items():
        counts = [int(result[stage].get(code, 0)) for stage in ("now", "soon", "later", "without")]
        if code in there or any(counts):
            rows.append(TierRow(tier, code not in there, *counts))
    return tuple(rows)


def _directions(result: Result) -> dict[tuple[str, str], int]:
    """Which way most go who go from one tier to another: the same two may be a rise to one and none to another."""
    moves = sorted(result["moves"], key=lambda move: int(move["members"]))
    return {(move["was"], move["tier"]): int(move["direction"]) for move in moves}


def _matrix(result: Result, cells: Sequence[Sequence[Any]]) -> Matrix:
    tiers = badges_of(result)
    counted: Counter[tuple[str, str]] = Counter()
    for was, tier, members in cells:
        counted[was, tier] += int(members)
    place = {code: number for number, code in enumerate(tiers)}
    directions = _directions(result)
    heads = [code for code in tiers if any(tier == code for _was, tier in counted)]
    rows = []
    for was, shown in tiers.items():
        if not any(one == was for one, _tier in counted):
            continue
        line = []
        for code in heads:
            members = counted.get((was, code), 0)
            direction = directions.get((was, code), place[code] - place[was] if was != code else 0)
            tone = "" if not members or not direction else "up" if direction > 0 else "down"
            line.append(Cell(members, tone))
        rows.append(MatrixRow(shown, tuple(line), sum(cell.members for cell in line)))
    return Matrix(tuple(tiers[code] for code in heads), tuple(rows))


def _move(move: Mapping[str, Any], tiers: Mapping[str, Badge], names: Mapping[int, tuple[str, str]]) -> MoveRow:
    dates = [dt.date.fromisoformat(date) for date in move["dates"]]
    first, last = min(dates), max(dates)
    when = formats.cal(first)
    if last > first:
        when = _("%(first)s to %(last)s") % {"first": formats.cal(first), "last": formats.cal(last)}
    return MoveRow(
        was=_badge(tiers, move["was"]),
        tier=_badge(tiers, move["tier"]),
        direction=int(move["direction"]),
        members=int(move["members"]),
        soon=int(move["soon"]),
        anyway=int(move["anyway"]),
        when=when,
        points=int(move["points"]),
        examples=tuple(
            Example(names[member][0], names[member][1] or names[member][0], member_url(names[member][0]))
            for member in move["examples"]
            if member in names
        ),
    )


def _badge(tiers: Mapping[str, Badge], code: str) -> Badge:
    return tiers.get(code) or Badge(code, "graphite", "layers")


def _notices(result: Result) -> tuple[NoticeRow, ...]:
    months: Counter[str] = Counter()
    anyway: Counter[str] = Counter()
    for date, members, too in result["falls"]:
        months[date[:7]] += members
        anyway[date[:7]] += too
    return tuple(
        NoticeRow(formats.cal(dt.date.fromisoformat(f"{month}-01"), "yMMM"), members, anyway[month])
        for month, members in sorted(months.items())
    )


def _notice(result: Result, ends: dt.date) -> str:
    if not result["notice_days"]:
        return _("The draft has no notice: from its first day on it may let members fall whose tier ends.")
    words = {"date": formats.cal(ends)}
    return _("Nobody falls by the draft before %(date)s; until then the version that was promised decides.") % words


def _cost(result: Result) -> str:
    sums = {name: int(count) for name, count in result["points"].items()}
    words = {
        "soon": formats.signed(sums["soon"]),
        "later": formats.signed(sums["later"]),
        "without": formats.signed(sums["without"]),
    }
    return (
        _(
            "In points a year: %(soon)s from the day of effect on, %(later)s once every validity has ended; "
            "without the draft it would be %(without)s then."
        )
        % words
    )


# ---- what came of it


def _since(preview: LadderPreviewView, version: LadderVersionView, at: dt.datetime) -> Since | None:
    """Will put what was foretold beside what has happened up to the last finished date. Two queries."""
    last, result = clock.last_finished_date(at), preview.result
    eve = version.effective_on - dt.timedelta(days=1)
    if last < version.effective_on:
        return None
    late = version.effective_on - dt.date.fromisoformat(result["begins"])
    foretold: Counter[tuple[str, str]] = Counter()
    for move in result["moves"]:
        if move["direction"] and moved_by(move, last - late):
            foretold[move["was"], move["tier"]] += moved_by(move, last - late)
    directions = _directions(result)
    happened: Counter[tuple[str, str]] = Counter()
    for moved in tiers_queries.ladder_migration(version.ladder, eve, last):
        if moved.was is not None and moved.was != moved.tier:
            happened[moved.was, moved.tier] += moved.members
            directions.setdefault((moved.was, moved.tier), moved.direction)
    tiers = badges_of(result)
    rows = [
        SinceRow(_badge(tiers, was), _badge(tiers, tier), directions[was, tier], foretold.get((was, tier), 0), count)
        for was, tier in sorted({*foretold, *happened}, key=lambda pair: -directions[pair])
        for count in (happened.get((was, tier), 0),)
    ]
    words = {"first": formats.cal(version.effective_on), "last": formats.cal(last)}
    return Since(
        _("From %(first)s to the end of %(last)s, against the tiers held the evening before.") % words,
        tuple(_since_figure(rows, direction) for direction in (1, -1)),
        tuple(rows),
    )


def _since_figure(rows: Sequence[SinceRow], direction: int) -> Figure:
    happened = sum(row.happened for row in rows if row.direction * direction > 0)
    foretold = sum(row.foretold for row in rows if row.direction * direction > 0)
    label = _("Moved up") if direction > 0 else _("Moved down")
    return Figure(label, formats.num(happened), _("%(n)s were foretold by now") % {"n": formats.num(foretold)})


# ---- the table to take away


def csv_rows(version: LadderVersionView) -> list[list[object]] | None:
    """Will return the latest finished preview as rows for a file; None while none is done. Four queries."""
    preview = tiers_queries.find_ladder_preview(version.id)
    if preview is None or preview.state is not PreviewState.DONE:
        return None
    head: list[object] = [
        _("Table"), _("From tier"), _("To tier"), _("Members"), _("On the day of effect"), _("Without the draft too"),
        _("Points a year"),
    ]  # fmt: skip
    return [head, *_rows(preview.result)]


def _rows(result: Result) -> Iterator[list[object]]:
    for move in result["moves"]:
        counts = (move["members"], move["soon"], move["anyway"], move["points"])
        yield [_("Moves"), move["was"], move["tier"], *counts]
    for date, members, anyway in result["falls"]:
        yield [_("Falls"), date, "", members, "", anyway, ""]


def _url(name: str, version: LadderVersionView) -> str:
    return reverse(f"console:{name}", args=[version.ladder, version.number])
