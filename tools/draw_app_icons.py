"""Draws the icons of the installed app from the leaf of static/img/favicon.svg, as pictures that every phone takes."""

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

IMAGES = Path(__file__).resolve().parent.parent / "static" / "img"
BRAND = "#0b6b57"


@dataclass(frozen=True)
class Icon:
    """A picture: its name, its side in pixels, the leaf's share of it, how round its corners, and its ground."""

    name: str
    side: int
    leaf: float
    round: float = 0
    ground: str = BRAND


# A phone cuts a maskable icon to its own shape: what matters stays within the middle four fifths. iOS rounds by itself.
ICONS = (
    Icon("app-192", 192, leaf=0.667, round=0.22),
    Icon("app-512", 512, leaf=0.667, round=0.22),
    Icon("app-maskable-512", 512, leaf=0.5),
    Icon("app-apple-180", 180, leaf=0.6),
    Icon("app-badge-96", 96, leaf=0.84, ground="none"),
)


def drawing(icon: Icon, paths: str) -> str:
    """Will return an icon as SVG; the leaf is drawn on a grid of 24 as Lucide does."""
    scale = icon.side * icon.leaf / 24
    edge = icon.side * (1 - icon.leaf) / 2
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{icon.side}" height="{icon.side}">'
        f'<rect width="100%" height="100%" rx="{icon.side * icon.round}" fill="{icon.ground}"/>'
        f'<g transform="translate({edge} {edge}) scale({scale})" fill="none" stroke="#fff" stroke-width="2.25"'
        f' stroke-linecap="round" stroke-linejoin="round">{paths}</g></svg>'
    )


def draw(page: Page, icon: Icon, paths: str) -> None:
    """Will write one icon."""
    page.set_viewport_size({"width": icon.side, "height": icon.side})
    page.set_content(f"<style>body{{margin:0}}svg{{display:block}}</style>{drawing(icon, paths)}")
    page.screenshot(path=IMAGES / f"{icon.name}.png", omit_background=True)


def main() -> None:
    """Will write every icon, by the browser that the launcher found."""
    paths = "".join(re.findall(r"<path[^>]*/>", (IMAGES / "favicon.svg").read_text(encoding="utf-8")))
    found = json.loads(os.environ["TEST_BROWSER"])
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=found["executable"], args=found["args"], env={**os.environ, **found["extra_env"]}
        )
        page = browser.new_page()
        for icon in ICONS:
            draw(page, icon, paths)
        browser.close()


if __name__ == "__main__":
    main()
