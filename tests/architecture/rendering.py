"""A template cannot query: while one of ours renders, SQL is refused, and the template named. For the root conftest."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from django.db import connections
from django.template import Context, Template
from django.utils.safestring import SafeString

SQL_SHOWN = 300
FOREIGN = "site-packages"
"""In the path of templates that others wrote; they may do as they please."""


class QueryWhileRendering(AssertionError):
    """A template asked the database; the page should have asked a query and handed the answer in."""


class _Guard:
    """Knows which templates are being rendered in which thread, and what they asked."""

    def __init__(self) -> None:
        self.refused: list[str] = []
        self._local = threading.local()

    def names(self) -> list[str]:
        if not hasattr(self._local, "names"):
            self._local.names = []
        names: list[str] = self._local.names
        return names

    def refuse(self, execute: object, sql: str, params: object, many: bool, context: object) -> None:
        """Will stand in the way of one statement, as Django's execute wrappers do."""
        sentence = (
            f"{' > '.join(self.names())} asks the database while rendering: {' '.join(sql.split())[:SQL_SHOWN]}. "
            "Ask in pages.py (or in the view) and hand a frozen dataclass to the template."
        )
        self.refused.append(sentence)
        raise QueryWhileRendering(sentence)

    def render(self, original: Callable[..., SafeString], template: Template, context: Context) -> SafeString:
        """Will render one template, or one that it extends or includes, with SQL refused."""
        origin = getattr(template, "origin", None)
        if FOREIGN in str(getattr(origin, "name", "")):
            return original(template, context)
        names = self.names()
        with ExitStack() as stack:
            if not names:
                for connection in connections.all():
                    stack.enter_context(connection.execute_wrapper(self.refuse))
            names.append(template.name or "a template made of a string")
            stack.callback(names.pop)
            return original(template, context)


@contextmanager
def sql_refused_while_rendering() -> Iterator[list[str]]:
    """Will refuse SQL inside templates for the length of the block; yields the sentences of what was refused.

    `{% if %}` swallows exceptions, and a live server turns them into a page: so look at the list afterwards.
    """
    guard = _Guard()
    kind: Any = Template
    original = kind._render

    def render(template: Template, context: Context) -> SafeString:
        return guard.render(original, template, context)

    kind._render = render
    try:
        yield guard.refused
    finally:
        kind._render = original


@pytest.fixture(autouse=True)
def no_queries_while_rendering() -> Iterator[None]:
    """Every test: a template of ours that asks the database fails it, even where the exception was swallowed."""
    with sql_refused_while_rendering() as refused:
        yield
    if refused:
        pytest.fail("\n".join(dict.fromkeys(refused)), pytrace=False)
