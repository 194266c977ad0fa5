"""Cuts the Lucide icons named in static/img/icons.txt into the one sprite every page uses, static/img/icons.svg."""

import re
import sys
from pathlib import Path

IMAGES = Path(__file__).resolve().parent.parent / "static" / "img"
SYMBOL = (
    '<symbol id="{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor"'
    ' stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round">{body}</symbol>'
)


def wanted_names() -> list[str]:
    """Will return the icon names of the list, without its remarks."""
    lines = (IMAGES / "icons.txt").read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def symbol(name: str, source: Path) -> str:
    """Will return one icon as a symbol; raises FileNotFoundError for a name Lucide does not have."""
    drawing = re.search(r"<svg[^>]*>(.*)</svg>", source.read_text(encoding="utf-8"), re.DOTALL)
    if drawing is None:
        raise ValueError(f"{source} holds no drawing")
    body = re.sub(r"\s+", " ", drawing.group(1)).replace(" />", "/>").replace("> <", "><").strip()
    return SYMBOL.format(name=name, body=body)


def main(icons: Path) -> None:
    """Will write the sprite from the folder `icons` of an unpacked lucide-static package."""
    symbols = [symbol(name, icons / f"{name}.svg") for name in wanted_names()]
    note = "<!-- Lucide 1.62.0, ISC licence, https://lucide.dev/license -->"
    sprite = f'<svg xmlns="http://www.w3.org/2000/svg">{note}\n' + "\n".join(symbols) + "\n</svg>\n"
    (IMAGES / "icons.svg").write_text(sprite, encoding="utf-8")
    print(f"{len(symbols)} icons, {len(sprite)} bytes")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Say where the icons are: python tools/cut_icons.py node_modules/lucide-static/icons")
    main(Path(sys.argv[1]))
