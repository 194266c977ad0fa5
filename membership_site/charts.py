"""The site's charts, drawn on the server as SVG: no script, no inline style, colours by class in core.css."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import segno
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from membership_site import formats

# Height of the drawing and what its labels need of it, in pixels; x is in percent, so text keeps its size on a phone.
HEIGHT = 230
ABOVE = 10
BELOW = 26
AXIS_WIDTH = 44

Word = Callable[[float], str]

# Where the words under a track's marks stand: nearer to an end they are set from that end, so that none overlap.
NEAR_START = 0.3
ROOM_FOR_ZERO = 0.35
NEAR_END = 0.62

# The patterns of Code 128 (ISO/IEC 15417) by value: widths of bar, space, bar, ...; the last one stops.
WIDTHS = """
212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132 122231 113222
123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 321221 312212 322112 322211 212123 212321
232121 111323 131123 131321 112313 132113 132311 211313 231113 231311 112133 112331 132131 113123 113321 133121
313121 211331 231131 213113 213311 213131 311123 311321 331121 312113 312311 332111 314111 221411 431111 111224
111422 121124 121421 141122 141221 112214 112412 122114 122411 142112 142211 241211 221114 413111 241112 134111
111242 121142 121241 114212 124112 124211 411212 421112 421211 212141 214121 412121 111143 111341 131141 114113
114311 411113 411311 113141 114131 311141 411131 211412 211214 211232 2331112
"""
CODE_128 = tuple(WIDTHS.split())
START_B, STOP = 104, 106
QUIET = 10
BAR_HEIGHT = 40


@dataclass(frozen=True)
class Mark:
    """A goal on a track: how far along it stands, as a share of one, and its words."""

    share: float
    text: str


@dataclass(frozen=True)
class Scale:
    """What the y axis shows, from `low` to `high` in `step`s."""

    low: float
    high: float
    step: float
    height: int

    def y(self, value: float) -> float:
        """Will return the pixels from the top at which `value` stands."""
        return ABOVE + (self.high - value) / (self.high - self.low) * (self.height - ABOVE - BELOW)

    def ticks(self) -> list[float]:
        """Will return the values that get a line and a label."""
        count = round((self.high - self.low) / self.step)
        return [self.low + k * self.step for k in range(count + 1)]


def bars(
    labels: Sequence[str],
    series: Sequence[Sequence[float]],
    *,
    label: str,
    tips: Sequence[str],
    height: int = HEIGHT,
    word: Word = formats.compact,
    every: int = 2,
) -> SafeString:
    """Will draw bars stacked upwards for positive and downwards for negative values, at most four series.

    `label` says the whole in one sentence; `tips` has a line "label<two spaces>value" per series for each bar.
    """
    scale = _bar_scale(series, len(labels), height)
    slot = 100 / max(len(labels), 1)
    body = [_grid(scale)]
    for i, text in enumerate(labels):
        column = _column([values[i] for values in series], i * slot, slot, scale)
        body.append(_hit(tips[i], i * slot, slot, height, column))
        body.append(_tick(i, text, (i + 0.5) * slot, height, every))
    return _frame(scale, _join(body), "bars", label, lambda value: word(abs(value)))


def lines(
    labels: Sequence[str],
    series: Sequence[Sequence[float]],
    *,
    label: str,
    tips: Sequence[str],
    height: int = HEIGHT,
    word: Word = formats.compact,
    every: int = 2,
    low: float = 0,
    top: float | None = None,
) -> SafeString:
    """Will draw a line per series, at most four, the second dashed; the first is an area if the axis starts at zero.

    A series may be shorter than the labels: it ends early.
    """
    scale = _line_scale(series, low, top, height)
    xs = _line_places(len(labels))
    body = [_grid(scale), _curves(series, xs, scale, with_area=low == 0)]
    for k, values in enumerate(series, 1):
        if values:
            body.append(
                format_html(
                    '<circle class="dot l{}" cx="{}%" cy="{}" r="4"/>',
                    k,
                    _n(xs[len(values) - 1]),
                    _n(scale.y(values[-1])),
                )
            )
    slot = 100 / max(len(labels), 1)
    for i, text in enumerate(labels):
        body.append(_hit(tips[i], xs[i] - slot / 2, slot, height, mark_safe("")))
        body.append(_tick(i, text, xs[i], height, every))
    return _frame(scale, _join(body), "lines", label, word)


def spark(values: Sequence[float], width: int = 96, height: int = 28) -> SafeString:
    """Will draw a small line without axes, hidden from those who listen: the figure beside it says the value."""
    if len(values) < 2:
        return mark_safe("")
    low, high = min(values), max(values)
    span = (high - low) or 1
    step = (width - 4) / (len(values) - 1)
    points = [(2 + i * step, height - 3 - (v - low) / span * (height - 6)) for i, v in enumerate(values)]
    return format_html(
        '<svg class="spark" viewBox="0 0 {} {}" aria-hidden="true"><polyline points="{}"/>'
        '<circle cx="{}" cy="{}" r="2.5"/></svg>',
        width,
        height,
        _points(points),
        _n(points[-1][0]),
        _n(points[-1][1]),
    )


def split(parts: Sequence[tuple[str, float]], classes: str = "split") -> SafeString:
    """Will draw one bar cut into shares, given as (class, share of one); the legend beside it has the words."""
    shown = [(name, share) for name, share in parts if share > 0]
    pieces = []
    x = 0.0
    for i, (name, share) in enumerate(shown):
        gap = 0 if i == len(shown) - 1 else 0.6
        pieces.append(_piece(name, x, max(share * 100 - gap, 0.4)))
        x += share * 100
    return format_html('<svg class="{}" aria-hidden="true">{}</svg>', classes, _join(pieces))


def track(fill: float, *, goals: Sequence[Mark], zero: str, label: str, lasting: float | None = None) -> SafeString:
    """Will draw how far a member is, as a share of one, with one or two goals; the last goal is the end of the track.

    `lasting` is the share that will still count when the earlier goal is decided; what is beyond it is drawn lighter.
    """
    between = goals[:-1]
    notches = _join(
        format_html('<rect class="mk" x="{}%" y="-1" width="2.5" height="16" rx="1.25"/>', _n(mark.share * 100))
        for mark in between
    )
    words = [_mark_text(mark) for mark in between]
    if not between or between[0].share >= ROOM_FOR_ZERO:
        words.insert(0, format_html('<text x="0" y="12">{}</text>', zero))
    words.append(format_html('<text x="100%" y="12" text-anchor="end">{}</text>', goals[-1].text))
    return format_html(
        '<svg class="track" role="img" aria-label="{}"><rect class="t0" y="3" width="100%" height="8" rx="4"/>'
        '<rect class="t2" y="3" width="{}%" height="8" rx="4"/><rect class="t1" y="3" width="{}%" height="8" rx="4"/>'
        '{}</svg><svg class="marks" aria-hidden="true">{}</svg>',
        label,
        _n(min(max(fill, 0), 1) * 100),
        _n(min(max(fill if lasting is None else lasting, 0), 1) * 100),
        notches,
        _join(words),
    )


def qr_code(text: str, *, label: str) -> SafeString:
    """Will draw a QR code that a scanner at the till reads, dark on light in every theme."""
    drawing = segno.make(text, error="m", micro=False).svg_inline(
        border=2, omitsize=True, svgclass=None, lineclass=None, dark="#000", light="#fff"
    )
    return format_html('<div class="qr" role="img" aria-label="{}">{}</div>', label, mark_safe(drawing))  # noqa: S308 - no text of a person is in it


def bar_code(text: str, *, label: str) -> SafeString:
    """Will draw printable ASCII as a bar code (Code 128, set B) with quiet zones, dark on light in every theme."""
    values = [ord(sign) - 32 for sign in text]
    check = (START_B + sum(place * value for place, value in enumerate(values, 1))) % 103
    widths = "".join(CODE_128[value] for value in (START_B, *values, check, STOP))
    x, path = QUIET, []
    for index, width in enumerate(int(sign) for sign in widths):
        if index % 2 == 0:
            path.append(f"M{x} 0h{width}v{BAR_HEIGHT}h-{width}z")
        x += width
    return format_html(
        '<svg class="bar-code" role="img" aria-label="{}" viewBox="0 0 {} {}" preserveAspectRatio="none" '
        'shape-rendering="crispEdges"><path fill="#fff" d="M0 0h{}v{}H0z"/><path fill="#000" d="{}"/></svg>',
        label, x + QUIET, BAR_HEIGHT, x + QUIET, BAR_HEIGHT, "".join(path),
    )  # fmt: skip


# ---- scales


def _nice(rough: float) -> float:
    """Will return the next step a reader counts easily in: 1, 2, 2.5 or 5 times a power of ten."""
    if rough <= 0:
        return 1
    magnitude = 10.0 ** math.floor(math.log10(rough))
    return next(factor * magnitude for factor in (1, 2, 2.5, 5, 10) if rough <= factor * magnitude * (1 + 1e-9))


def _bar_scale(series: Sequence[Sequence[float]], count: int, height: int) -> Scale:
    up = max((sum(max(values[i], 0) for values in series) for i in range(count)), default=0)
    down = max((sum(max(-values[i], 0) for values in series) for i in range(count)), default=0)
    step = _nice((up + down) / 5)
    high = math.ceil(up / step - 1e-9) * step
    low = -math.ceil(down / step - 1e-9) * step
    return Scale(low=low, high=high if high > low else low + step, step=step, height=height)


def _line_scale(series: Sequence[Sequence[float]], low: float, top: float | None, height: int) -> Scale:
    highest = top if top is not None else max((max(values) for values in series if values), default=low)
    step = _nice((highest - low) / 4)
    steps = max(math.ceil((highest - low) / step - 1e-9), 1)
    return Scale(low=low, high=low + steps * step, step=step, height=height)


def _line_places(count: int) -> list[float]:
    """Will return where the points stand, in percent, with half a slot left on both sides for the labels."""
    if count < 2:
        return [50.0] * count
    pad = 50 / count
    return [pad + i * (100 - 2 * pad) / (count - 1) for i in range(count)]


# ---- pieces of a drawing


def _frame(scale: Scale, body: SafeString, kind: str, label: str, word: Word) -> SafeString:
    axis = _join(
        format_html('<text x="36" y="{}" text-anchor="end">{}</text>', _n(scale.y(v) + 4), word(v))
        for v in scale.ticks()
    )
    return format_html(
        '<div class="plot"><svg class="yax" width="{}" height="{}" aria-hidden="true">{}</svg>'
        '<svg class="chart {}" width="100%" height="{}" role="img" aria-label="{}">{}</svg></div>',
        AXIS_WIDTH,
        scale.height,
        axis,
        kind,
        scale.height,
        label,
        body,
    )


def _grid(scale: Scale) -> SafeString:
    """Will draw a line per tick, the one at zero (or the lowest, if zero is not shown) a little stronger."""
    base = 0 if scale.low <= 0 <= scale.high else scale.low
    return _join(
        format_html(
            '<line class="{}" x1="0" x2="100%" y1="{}" y2="{}"/>',
            "axis" if abs(v - base) < scale.step / 1e6 else "grid",
            _n(scale.y(v)),
            _n(scale.y(v)),
        )
        for v in scale.ticks()
    )


def _column(values: Sequence[float], x: float, slot: float, scale: Scale) -> SafeString:
    """Will stack one bar's values from zero, the positive ones upwards and the negative ones downwards."""
    pieces = []
    up = down = 0.0
    for k, value in enumerate(values, 1):
        if value > 0:
            top, bottom, up = scale.y(up + value), scale.y(up) - 1, up + value
        elif value < 0:
            top, bottom, down = scale.y(down) + 1, scale.y(down + value), down + value
        else:
            continue
        pieces.append(
            format_html(
                '<rect class="s{}" x="{}%" y="{}" width="{}%" height="{}" rx="2"/>',
                k,
                _n(x + slot * 0.2),
                _n(top),
                _n(slot * 0.6),
                _n(max(bottom - top, 0.5)),
            )
        )
    return _join(pieces)


