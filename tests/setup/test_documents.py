"""What the documents name is there: tests, files of the code, targets of make, settings."""

import re

import pytest

from launcher.places import ROOT

DOCUMENTS = ("security.md", "operations.md")
TEST = re.compile(r"`((?:tests/)?[a-z]+/test_\w+\.py)`")
FILE = re.compile(r"`([a-z_]+/[a-z_/]+\.(?:py|sql))`")
SETTING = re.compile(r"`([A-Z][A-Z_]{4,})(?:=\S*)?`")
TARGET = re.compile(r"`make ([a-z]+)`")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_what_a_document_names_is_there(name: str) -> None:
    text = (ROOT / "docs" / name).read_text()
    missing = [test for test in TEST.findall(text) if not (ROOT / "tests" / test.removeprefix("tests/")).exists()]
    missing += [file for file in FILE.findall(text) if "/test_" not in file and not _exists(file)]
    settings = (ROOT / "membership_site" / "settings.py").read_text() + (ROOT / ".env.example").read_text()
    missing += [one for one in SETTING.findall(text) if one not in settings]
    makefile = (ROOT / "Makefile").read_text()
    missing += [target for target in TARGET.findall(text) if not re.search(rf"^{target}\b.*:", makefile, re.MULTILINE)]
    assert TEST.findall(text) and not missing


def _exists(file: str) -> bool:
    """Files of a door or of the tests may be named without the folder they all share."""
    return any((ROOT / folder / file).exists() for folder in ("", "membership_site", "membership_site/api", "tests"))
