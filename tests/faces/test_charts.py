"""Charts: well-formed, escaped, to scale, without anything the content policy refuses."""

import re
from xml.etree import ElementTree as ET

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from membership_site import charts

LABELS = ["a", "b", "c", "d"]
amounts = st.integers(min_value=-(10**9), max_value=10**9)


def parsed(drawing: str) -> ET.Element:
    """Will return the drawing as a tree; raises where it is not well-formed."""
    return ET.fromstring(f"<root>{drawing}</root>")


def assert_clean(drawing: str) -> None:
    """The policy allows neither of these."""
    assert "style=" not in drawing
    assert "<script" not in drawing
    assert "nan" not in drawing.lower().replace("<b>", "")


@given(st.lists(st.lists(amounts, min_size=4, max_size=4), min_size=1, max_size=4))
def test_bars_of_any_values_are_drawn(series: list[list[int]]) -> None:
    """Bars stay inside the drawing, whatever the values, all noughts included."""
    with translation.override("en"):
        drawing = charts.bars(LABELS, series, label="Points", tips=LABELS)
    assert_clean(drawing)
    for bar in parsed(drawing).iter("rect"):
        assert -0.1 <= float(bar.get("y", "0")) <= charts.HEIGHT
        assert 0 < float(bar.get("height", "0")) <= charts.HEIGHT


@given(st.lists(st.floats(min_value=0, max_value=1), min_size=1, max_size=30))
def test_lines_of_any_length_are_drawn(values: list[float]) -> None:
    """One point is a point, many are a line; every place has its tip."""
    words = [str(i) for i in range(len(values))]
    drawing = charts.lines(words, [values], label="Share", tips=words)
    assert_clean(drawing)
    assert len([g for g in parsed(drawing).iter("g") if g.get("class") == "hit"]) == len(values)


def test_a_code_is_drawn_without_styles() -> None:
    """It says what it is to those who cannot scan it."""
    drawing = charts.qr_code("M100000017", label="Member number")
    assert_clean(drawing)
    assert 'role="img" aria-label="Member number"' in drawing
    assert len(list(parsed(drawing).iter("{http://www.w3.org/2000/svg}path"))) + drawing.count("<path") > 0


def test_nothing_to_draw_is_no_fault() -> None:
    """A new programme has no weeks yet."""
    parsed(charts.bars([], [[]], label="Points", tips=[]))
    parsed(charts.lines([], [[]], label="Share", tips=[]))
    assert charts.spark([]) == charts.spark([1]) == ""
    parsed(charts.split([]))


def test_words_are_escaped() -> None:
    """A product may be called <b>."""
    drawing = charts.bars(["<b>"], [[1]], label='"<b>"', tips=["<b>  1"])
    assert "<b>" not in drawing
    parsed(drawing)


def test_a_bar_is_as_high_as_its_value() -> None:
    """Of two bars, one twice the other, the higher is drawn twice as high."""
    tree = parsed(charts.bars(["a", "b"], [[100, 50]], label="", tips=["", ""]))
    one, other = [float(r.get("height", "0")) + 1 for r in tree.iter("rect") if r.get("class") == "s1"]
    assert one == pytest.approx(2 * other, rel=0.01)


def test_a_split_bar_is_cut_in_proportion() -> None:
    """Shares of nought are left out; the last ends at the end."""
    tree = parsed(charts.split([("soon", 0.25), ("later", 0), ("rest", 0.75)]))
    pieces = list(tree.iter("rect"))
    assert [piece.get("class") for piece in pieces] == ["soon", "rest"]
    last = pieces[-1]
    assert float(last.get("x", "0")[:-1]) + float(last.get("width", "0")[:-1]) == pytest.approx(100)


def test_a_track_never_runs_over_its_end() -> None:
    """More than enough fills the bar and no more; the words of a near goal do not fall out of the drawing."""
    goals = [charts.Mark(0.06, "Keep Silver"), charts.Mark(1, "Gold")]
    tree = parsed(charts.track(3.5, goals=goals, zero="0", label="far"))
    fill = next(r for r in tree.iter("rect") if r.get("class") == "t1")
    assert fill.get("width") == "100%"
    keep = next(t for t in tree.iter("text") if t.text == "Keep Silver")
    assert (keep.get("x"), keep.get("text-anchor")) == ("0%", "start")


def test_a_bar_code_is_read_back_by_its_own_table():
    """Code 128 B: start, signs, check sign and stop, each of eleven modules, between quiet zones."""
    drawing = str(charts.bar_code("M100000018", label="Member <M1>"))
    assert "&lt;M1&gt;" in drawing
    bars = [(int(x), int(w)) for x, w in re.findall(r"M(\d+) 0h(\d+)v", drawing)[1:]]
    total = int(re.search(r'viewBox="0 0 (\d+) ', drawing)[1])
    assert bars[0][0] == charts.QUIET and total == (len("M100000018") + 2) * 11 + 13 + 2 * charts.QUIET
    widths = []
    for (x, w), after in zip(bars, [*bars[1:], (total - charts.QUIET, 0)], strict=True):
        widths += [w, after[0] - x - w]
    signs = "".join(map(str, widths[:-1]))
    values = [charts.CODE_128.index(signs[i : i + 6]) for i in range(0, len(signs) - 7, 6)]
    assert signs.endswith(charts.CODE_128[charts.STOP]) and values[0] == charts.START_B
    assert "".join(chr(value + 32) for value in values[1:-1]) == "M100000018"
    assert values[-1] == (104 + sum(i * v for i, v in enumerate(values[1:-1], 1))) % 103
