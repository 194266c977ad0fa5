"""The colours of core.css and member.css: every pair a page may show is computed, in light and in dark."""

import re
from pathlib import Path

import pytest

STATIC = Path(__file__).resolve().parents[2] / "static"
CORE = (STATIC / "css" / "core.css").read_text(encoding="utf-8")
MEMBER = (STATIC / "css" / "member.css").read_text(encoding="utf-8")

LOOKS = ("bronze", "silver", "gold", "diamond", "jade", "rose", "graphite", "onyx")
PAPERS = ("bg", "surface", "sunk", "hover")
TEXT, PARTS = 4.5, 3.0  # WCAG 2.2: 1.4.3 for text, 1.4.11 for borders, marks and series


def luminance(colour: str) -> float:
    """Will return the relative luminance of #rrggbb as WCAG 2 defines it."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Will return the contrast ratio of two colours."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def palettes() -> dict[str, dict[str, str]]:
    """Will return the tokens of each block of core.css that sets a colour scheme, by where it stands."""
    blocks = re.findall(r"(:root[^{]*)\{\s*color-scheme: \w+;(.*?)\}", CORE, re.DOTALL)
    return {where.strip(): dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6});", body)) for where, body in blocks}


def pairs() -> list[tuple[str, str, float]]:
    """Will return (colour, ground, least contrast) for all that stand on each other."""
    wanted = [(ink, paper, TEXT) for ink in ("ink", "ink-2", "ink-3", "brand-ink") for paper in PAPERS]
    wanted += [("brand-ink", "brand-soft", TEXT), ("on-brand", "brand", TEXT), ("on-brand", "brand-strong", TEXT)]
    wanted += [("surface", "ink", TEXT), ("surface", "bad", TEXT)]
    for tone in ("good", "warn", "bad", "info"):
        wanted += [(tone, ground, TEXT) for ground in (f"{tone}-soft", "surface", "bg", "sunk")]
        wanted += [("ink", f"{tone}-soft", TEXT)]
    wanted += [(f"{look}-fg", f"{look}-bg", TEXT) for look in LOOKS]
    wanted += [("edge", paper, PARTS) for paper in ("surface", "bg", "sunk")]
    wanted += [("brand", ground, PARTS) for ground in ("surface", "bg", "line")]
    wanted += [(mark, "surface", PARTS) for mark in ("c1", "c2", "c4", *LOOKS)]
    wanted += [("c3", "surface", 2.0)]  # the grey series never stands without its word
    return wanted


PALETTES = palettes()


def test_there_is_one_light_palette_and_the_same_dark_one_twice() -> None:
    """The device's dark and the reader's dark are written twice because CSS has no way to say it once."""
    light, device_dark, chosen_dark = PALETTES.values()
    assert set(light) == set(device_dark)
    assert light != device_dark
    assert device_dark == chosen_dark


@pytest.mark.parametrize("where", PALETTES)
def test_every_pair_has_enough_contrast(where: str) -> None:
    """A pair below its limit is named with what it has."""
    palette = PALETTES[where]
    short = [
        f"--{colour} on --{ground}: {contrast(palette[colour], palette[ground]):.2f}, needs {least}"
        for colour, ground, least in pairs()
        if contrast(palette[colour], palette[ground]) < least
    ]
    assert not short, "\n".join(short)


@pytest.mark.parametrize("look", LOOKS)
def test_text_on_a_tier_card_has_enough_contrast(look: str) -> None:
    """The card's text is measured against every colour of its gradient, the filled bar against the worst."""
    block = re.search(rf"\.tcard\.look-{look} \{{(.*?)\}}", MEMBER, re.DOTALL)
    assert block, f"member.css has no card of the look {look}"
    gradient = re.search(r"--tc-bg: (.*?);", block.group(1))
    ink = re.search(r"--tc-ink: (#\w{6});", block.group(1))
    fill = re.search(r"--fill: (#\w{6});", block.group(1))
    assert gradient and ink and fill
    grounds = re.findall(r"#\w{6}", gradient.group(1))
    assert len(grounds) == 3
    assert min(contrast(ink.group(1), ground) for ground in grounds) >= TEXT
    assert min(contrast(fill.group(1), ground) for ground in grounds) >= PARTS
