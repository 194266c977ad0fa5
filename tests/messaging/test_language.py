"""What the language of templates lets pass, what it says of the rest, and what attackers try with it."""

import time
from typing import Any

import pytest

from messaging.rules import language as rules
from messaging.rules.fields import CATALOGUE, examples
from messaging.rules.language import BadTemplate, Severity, errors, lint
from messaging.wording.rendering import MissingValue, TooLong, render


def codes(source: str) -> list[tuple[str, int]]:
    """Will return what is wrong with a source, by code and line."""
    return [(finding.code, finding.line) for finding in lint(source)]


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("", []),
        ("Plain, 100 % of it. {x}", []),
        ("{{ points }} {{ number|lower }}", []),
        ("\n{{ firstname }}", [("unknown_field", 2)]),
        ("{{ first_name }}", [("can_be_missing", 1)]),
        ("{{ first_name|default('you') }}", []),
        ("{% if first_name %}{{ first_name }}{% endif %}", []),
        ("{% if first_name is defined and tier %}{{ first_name }} {{ tier }}{% endif %}", []),
        ("{% if first_name or tier %}{{ tier }}{% endif %}", [("can_be_missing", 1)]),
        ("{% if not tier %}{{ tier }}{% endif %}", [("can_be_missing", 1)]),
        ("{% if tier %}a{% else %}{{ tier }}{% endif %}", [("can_be_missing", 1)]),
        ("{% if tier == 'Gold' %}{% endif %}", [("can_be_missing", 1)]),
        ("{% if tier and tier == 'Gold' %}{{ tier }}{% endif %}", []),
        ("{% if points > 'a' %}{% endif %}", [("not_comparable", 1)]),
        ("{% if number > 'a' %}{% endif %}", [("not_comparable", 1)]),
        ("{% if coupons == 1 %}{% endif %}", [("not_comparable", 1)]),
        ("{% if points in number %}{% endif %}", [("not_allowed", 1)]),
        ("{% for c in coupons %}{{ c.name }}{{ c.until|day }}{% endfor %}", []),
        ("{% for c in coupons %}{{ c.nam }}{% endfor %}", [("unknown_field", 1)]),
        ("{{ c.name }}", [("not_allowed", 1)]),
        ("{% for c in points %}{% endfor %}", [("loop_over_list", 1)]),
        ("{% for points in coupons %}{% endfor %}", [("loop_over_list", 1)]),
        ("{% for c in cupons %}{% endfor %}", [("unknown_field", 1)]),
        ("{% for c in coupons %}{% else %}x{% endfor %}", [("not_allowed", 1)]),
        ("{% for c in coupons if c %}{% endfor %}", [("not_allowed", 1)]),
        ("{% for c in coupons %}{% for d in coupons %}{% endfor %}{% endfor %}", [("not_allowed", 1)]),
        ("{{ coupons }}", [("list_written", 1)]),
        ("{{ points|upper }}", [("filter_of_other_kind", 1)]),
        ("{{ points|title }}", [("unknown_filter", 1)]),
        ("{{ number|shorten }}", [("bad_filter", 1)]),
        ("{{ number|shorten(500) }}", [("bad_filter", 1)]),
        ("{{ number|shorten(points) }}", [("bad_filter", 1)]),
        ("{{ tier|default }}", [("bad_filter", 1)]),
        ("{{ tier|default('a', true) }}", [("bad_filter", 1)]),
        ("{{ links.l1 }}", []),
        ("{{ links.items }}", [("not_allowed", 1)]),
        ("{% if a %}", [("cannot_be_read", 1)]),
        ("{{", [("cannot_be_read", 1)]),
        ("x" * 50_001, [("too_long", 1)]),
        ("a\nb [x](javascript:alert(1))", [("bad_link", 2)]),
        ("<a href='data:text/html,x'>", [("bad_link", 1)]),
    ],
)
def test_found(source: str, found: list[tuple[str, int]]) -> None:
    assert codes(source) == found


