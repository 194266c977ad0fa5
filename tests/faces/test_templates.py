"""The templates as written: only icons and static files that exist, no dead links, full-width Chinese punctuation."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
CATALOGUES = sorted((ROOT / "locale").rglob("*.po"))
COMMENTS = re.compile(r"{% comment.*?{% endcomment %}|{#.*?#}", re.DOTALL)
COMPOSED = re.compile(r"look-\w+|l[1-4]|s[1-4]|htmx-\w+")
"""Classes that are put together where they are used, or set by htmx."""
CHINESE = r"[\u3400-\u9fff\uff00-\uffef]"


def source(path: Path) -> str:
    """Will return a template without its comments."""
    return COMMENTS.sub("", path.read_text(encoding="utf-8"))


def named(path: Path) -> str:
    """Will return a file's name as it is written in the repository."""
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", TEMPLATES, ids=named)
def test_a_template_asks_only_for_what_there_is(path: Path) -> None:
    """Every icon is in the sprite, every static file in static/, and no link leads nowhere."""
    text = source(path)
    sprite = set((ROOT / "static/img/icons.txt").read_text(encoding="utf-8").split())
    assert set(re.findall(r"{% icon \"([\w-]+)\"", text)) <= sprite, "add it to static/img/icons.txt and cut the sprite"
    for name in re.findall(r"{% static ['\"]([^'\"]+)['\"]", text):
        assert (ROOT / "static" / name).is_file(), f"{name} is not in static/"
    assert not re.search(r"href=[\"']#[\"']", text), "a link that leads nowhere"


def test_the_sprite_holds_exactly_the_icons_of_its_list() -> None:
    """Whoever adds a name must cut the sprite again."""
    sprite = (ROOT / "static/img/icons.svg").read_text(encoding="utf-8")
    lines = (ROOT / "static/img/icons.txt").read_text(encoding="utf-8").splitlines()
    names = [line for line in lines if line and not line.startswith("#")]
    assert re.findall(r'<symbol id="([\w-]+)"', sprite) == names
    assert names == sorted(names)


@pytest.mark.parametrize("path", [*TEMPLATES, *CATALOGUES], ids=named)
def test_chinese_is_punctuated_in_full_width(path: Path) -> None:
    """An ASCII comma, full stop, colon or question mark right after a Chinese character looks like a slip."""
    slips = re.findall(rf".{{0,12}}{CHINESE}[,;:?!](?!\d).{{0,12}}", path.read_text(encoding="utf-8"))
    assert not slips, slips[:5]


def test_nothing_of_the_faces_is_kept_that_nobody_shows() -> None:
    """Icons, classes and properties of style sheets: each is named by a template, a script or what draws pages."""
    sheets = [path.read_text(encoding="utf-8") for path in (ROOT / "static/css").glob("*.css")]
    users = [*TEMPLATES, *(ROOT / "static/js").glob("*.js")]
    users += [path for path in ROOT.glob("*/**/*.py") if path.relative_to(ROOT).parts[0] not in ("tests", ".venv")]
    said = set(re.findall(r"[A-Za-z][\w-]*", "\n".join(path.read_text(encoding="utf-8") for path in users)))
    icons = (ROOT / "static/img/icons.txt").read_text(encoding="utf-8").splitlines()
    assert {name for name in icons if name and not name.startswith("#")} <= said
    styles = re.sub(r"/\*.*?\*/", "", "\n".join(sheets), flags=re.DOTALL)
    classes = {name for rule in re.findall(r"([^{}]+){", styles) for name in re.findall(r"\.([A-Za-z][\w-]*)", rule)}
    assert {name for name in classes - said if not COMPOSED.fullmatch(name)} == set()
    scripts = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "static/js").glob("*.js"))
    pages = "\n".join(path.read_text(encoding="utf-8") for path in users if path.suffix != ".js")
    assert {hook for hook in re.findall(r"\[(data-[\w-]+)", scripts) if hook not in pages} == {"data-sent"}
    assert set(re.findall(r"(--[\w-]+)\s*:", styles)) == set(re.findall(r"var\((--[\w-]+)", styles))