def _curves(series: Sequence[Sequence[float]], xs: Sequence[float], scale: Scale, *, with_area: bool) -> SafeString:
    """Will draw the lines in an inner drawing that is stretched to the width without stretching the strokes."""
    plot = scale.height - ABOVE - BELOW
    drawn = []
    for k, values in enumerate(series, 1):
        points = [(x, scale.y(v) - ABOVE) for x, v in zip(xs, values, strict=False)]
        if k == 1 and with_area and points:
            closed = [(xs[0], float(plot)), *points, (points[-1][0], float(plot))]
            drawn.append(format_html('<polygon class="area a1" points="{}"/>', _points(closed)))
        drawn.append(
            format_html(
                '<polyline class="line l{}" vector-effect="non-scaling-stroke" points="{}"/>', k, _points(points)
            )
        )
    return format_html(
        '<svg y="{}" width="100%" height="{}" viewBox="0 0 100 {}" preserveAspectRatio="none">{}</svg>',
        ABOVE,
        plot,
        plot,
        _join(drawn),
    )


def _hit(tip: str, x: float, width: float, height: int, inside: SafeString) -> SafeString:
    """Will draw the strip that shows its words beside the pointer."""
    return format_html(
        '<g class="hit" data-tip="{}"><rect class="hot" x="{}%" y="{}" width="{}%" height="{}"/>{}</g>',
        tip,
        _n(x),
        ABOVE,
        _n(width),
        height - ABOVE - BELOW,
        inside,
    )