def test_an_unknown_field_names_the_nearest() -> None:
    [finding] = lint("{{ firstname }}")
    assert finding.facts == {"field": "firstname", "nearest": "first_name"}
    assert lint("{{ zzzzzz }}")[0].facts["nearest"] == ""
    assert [one.severity for one in lint("{{ tier }}")] == [Severity.WARNING]


LOOP = "{% for c in coupons %}" + "x" * 5000 + "{% endfor %}"
DEEP = "{% if points %}" * 6 + "x" + "{% endif %}" * 6
ATTACKS = [
    # ways out of the sandbox
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ points.__class__ }}",
    "{{ points['__class__'] }}",
    "{{ points|attr('__class__') }}",
    "{{ (points).real }}",
    "{{ self }}",
    "{{ self._TemplateReference__context }}",
    "{{ lipsum.__globals__['os'].popen('id').read() }}",
    "{{ lipsum(100000) }}",
    "{{ cycler.__init__.__globals__ }}",
    "{{ joiner('x') }}",
    "{{ namespace(a=1) }}",
    "{{ range(1000000000) }}",
    "{{ dict(a=1) }}",
    "{{ config }}",
    "{{ request.environ }}",
    "{{ get_flashed_messages.__globals__ }}",
    "{{ url_for.__globals__ }}",
    "{{ loop.index }}",
    "{% for c in coupons %}{{ loop.__class__ }}{% endfor %}",
    "{% for c in coupons %}{{ c.__class__ }}{% endfor %}",
    "{% for c in coupons %}{{ c['name'] }}{% endfor %}",
    "{% for c in coupons %}{{ c.items() }}{% endfor %}",
    "{% for c, d in coupons %}{% endfor %}",
    "{% for c in coupons recursive %}{{ loop(c) }}{% endfor %}",
    "{% for c in [1, 2] %}{% endfor %}",
    "{% for _ in coupons %}{% endfor %}",
    "{{ links['__class__'] }}",
    "{{ links }}{{ links.__class__ }}",
    # formats
    "{{ '%s'|format(points) }}",
    "{{ '{0.__class__}'.format(points) }}",
    "{{ '%0300000000d' % points }}",
    "{{ number.format(1) }}",
    # padding and growing
    "{{ 'a'|center(300000000) }}",
    "{{ 'a' * 300000000 }}",
    "{{ 10 ** 10 ** 10 }}",
    "{{ 1 + 1 }}",
    "{{ points - 1 }}",
    "{{ -points }}",
    "{{ number ~ number }}",
    "{{ number|shorten(10000000000) }}",
    "{{ number|indent(99999999) }}",
    "{{ number|wordwrap(1) }}",
    "{{ number|replace('a', 'aaaaaaaaaaaa') }}",
    "{{ number|join(number) }}",
    "{{ number|list }}",
    "{{ " + "9" * 5000 + " }}",
    "{{ '" + "a" * 5000 + "' }}",
    "{{ 1e999 }}",
    LOOP,
    DEEP,
    "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}",
    "{% if " + "not " * 5000 + "points %}{% endif %}",
    "{% if " + "points and " * 5000 + "points %}{% endif %}",
    "{{ points" + "|default(1)" * 1000 + " }}",
    "{{ points }}" * 2000,
    # out of the escaping
    "{{ name|safe }}",
    "{{ name|escape|safe }}",
    "{{ name|e }}",
    "{{ name|forceescape }}",
    "{% autoescape false %}{{ name }}{% endautoescape %}",
    "{{ name|striptags }}",
    "{{ name|tojson }}",
    "{{ name|xmlattr }}",
    "{{ name|urlize }}",
    # statements
    "{% set a = 1 %}",
    "{% set a %}x{% endset %}",
    "{% macro a() %}{% endmacro %}",
    "{% call a() %}{% endcall %}",
    "{% include '/etc/passwd' %}",
    "{% import 'os' as os %}",
    "{% from 'os' import path %}",
    "{% extends 'a' %}",
    "{% block a %}{% endblock %}",
    "{% filter upper %}x{% endfilter %}",
    "{% with a = 1 %}{% endwith %}",
    "{% raw %}{{ x }}{% endraw %}",
    "{% do points %}",
    "{% trans %}x{% endtrans %}",
    "{% debug %}",
    "{{ _('x') }}",
    "{{ gettext('x') }}",
    # hiding
    "{# {{ points }} #}",
    "{#- x -#}",
    "a {%- if points %} b{% endif %}",
    "{{- points }}",
    "{{ points -}}",
    "{%+ if points %}{% endif %}",
    "{{ 'a' if points else 'b' }}",
    "{{ [points] }}",
    "{{ {'a': 1} }}",
    "{{ (1, 2) }}",
    "{{ points[0] }}",
    "{{ number[0:1] }}",
    "{{ points is divisibleby(2) }}",
    "{{ points is mapping }}",
    "{% if points is sameas(1) %}{% endif %}",
    "{% if number is filter %}{% endif %}",
    "{{ not points }}",
    "{{ points == 1 }}",
    "{{ None }}",
    "{{ none }}",
    # letters that look or read like others
    "{{ \uff50oints }}",
    "{{ p\u043eints }}",
    "{{ po\u200bints }}",
    "{{ \u5f20 }}",
    "{{ points|\uff53afe }}",
]


