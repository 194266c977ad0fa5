"""The pages as an app in a real browser: it may be installed, and where the server is gone a page says so."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from django.core.servers.basehttp import ThreadedWSGIServer
from django.core.wsgi import get_wsgi_application
from playwright.sync_api import Page

from tests.browser import Open, Visit, _Quiet
from tests.everybody import faults

from .conftest import FaceCast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

KEPT = """
    (async () => {
      const places = await Promise.all((await caches.keys()).map((name) => caches.open(name)));
      return (await Promise.all(places.map((place) => place.keys()))).flat().map((one) => one.url);
    })()
"""
OFFLINE = "caches.match('/offline/').then((one) => one.text())"
READY = "navigator.serviceWorker.ready.then((one) => one.active.scriptURL)"
SHIFT = """
    new Promise((resolve) => {
      let sum = 0;
      const watch = (list) => list.getEntries().forEach((one) => (sum += one.hadRecentInput ? 0 : one.value));
      new PerformanceObserver(watch).observe({ type: "layout-shift", buffered: true });
      setTimeout(() => resolve(sum), 500);
    })
"""
PAINT = "performance.getEntriesByName('first-contentful-paint')[0].startTime"


class _Brief(_Quiet):
    """Keeps no line open: a browser that has one would not notice that the server is gone."""

    protocol_version = "HTTP/1.0"


@dataclass
class Shop:
    """A server that can go away and come back at the same address."""

    root: str = ""
    port: int = 0
    running: list[tuple[ThreadedWSGIServer, threading.Thread]] = field(default_factory=list)

    def come(self) -> None:
        """Will serve, at the address it had before."""
        server = ThreadedWSGIServer(("127.0.0.1", self.port), _Brief)
        server.set_app(get_wsgi_application())
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        self.port = server.server_port
        self.root = f"http://127.0.0.1:{self.port}"
        self.running.append((server, thread))

    def go(self) -> None:
        """Will answer nobody any more."""
        while self.running:
            server, thread = self.running.pop()
            server.shutdown()
            thread.join()
            server.server_close()


@pytest.fixture
def shop() -> Iterator[Shop]:
    """A shop of the test's own, which may close."""
    shop = Shop()
    shop.come()
    yield shop
    shop.go()


@pytest.fixture
def live_url(static_root: Path, transactional_db: None, shop: Shop) -> str:
    """The address that visits go to: of the shop that may close."""
    return shop.root


def settled(visit: Visit) -> Page:
    """Will wait until the worker is in charge of the page."""
    page = visit.page
    assert page.evaluate(READY) == f"{visit.root}/worker.js"
    page.wait_for_function("navigator.serviceWorker.controller !== null")
    return page


def test_a_phone_may_install_it(visit: Open, face_cast: FaceCast) -> None:
    """The browser finds nothing that stands against it, and the manifest is read without a fault."""
    seen = visit("/", face_cast.mei, width=390, language="zh-hans")
    settled(seen)
    session = seen.context.new_cdp_session(seen.page)
    read = session.send("Page.getAppManifest")
    assert read["errors"] == [] and read["url"].endswith("/app/zh-hans.webmanifest")
    against = session.send("Page.getInstallabilityErrors")["installabilityErrors"]
    assert [one["errorId"] for one in against if one["errorId"] != "in-incognito"] == []
    assert seen.complaints == []


def test_with_the_server_gone_a_page_says_so(visit: Open, face_cast: FaceCast, shop: Shop) -> None:
    """In the reader's language; and once the shop is back, trying again leads where one wanted to go."""
    seen = visit("/", face_cast.mei, width=390)
    page = settled(seen)
    page.locator("#language-top").select_option("zh-hant")
    page.wait_for_function("document.documentElement.lang === 'zh-Hant'")
    page.wait_for_function(f"{OFFLINE}.then((text) => text.includes('zh-Hant'))")
    shop.go()
    page.goto(f"{seen.root}/points/")
    assert page.locator("h1").inner_text() == "連線中斷"
    seen.complaints.clear()
    assert faults(seen) == []
    shop.come()
    page.locator(".ways a").click()
    page.wait_for_url("**/points/")
    assert page.locator("nav.tabs a[aria-current]").get_attribute("href") == "/points/"
    seen.go("/me/")
    shop.go()
    page.locator("form[action='/logout/'] button").click()
    page.wait_for_function("document.querySelector('h1').textContent === '連線中斷'")
    shop.come()
    seen.go("/me/")
    assert seen.status == 200, "nothing was sent: she is still inside"


def test_nothing_of_a_member_is_kept(visit: Open, face_cast: FaceCast, shop: Shop) -> None:
    """After a walk files for everybody lie on the device, and the page without a line; the console is left alone."""
    seen = visit("/", face_cast.mei, width=390)
    page = settled(seen)
    for path in ("/points/", "/coupons/", "/me/", "/privacy/"):
        seen.go(path)
    kept = {url.removeprefix(seen.root) for url in page.evaluate(KEPT)}
    assert {url for url in kept if not url.startswith("/static/")} == {"/offline/"}
    assert "Mei" not in page.evaluate(OFFLINE)
    shop.go()
    with pytest.raises(Exception, match="ERR_CONNECTION_REFUSED"):
        page.goto(f"{seen.root}/console/")


def test_it_works_on_a_slow_line(visit: Open, face_cast: FaceCast) -> None:
    """A phone's line of 1.6 Mbit/s with 150 ms each way, nothing kept yet: soon there, and nothing jumps."""
    seen = visit("/nowhere/", face_cast.mei, width=390)
    session = seen.context.new_cdp_session(seen.page)
    session.send("Network.enable")
    session.send("Network.clearBrowserCache")
    line = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 94_000}
    session.send("Network.emulateNetworkConditions", line)
    for path in ("/", "/points/", "/rewards/"):
        seen.go(path)
        assert seen.page.evaluate(SHIFT) < 0.02, path
        assert seen.page.evaluate(PAINT) < 4000, path
