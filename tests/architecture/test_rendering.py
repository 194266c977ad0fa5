"""The guard that keeps templates from asking the database can refuse, names the template, and misses nothing."""

from typing import Any

import pytest
from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.template import Context, Engine, Template

from .rendering import QueryWhileRendering, sql_refused_while_rendering

PAGES = {
    "base.html": "<main>{% block body %}{% endblock %}</main>",
    "page.html": '{% extends "base.html" %}{% block body %}{% include "row.html" %}{% endblock %}',
    "row.html": "{{ rows.count }}",
    "swallowed.html": "{% if rows > 1 %}many{% else %}few{% endif %}",
    "quiet.html": "{% for row in rows %}{{ row }}{% endfor %}",
}
ENGINE = Engine(loaders=[("django.template.loaders.locmem.Loader", PAGES)])


class Rows:
    """A queryset as a template sees it: it asks through Django's cursor, which here has no server behind it."""

    class Cursor:
        """The driver's cursor."""

        def execute(self, sql: str, params: object = None) -> str:
            return f"answer to {sql}"

    def count(self) -> str:
        """Will ask the database how many rows there are."""
        answer: str = CursorWrapper(self.Cursor(), connection).execute("SELECT COUNT(*)  FROM points_entry")
        return answer

    def __gt__(self, other: object) -> bool:
        return bool(self.count())


def render(name: str, rows: Any) -> str:
    """Will render one of the pages above."""
    return ENGINE.get_template(name).render(Context({"rows": rows}))


def test_query_in_a_template_is_refused_by_name() -> None:
    with sql_refused_while_rendering() as refused:
        with pytest.raises(QueryWhileRendering, match=r"page\.html > base\.html > row\.html asks the database"):
            render("page.html", Rows())
        assert "SELECT COUNT(*) FROM points_entry" in refused[0]
        assert Rows().count().startswith("answer"), "outside of templates SQL goes on"


def test_query_whose_exception_a_template_swallows_is_remembered() -> None:
    with sql_refused_while_rendering() as refused:
        assert render("swallowed.html", Rows()) == "few"
    assert len(refused) == 1
    assert refused[0].startswith("swallowed.html asks the database")


def test_values_render_and_the_guard_is_taken_away_again() -> None:
    before = Template._render
    with sql_refused_while_rendering() as refused:
        assert render("quiet.html", [1, 2]) == "12"
    assert refused == []
    assert Template._render is before
