"""Words written out: formats by language, missing values, escaping, and any clean template with any values."""

import datetime as dt
import time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from messaging.rules.fields import CATALOGUE, LANGUAGES, Kind, examples
from messaging.rules.language import BadTemplate, errors, lint
from messaging.wording.rendering import MissingValue, render

ANN: dict[str, Any] = {"first_name": "Ann", "points": 1200, "to_next_tier": "1360", "tier_until": "2027-03-31"}


def say(source: str, values: dict[str, Any] | None = None, language: str = "en") -> str:
    """Will write one text."""
    return render({"text": source}, ANN if values is None else values, language)["text"]


@pytest.mark.parametrize(
    ("source", "language", "said"),
    [
        ("Hi {{ first_name }}.", "en", "Hi Ann."),
        ("{{ first_name|upper }} {{ first_name|shorten(2) }}", "en", "ANN A…"),
        ("{{ points }} {{ points|points }} {{ points|number }}", "en", "1,200 1,200 points 1,200"),
        ("{{ to_next_tier }} {{ to_next_tier|money }}", "en", "CN¥1,360 CN¥1,360.00"),
        ("{{ tier_until }} {{ tier_until|day }}", "en", "31 Mar 2027 31 Mar"),
        ("{{ tier_until }} {{ points|points }}", "zh-hans", "2027年3月31日 1,200 积分"),
        ("{{ tier|default('a member') }}", "en", "a member"),
        ("{% if tier %}{{ tier }}{% elif points > 1000 %}many{% else %}few{% endif %}", "en", "many"),
        ("{% if tier is defined %}a{% else %}b{% endif %}", "en", "b"),
        ("{% if not tier and points >= 1200 %}a{% endif %}", "en", "a"),
        ("no tag { % at all", "en", "no tag { % at all"),
    ],
)
def test_said(source: str, language: str, said: str) -> None:
    assert say(source, language=language) == said


def test_names_are_said_in_the_readers_language() -> None:
    values = {"to_tier": {"en": "Gold", "zh-hans": "金卡", "zh-hant": "金卡"}}
    assert say("{{ to_tier }}", values) == "Gold"
    assert say("{{ to_tier }}", values, "zh-hant") == "金卡"
    assert say("{{ to_tier }}", values, "fr") == "Gold"


def test_a_list_is_written_row_by_row_up_to_its_cap() -> None:
    rows = [{"name": f"No. {n}", "until": "2027-03-31", "secret": "x"} for n in range(80)]
    source = "{% for c in coupons %}{{ c.name }};{% endfor %}"
    assert say(source, {"coupons": rows}).count(";") == 50
    assert say(source, {"coupons": []}) == ""


@pytest.mark.parametrize("value", [None, "", "  ", "not a date"])
def test_nobody_reads_a_hole(value: Any) -> None:
    for source in ("Hi {{ first_name }},", "{{ first_name|upper }}", "{% if first_name == 'x' %}a{% endif %}"):
        if value != "not a date":
            with pytest.raises(MissingValue) as missing:
                say(source, {"first_name": value})
            assert missing.value.field == "first_name"
    with pytest.raises(MissingValue, match="tier_until"):
        say("{{ tier_until }}", {"tier_until": value})


def test_html_is_escaped_and_text_is_not() -> None:
    parts = {"html": "<b>{{ name }}</b>", "text": "{{ name }}", "links": {"1": "https://a"}}
    said = render(parts, {"name": "<i>A & 'B'"}, "en")
    assert said == {"html": "<b>&lt;i&gt;A &amp; &#39;B&#39;</b>", "text": "<i>A & 'B'"}


def test_a_value_never_begins_a_line_of_a_header() -> None:
    said = render({"subject": "Hi {{ name }}", "title": "{{ name }}"}, {"name": "A\r\nBcc: eve@example.com"}, "en")
    assert said == {"subject": "Hi A Bcc: eve@example.com", "title": "A Bcc: eve@example.com"}


def test_links_are_of_the_sender() -> None:
    assert say("{{ links.l1 }}", {"links": {"l1": "https://shop/c/1"}}) == "https://shop/c/1"
    with pytest.raises(MissingValue):
        say("{{ links.l2 }}", {"links": {}})


def test_other_systems_are_told_plain_values() -> None:
    said = render({"json": '{"event": "x", "fields": ["points", "tier_until", "tier"]}'}, ANN, "en")
    assert said["json"] == '{"event": "x", "values": {"points": 1200, "tier": null, "tier_until": "2027-03-31"}}'


def test_what_is_not_in_the_language_is_not_compiled() -> None:
    with pytest.raises(BadTemplate):
        say("{{ points.__class__ }}")


FIELDS = [code for code, field in CATALOGUE.items() if field.kind is not Kind.LIST]
FILTER = st.sampled_from(
    ["", "|upper", "|default('x')", "|points", "|number", "|money", "|date", "|day", "|shorten(3)"]
)
OUTPUT = st.builds("{{{{ {}{}{} }}}}".format, st.sampled_from(FIELDS), FILTER, FILTER)
CONDITION = st.builds(
    "{} {} {}".format,
    st.sampled_from(FIELDS),
    st.sampled_from([">", "==", "<=", "and", "or not"]),
    st.one_of(st.sampled_from(FIELDS), st.sampled_from(["1", "'Gold'", "1.5"])),
)
SOURCE = st.recursive(
    st.one_of(st.text(max_size=20), OUTPUT),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4).map("".join),
        st.builds("{{% if {} %}}{}{{% else %}}{}{{% endif %}}".format, CONDITION, inner, inner),
        st.builds("{{% for c in coupons %}}{{{{ c.name }}}}{}{{% endfor %}}".format, inner),
    ),
    max_leaves=8,
)
VALUE = st.one_of(
    st.none(), st.text(max_size=300), st.integers(), st.decimals(), st.dates().map(dt.date.isoformat), st.booleans()
)


@settings(max_examples=400, deadline=None)
@given(SOURCE, st.dictionaries(st.sampled_from(FIELDS), VALUE), st.sampled_from(LANGUAGES), st.booleans())
def test_a_clean_template_is_written_or_misses_a_value(
    source: str, values: dict[str, Any], language: str, is_html: bool
) -> None:
    if errors(lint(source)):
        return
    part = "html" if is_html else "text"
    try:
        said = render({part: source}, {**values, "coupons": [{"name": "<x>", "until": "2027-01-01"}] * 60}, language)
    except MissingValue as missing:
        assert missing.field in {*FIELDS, "name", "until"}
    else:
        assert len(said[part]) <= 200_000
        assert not is_html or "<x>" not in said[part]


def test_a_clean_template_needs_no_more_than_its_examples() -> None:
    for language in LANGUAGES:
        for code in FIELDS:
            assert say(f"{{{{ {code} }}}}", examples(language), language)


def test_a_thousand_a_second() -> None:
    """One process writes an e-mail of ordinary length in well under a millisecond; the bound leaves room."""
    html = "<p>Hi {{ first_name }}, you have {{ points|points }} until {{ tier_until }}.</p>" * 5 + "<td>" * 2000
    parts = {"subject": "{{ points|points }}", "html": html, "text": html}
    render(parts, ANN, "en")
    started = time.perf_counter()
    for _ in range(200):
        render(parts, ANN, "en")
    assert time.perf_counter() - started < 1


def test_amounts_keep_their_cents() -> None:
    assert say("{{ points_worth }}", {"points_worth": Decimal("124.80")}) == "CN¥124.80"