@pytest.mark.parametrize("source", ATTACKS, ids=range(len(ATTACKS)))
def test_an_attack_is_refused(source: str) -> None:
    started = time.perf_counter()
    assert errors(lint(source)), source[:80]
    for part in ("html", "text"):
        with pytest.raises(BadTemplate):
            render({part: source + "{{ points }}"}, examples("en"), "en")
    assert time.perf_counter() - started < 1


@pytest.mark.parametrize(
    "source",
    [
        "\uff5b\uff5b points \uff5d\uff5d",
        "{ { points } }",
        "&#123;&#123; points }}",
        "# for c in coupons",
        "${points} #{points} <%= points %>",
        "%(points)s {points.__class__} %n%n%n",
        "\\{\\{ points }}",
    ],
)
def test_what_only_looks_like_a_tag_is_text(source: str) -> None:
    assert not lint(source)
    assert render({"text": source}, examples("en"), "en")["text"] == source


def test_a_value_is_never_a_template() -> None:
    values = {"name": "{{ points.__class__ }}{% for x in y %}", "number": "%s {0}"}
    said = render({"text": "{{ name }} {{ number|upper }}"}, values, "en")["text"]
    assert said == "{{ points.__class__ }}{% for x in y %} %S {0}"


def test_the_sandbox_holds_without_the_lint() -> None:
    """The second wall: what the allow-list refuses does nothing even where it gets to run."""
    made = rules.environment(str, {}, is_html=False)
    for source in ("{{ points.__class__ }}", "{{ c.items() }}", "{{ points() }}", "{{ lipsum }}", "{{ c['keys'] }}"):
        with pytest.raises((MissingValue, BadTemplate)):
            rules.run(made.from_string(source), {"points": 1, "c": {"name": "a"}})
    with pytest.raises(TooLong):
        rules.run(made.from_string("{{ a }}" * 3), {"a": "x" * 100_000})


def test_the_longest_clean_template_stays_under_the_caps() -> None:
    source = "{% for c in coupons %}" + "{{ c.name|upper }}" * 3 + "{% endfor %}" + "x" * 20_000
    assert not lint(source)
    values: dict[str, Any] = {"coupons": [{"name": "\u0390" * 500, "until": "2027-01-01"}] * 500}
    assert len(render({"html": source}, values, "en")["html"]) <= 200_000


def test_fields_that_a_source_names() -> None:
    assert rules.fields_of("{{ points }}{% if tier %}{% for c in coupons %}{{ c.name }}{% endfor %}{% endif %}") == {
        "points",
        "tier",
        "coupons",
    }
    assert rules.fields_of("{{") == frozenset()
    assert "points" in CATALOGUE
