"""Pictures of the real product for the README: `make screenshots` brings the demo up and photographs it."""

import argparse
import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "screens"
PORT = 8765
PASSWORD = "fernway-demo"


@dataclass(frozen=True)
class Shot:
    """One picture: which page, for whom, how wide, in which language and theme; `opens` is clicked first."""

    name: str
    path: str
    email: str
    width: int = 1440
    language: str = "en"
    theme: str = "light"
    opens: str = ""
    whole: bool = True


SHOTS = (
    Shot("member-overview", "/", "highest@example.com", 390),
    Shot("member-overview-zh-dark", "/", "highest@example.com", 390, "zh-hans", "dark"),
    Shot("member-points", "/points/", "highest@example.com", 390, opens="details summary", whole=False),
    Shot("member-overview-wide", "/", "grace@example.com", 1440, "zh-hant"),
    Shot("console-overview", "/console/", "operator@example.com"),
    Shot("console-overview-zh-dark", "/console/", "operator@example.com", 1440, "zh-hans", "dark"),
    Shot("console-members", "/console/members/", "operator@example.com"),
    Shot("console-member", "first-member", "operator@example.com"),
    Shot("console-jobs", "/console/jobs/", "operator@example.com"),
    Shot("console-rules", "/console/rules/", "operator@example.com"),
    Shot("console-tiers", "/console/tiers/", "operator@example.com"),
    Shot("console-rule", "new-rule", "operator@example.com"),
    Shot("console-campaigns", "/console/campaigns/", "operator@example.com"),
    Shot("console-campaign", "first-campaign", "operator@example.com"),
    Shot("console-segment", "/console/segments/new/", "operator@example.com"),
    Shot("console-benefits", "/console/benefits/", "operator@example.com"),
    Shot("console-liability", "/console/reports/liability/", "finance@example.com"),
    Shot("console-proof", "/console/proof/", "auditor@example.com"),
    Shot("member-messages", "/messages/", "highest@example.com", 390, whole=False),
    Shot("member-rewards", "/rewards/", "highest@example.com", 390, whole=False),
    Shot("member-programme", "/programme/", "highest@example.com", 390, whole=False),
)


@contextmanager
def product() -> Iterator[str]:
    """The demo, served by gunicorn on the servers that the launcher has started for us."""
    manage = [sys.executable, "manage.py"]
    for command in (["migrate", "-v0"], ["collectstatic", "--noinput", "-v0"], ["load_starter"], ["load_demo"]):
        subprocess.run([*manage, *command], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    web = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "membership_site.wsgi", "-b", f"127.0.0.1:{PORT}", "--threads", "4"],
        cwd=ROOT,
    )
    url = f"http://127.0.0.1:{PORT}"
    try:
        for _ in range(100):
            try:
                urllib.request.urlopen(f"{url}/healthz", timeout=1)
                break
            except OSError:
                time.sleep(0.2)
        yield url
    finally:
        web.terminate()
        web.wait(20)


def log_in(page: Page, url: str, email: str) -> None:
    """Will log in at the door that is this person's."""
    staff = email.removesuffix("@example.com") in ("operator", "agent", "auditor", "finance", "admin")
    page.goto(f"{url}/console/login/" if staff else f"{url}/login/")
    page.fill("input[name=email]", email)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_load_state("networkidle")


def take(browser: Browser, url: str, shot: Shot) -> None:
    """Will take one picture."""
    context = browser.new_context(
        viewport={"width": shot.width, "height": 844 if shot.width < 640 else 900},
        color_scheme="dark" if shot.theme == "dark" else "light",
        device_scale_factor=2 if shot.width < 640 else 1,
    )
    context.add_cookies(
        [
            {"name": "django_language", "value": shot.language, "url": url},
            {"name": "theme", "value": shot.theme, "url": url},
        ]
    )
    page = context.new_page()
    log_in(page, url, shot.email)
    if shot.path == "first-member":
        page.goto(f"{url}/console/members/?sort=-spend")
        page.locator("tbody a").first.click()
    elif shot.path == "first-campaign":
        page.goto(f"{url}/console/campaigns/")
        page.locator("tbody a").first.click()
    elif shot.path == "new-rule":
        page.goto(f"{url}/console/rules/")
        page.locator("form[action$='/draft/start/'] button").first.click()
        page.goto(f"{url}/console/rules/draft/rule/")
    else:
        page.goto(url + shot.path)
    page.wait_for_load_state("networkidle")
    if shot.opens:
        page.locator(shot.opens).first.click()
    page.screenshot(path=FOLDER / f"{shot.name}.png", full_page=shot.whole)
    context.close()


def main() -> None:
    """Will take all pictures, or those whose name contains a word; --url photographs a running product instead."""
    parser = argparse.ArgumentParser()
    parser.add_argument("words", nargs="*")
    parser.add_argument("--url", default="")
    chosen = parser.parse_args()
    wanted = [shot for shot in SHOTS if not chosen.words or any(word in shot.name for word in chosen.words)]
    found = json.loads(os.environ["TEST_BROWSER"])
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=found["executable"], args=found["args"], env={**os.environ, **found["extra_env"]}
        )
        if chosen.url:
            for shot in wanted:
                take(browser, chosen.url, shot)
        else:
            with product() as url:
                for shot in wanted:
                    take(browser, url, shot)
        browser.close()


if __name__ == "__main__":
    main()
