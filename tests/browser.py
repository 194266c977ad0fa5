"""A real browser on a real server: one browser a run, and the static files as production serves them."""

import json
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site
from django.core.management import call_command
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
from django.db import connections
from django.test import Client
from django.test.utils import override_settings
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from members.models import Account

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # playwright keeps an event loop in this thread

# A page is waited for as long as a busy machine may need; what comes at once costs nothing.
expect.set_options(timeout=20_000)

LOCALES = {"en": "en-GB", "zh-hans": "zh-CN", "zh-hant": "zh-HK"}


class _Quiet(WSGIRequestHandler):
    """Serves without writing every request into the tests' output."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name it overrides has
        """Will say nothing."""


@pytest.fixture(scope="session")
def static_root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The static files as production serves them: collected, hashed, compressed."""
    folder = tmp_path_factory.mktemp("static")
    with override_settings(STATIC_ROOT=folder):
        call_command("collectstatic", interactive=False, verbosity=0)
        yield folder


@pytest.fixture
def live_url(static_root: Path, transactional_db: None) -> Iterator[str]:
    """The address of a server of our own on this test's database."""
    server = ThreadedWSGIServer(("127.0.0.1", 0), _Quiet)
    server.set_app(get_wsgi_application())
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The browser that the launcher found.

    Where an event loop runs Django keeps other connections than before it: each side closes its own, or one stays open.
    """
    wanted = json.loads(os.environ["TEST_BROWSER"])
    connections.close_all()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=wanted["executable"], args=wanted["args"], env={**os.environ, **wanted["extra_env"]}
        )
        yield browser
        browser.close()
        connections.close_all()


@dataclass
class Visit:
    """A page open in the browser, and what the browser had to complain about."""

    page: Page
    context: BrowserContext
    root: str
    status: int
    complaints: list[str]

    def go(self, path: str) -> None:
        """Will open another page in the same window, as the same reader, who complains of that one alone."""
        self.complaints.clear()
        answer = self.page.goto(self.root + path)
        assert answer is not None
        self.status = answer.status


def _note(complaints: list[str], text: str) -> None:
    """Will keep a complaint; a request given up because its page was left is none, though htmx logs two lines."""
    if text.startswith("htmx:sendAbort"):
        if complaints and complaints[-1].startswith("htmx:afterRequest"):
            complaints.pop()
        return
    complaints.append(text)


Open = Callable[..., Visit]


@pytest.fixture
def visit(browser: Browser, live_url: str) -> Iterator[Open]:
    """Opens a page: visit("/points/", member, language="zh-hans", theme="dark", width=390, scripts=False)."""
    contexts: list[BrowserContext] = []

    def open_page(
        path: str,
        account: Account | None = None,
        *,
        language: str = "en",
        theme: str = "light",
        width: int = 1440,
        scripts: bool = True,
        **options: Any,
    ) -> Visit:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            java_script_enabled=scripts,
            locale=LOCALES[language],
            **options,
        )
        contexts.append(context)
        cookies = {site.LANGUAGE_COOKIE_NAME: language, "theme": theme}
        if account is not None:
            client = Client()
            client.force_login(account, backend=site.AUTHENTICATION_BACKENDS[-1])
            cookies[site.SESSION_COOKIE_NAME] = client.cookies[site.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": name, "value": value, "url": live_url} for name, value in cookies.items()])
        page = context.new_page()
        complaints: list[str] = []
        page.on("console", lambda m: _note(complaints, m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        opened = Visit(page, context, live_url, 0, complaints)
        opened.go(path)
        return opened

    yield open_page
    for context in contexts:
        context.close()