def _tick(i: int, text: str, x: float, height: int, every: int) -> SafeString:
    """Will label every n-th place; every other label is optional and left out on a phone."""
    if i % every:
        return mark_safe("")
    optional = " opt" if i % (every * 2) else ""
    return format_html(
        '<text class="tick{}" x="{}%" y="{}" text-anchor="middle">{}</text>', optional, _n(x), height - 6, text
    )


def _piece(name: str, x: float, width: float) -> SafeString:
    return format_html('<rect class="{}" x="{}%" width="{}%" height="100%" rx="2"/>', name, _n(x), _n(width))


def _mark_text(mark: Mark) -> SafeString:
    if mark.share < NEAR_START:
        x, anchor = 0.0, "start"
    elif mark.share > NEAR_END:
        x, anchor = NEAR_END, "end"
    else:
        x, anchor = mark.share, "middle"
    return format_html('<text class="mid" x="{}%" y="12" text-anchor="{}">{}</text>', _n(x * 100), anchor, mark.text)


# ---- leaves


def _n(value: float) -> str:
    """Will return a coordinate with at most two decimals, in every language with a point."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _points(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{_n(x)},{_n(y)}" for x, y in points)


def _join(parts: Iterable[SafeString]) -> SafeString:
    """Will put parts together that were escaped one by one."""
    return mark_safe("".join(parts))  # noqa: S308 - each part was escaped by format_html
