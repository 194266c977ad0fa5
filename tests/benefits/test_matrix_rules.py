"""The matrix's rules: cells, periods, draws, what is wrong with a matrix and what a draft takes away."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benefits.enums import BenefitKind, Family, Occasion, Per
from benefits.kinds import KINDS, RULES
from benefits.rules import changes, draws, lint, matrix, periods
from benefits.rules.cells import Known, ThingKind, judge
from benefits.rules.coupons import BadTerms, terms_from
from benefits.rules.matrix import matrix_from_terms
from benefits.rules.periods import Window
from benefits.wording.words import Words, tenths
from membership_site import formats
from membership_site.flows.starter import COUPONS, MATRIX_TERMS
from points.enums import Severity, Verdict
from tests.benefits.matrices import ALL, row

D = dt.date
LADDERS = {"main": ALL}
KNOWN = Known(
    coupons={code: terms_from(coupon["terms"]) for code, coupon in COUPONS.items()},
    items={"monthly-gift": Decimal(0), "cream": Decimal(80)},
    pools={"cinema": Decimal(40)},
)


def read(*rows):
    return matrix_from_terms({"benefits": list(rows)}, RULES)


# ---- cells and kinds


FULL = {
    "coupon": {"coupon": "ten", "count": 2},
    "coupon_pack": {"coupons": {"ten": 2, "five": 1}},
    "birthday_gift": {"coupon": "ten", "item": "cream"},
    "gift": {"item": "cream"},
    "partner": {"pool": "cinema"},
    "surprise": {"winners": 3, "item": "cream"},
    "trial": {"item": "cream", "times": 1, "seats": 9},
    "free_shipping": {"times": 3},
    "service": {"times": 2, "booking": True},
    "event": {"seats": 20, "times": 1},
    "early_access": {"hours": 24},
    "member_day": {"days": [8, 18], "percent": "5", "cap": "30"},
}
SAID = {
    "coupon": "2 × ten",
    "coupon_pack": "five, 2 × ten",
    "birthday_gift": "ten, cream",
    "gift": "cream",
    "partner": "cinema",
    "surprise": "3 members win: cream",
    "trial": "cream, 9 places in all",
    "free_shipping": "3 times",
    "service": "2 times",
    "event": "1 time, 20 places in all",
    "early_access": "24 hours earlier",
    "member_day": "5% off on day 8 and 18 of the month, up to CN¥30",
    "member_price": "Included",
    "member_goods": "Included",
    "priority_dispatch": "Included",
    "fast_refund": "Included",
    "points_multiplier": "×3",
}


@pytest.mark.parametrize("kind", list(BenefitKind))
def test_every_kind_reads_its_cells_refuses_others_and_says_them(kind):
    stored = FULL.get(kind, {})
    cell = RULES[kind].read(stored)
    words = Words(formats, multipliers={"gold": Decimal(3)})
    assert KINDS[kind].says(cell, words, "gold") == SAID[kind]
    assert KINDS[kind].name()
    assert judge(RULES[kind].fields, cell, cell) is Verdict.SAME
    with pytest.raises(BadTerms, match="no such setting"):
        RULES[kind].read({**stored, "colour": "red"})
    issued = RULES[kind].family is Family.ISSUED
    assert bool(cell.things()) is issued
    assert bool(RULES[kind].occasions) is (issued and kind is not BenefitKind.TRIAL)


BAD_CELLS = [
    ("coupon", {}, "coupon"),
    ("coupon", {"coupon": "ten", "count": 0}, "count"),
    ("coupon_pack", {"coupons": ["ten"]}, "coupons"),
    ("birthday_gift", {}, "coupon"),
    ("surprise", {"winners": 3}, "coupon"),
    ("coupon", {"coupon": "ten", "count": 21}, "count"),
    ("coupon_pack", {"coupons": {"ten": 21}}, "coupons"),
    ("surprise", {"item": "cream"}, "winners"),
    ("surprise", {"item": "cream", "winners": 1, "percent": 5}, "winners"),
    ("free_shipping", {"times": "often"}, "times"),
    ("free_shipping", {"times": True}, "times"),
    ("early_access", {}, "hours"),
    ("member_day", {"days": [32], "percent": 5}, "days"),
    ("member_day", {"days": [8], "percent": 101}, "percent"),
    ("member_day", {"days": [8], "percent": 5, "cap": "-1"}, "cap"),
    ("member_day", {"days": [8], "percent": "NaN"}, "percent"),
]


@pytest.mark.parametrize(("kind", "cell", "field"), BAD_CELLS)
def test_cells_that_cannot_be_read_name_the_field(kind, cell, field):
    with pytest.raises(BadTerms) as refused:
        RULES[BenefitKind(kind)].read(cell)
    assert refused.value.field == field


def test_what_a_cell_gives():
    cell = RULES[BenefitKind.COUPON_PACK].read(FULL["coupon_pack"])
    assert [(thing.kind, thing.code, thing.count) for thing in cell.things()] == [
        (ThingKind.COUPON, "five", 1),
        (ThingKind.COUPON, "ten", 2),
    ]
    event = RULES[BenefitKind.EVENT].read(FULL["event"])
    assert (event.quota(), event.places(), event.is_booked()) == (1, 20, True)
    share = RULES[BenefitKind.SURPRISE].read({"percent": "10", "coupon": "ten"})
    assert [share.draws(members) for members in (0, 1, 10, 11)] == [0, 1, 1, 2]
    few = RULES[BenefitKind.SURPRISE].read({"winners": 3, "coupon": "ten"})
    assert [few.draws(members) for members in (0, 2, 9)] == [0, 2, 3]


JUDGED = [
    ("free_shipping", {"times": 3}, {}, Verdict.BETTER),
    ("free_shipping", {}, {"times": 3}, Verdict.WORSE),
    ("free_shipping", {"times": 3}, {"times": 2}, Verdict.WORSE),
    ("early_access", {"hours": 24}, {"hours": 48}, Verdict.BETTER),
    ("member_day", {"days": [8], "percent": 5}, {"days": [8, 18], "percent": 5}, Verdict.BETTER),
    ("member_day", {"days": [8], "percent": 5}, {"days": [9, 18], "percent": 6}, Verdict.WORSE),
    ("coupon", {"coupon": "monthly"}, {"coupon": "monthly", "count": 2}, Verdict.BETTER),
    ("coupon", {"coupon": "monthly"}, {"coupon": "quarterly"}, Verdict.BETTER),
    ("coupon", {"coupon": "quarterly"}, {"coupon": "monthly"}, Verdict.WORSE),
    ("coupon", {"coupon": "monthly"}, {"coupon": "newcomer"}, Verdict.WORSE),
    ("coupon", {"coupon": "monthly"}, {"coupon": "unknown"}, Verdict.WORSE),
    ("gift", {"item": "monthly-gift"}, {"item": "cream"}, Verdict.BETTER),
    ("gift", {"item": "cream"}, {"item": "monthly-gift"}, Verdict.WORSE),
    ("birthday_gift", {"coupon": "birthday"}, {"coupon": "birthday", "item": "cream"}, Verdict.BETTER),
    ("birthday_gift", {"coupon": "birthday"}, {"item": "cream"}, Verdict.WORSE),
    ("coupon_pack", {"coupons": {"monthly": 1}}, {"coupons": {"monthly": 2, "quarterly": 1}}, Verdict.BETTER),
    ("coupon_pack", {"coupons": {"monthly": 1}}, {"coupons": {"quarterly": 5}}, Verdict.WORSE),
]


@pytest.mark.parametrize(("kind", "was", "becomes", "verdict"), JUDGED)
def test_a_cell_that_gives_less_is_a_loss(kind, was, becomes, verdict):
    rules = RULES[BenefitKind(kind)]
    assert judge(rules.fields, rules.read(was), rules.read(becomes), KNOWN) is verdict


def test_a_discount_as_chinese_says_it():
    assert [tenths(Decimal(percent)) for percent in ("20", "15", "5", "50", "12.5")] == ["8", "85", "95", "5", "87.5"]


# ---- the matrix


def test_cells_are_those_of_the_tier_else_of_the_rest_and_none_where_there_is_none():
    one = read(row("ship", "free_shipping", {"*": {}, "gold": {"times": 5}, "silver": None})).benefits[0]
    assert one.cell_of("gold").quota() == 5
    assert one.cell_of("member") is not None and one.cell_of("silver") is None
    off = read(row("ship", "free_shipping", {"*": {}}, is_on=False)).benefits[0]
    assert off.cell_of("gold") is None


BAD_ROWS = [
    ({"code": "Not Good"}, "code"),
    ({"kind": "miracle"}, "kind"),
    ({"names": {"en": "Only one"}}, "names"),
    ({"says": {"fr": "Bonjour"}}, "says"),
    ({"occasion": "full_moon"}, "occasion"),
    ({"window": {"before": 100, "after": 100}}, "window"),
    ({"window": {"before": -1}}, "window"),
    ({"per": "week"}, "per"),
    ({"value": "much"}, "value"),
    ({"cost": "-1"}, "cost"),
    ({"colour": "red"}, "colour"),
]


@pytest.mark.parametrize(("changed", "field"), BAD_ROWS)
def test_rows_that_cannot_be_read_name_the_field(changed, field):
    with pytest.raises(BadTerms) as refused:
        read({**row("ship", "free_shipping", {}), **changed})
    assert refused.value.field == field


def test_a_code_stands_once():
    with pytest.raises(BadTerms, match="two benefits"):
        read(row("ship", "free_shipping", {}), row("ship", "service", {}))


def test_rows_are_written_moved_and_named():
    terms = {"benefits": [row("a", "service", {}), row("b", "service", {}), row("c", "service", {})]}

    def order(changed):
        return [one["code"] for one in changed["benefits"]]

    assert order(matrix.with_row_moved(terms, "c", -1)) == ["a", "c", "b"]
    assert order(matrix.with_row_moved(terms, "a", 9)) == ["b", "c", "a"]
    assert order(matrix.without_row(terms, "b")) == ["a", "c"]
    assert matrix.with_cell(terms, "a", "gold", None)["benefits"][0]["cells"] == {"gold": None}
    assert matrix.free_code("Free shipping!", ["free-shipping"]) == "free-shipping-2"
    assert matrix.free_code("免运费", []) == "benefit"
    with pytest.raises(matrix.NoSuchBenefit):
        matrix.row_of(terms, "d")


# ---- periods


@pytest.mark.parametrize(
    ("per", "date", "key", "first", "last"),
    [
        (Per.MONTH, D(2028, 2, 29), "2028-02", D(2028, 2, 1), D(2028, 2, 29)),
        (Per.QUARTER, D(2026, 11, 27), "2026Q4", D(2026, 10, 1), D(2026, 12, 31)),
        (Per.QUARTER, D(2026, 3, 31), "2026Q1", D(2026, 1, 1), D(2026, 3, 31)),
        (Per.YEAR, D(2026, 1, 1), "2026", D(2026, 1, 1), D(2026, 12, 31)),
        (Per.EVER, D(2026, 1, 1), "ever", D(1970, 1, 1), None),
    ],
)
def test_periods_of_the_calendar(per, date, key, first, last):
    assert periods.period_of(per, date) == periods.Period(key, first, last)


FORTNIGHT = Window(15, 15)
BIRTHDAYS = [
    (D(1990, 3, 18), D(2026, 3, 3), FORTNIGHT, "birthday:2026"),
    (D(1990, 3, 19), D(2026, 3, 3), FORTNIGHT, None),
    (D(1990, 2, 16), D(2026, 3, 3), FORTNIGHT, "birthday:2026"),
    (D(1990, 2, 15), D(2026, 3, 3), FORTNIGHT, None),
    (D(1990, 1, 5), D(2026, 12, 25), FORTNIGHT, "birthday:2027"),
    (D(1990, 12, 25), D(2027, 1, 5), FORTNIGHT, "birthday:2026"),
    (D(1992, 2, 29), D(2026, 2, 28), Window(), "birthday:2026"),
    (D(1992, 2, 29), D(2026, 3, 1), Window(), None),
    (D(1992, 2, 29), D(2028, 2, 28), Window(), None),
    (D(1992, 2, 29), D(2028, 2, 29), Window(), "birthday:2028"),
    (D(2026, 3, 3), D(2026, 3, 3), FORTNIGHT, None),
]


@pytest.mark.parametrize(("born", "on", "window", "key"), BIRTHDAYS)
def test_a_birthday_comes_round_once_a_year(born, on, window, key):
    period = periods.yearly_period(Occasion.BIRTHDAY, born, window, on)
    assert (period and period.key) == key


@settings(max_examples=200, deadline=None)
@given(
    st.dates(D(1930, 1, 1), D(2020, 12, 31)),
    st.dates(D(2021, 1, 1), D(2040, 12, 31)),
    st.integers(0, 60),
    st.integers(0, 60),
)
def test_whom_the_night_finds_is_whom_the_rule_finds(born, on, before, after):
    window = Window(before, after)
    found = periods.days_due(window, on).get(f"{born:%m%d}")
    one = periods.yearly_period(Occasion.BIRTHDAY, born, window, on)
    assert (found and periods.celebrated(Occasion.BIRTHDAY, found, window)) == one


# ---- draws


@settings(max_examples=50, deadline=None)
@given(st.lists(st.from_regex(r"\AM[0-9]{1,6}\Z"), unique=True, max_size=30), st.integers(0, 40), st.text(max_size=9))
def test_anybody_can_draw_again(numbers, winners, seed):
    won = draws.draw(seed, numbers, winners)
    assert won == draws.draw(seed, list(reversed(numbers)), winners)
    assert len(won) == min(winners, len(numbers)) and set(won) <= set(numbers)
    assert won == draws.draw(seed, numbers, winners + 1)[:winners]


def test_a_draw_by_hand():
    """What docs say can be done with sha256sum."""
    assert draws.draw("seed", ["M1", "M2", "M3"], 1) == ("M2",)
    assert draws.digest_of(["M1", "M2"]).startswith("79adbcf6")


# ---- lint and changes


def found(*rows, known=KNOWN):
    return [(f.severity, f.code, f.benefit, f.tier) for f in lint.lint(read(*rows), LADDERS, known)]


def test_the_starter_has_nothing_wrong():
    assert lint.lint(matrix_from_terms(MATRIX_TERMS, RULES), LADDERS, KNOWN) == []


ERROR, WARNING = Severity.ERROR, Severity.WARNING
MONTHLY = {"occasion": "monthly"}


@pytest.mark.parametrize(
    ("one", "finding"),
    [
        (row("a", "service", {"*": {}}, ladder="club"), (ERROR, "no_ladder", "a", "")),
        (row("a", "service", {"*": {}, "pearl": {}}), (ERROR, "no_tier", "a", "pearl")),
        (row("a", "service", {}), (WARNING, "for_nobody", "a", "")),
        (row("a", "gift", {"diamond": {"item": "gone"}}, **MONTHLY), (ERROR, "nothing_to_give", "a", "diamond")),
        (row("a", "gift", {"*": {"item": "cream"}}), (ERROR, "no_occasion", "a", "")),
        (row("a", "service", {"*": {}}, **MONTHLY), (ERROR, "wrong_occasion", "a", "")),
        (row("a", "service", {"silver": {}, "diamond": {}}), (WARNING, "gap", "a", "gold")),
        (
            row("a", "free_shipping", {"silver": {"times": 3}, "gold": {"times": 2}, "diamond": {}}),
            (WARNING, "less_above", "a", "gold"),
        ),
        (row("a", "service", {"*": {"times": 2}}), (WARNING, "no_value", "a", "")),
    ],
)
def test_what_cannot_be_meant_is_found(one, finding):
    assert found(one) == [finding]


def test_what_a_draft_takes_away_waits_for_the_notice():
    before = read(
        row("ship", "free_shipping", {"silver": {"times": 3}, "gold": {}}),
        row("gone", "service", {"*": {}}),
        row("same", "service", {"*": {}}),
    )
    after = read(
        row("ship", "free_shipping", {"silver": {"times": 4}, "gold": {"times": 9}}),
        row("same", "service", {"*": {}}),
        row("new", "service", {"diamond": {}}),
    )
    verdicts = {(c.benefit.code, c.tier): c.verdict for c in changes.changes(before, after, LADDERS, KNOWN)}
    worse, better = Verdict.WORSE, Verdict.BETTER
    assert verdicts == {
        ("ship", "silver"): better,
        ("ship", "gold"): worse,
        ("new", "diamond"): better,
        **{("gone", tier): worse for tier in ALL},
    }
    today = D(2026, 3, 3)
    all_of_it = changes.changes(before, after, LADDERS, KNOWN)
    assert changes.earliest_start(before, all_of_it, 30, today) == D(2026, 4, 2)
    gained = [change for change in all_of_it if change.verdict is better]
    assert changes.earliest_start(before, gained, 30, today) == today


@pytest.mark.parametrize("changed", [{"occasion": "quarterly"}, {"is_on": False}, {"ladder": "club"}])
def test_another_occasion_or_none_is_a_loss(changed):
    one = row("a", "coupon", {"gold": {"coupon": "monthly"}}, **MONTHLY)
    known = {**LADDERS, "club": ALL}
    found = changes.changes(read(one), read({**one, **changed}), known, KNOWN)
    assert Verdict.WORSE in {change.verdict for change in found}


def test_a_shorter_window_is_a_loss():
    one = row("a", "birthday_gift", {"*": {"coupon": "birthday"}}, occasion="birthday", window={"before": 15})
    found = changes.changes(read(one), read({**one, "window": {"before": 7, "after": 30}}), LADDERS, KNOWN)
    assert {change.verdict for change in found} == {Verdict.WORSE}
