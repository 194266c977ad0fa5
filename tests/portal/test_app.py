"""The pages as an app: the manifest in each language, the worker and what it may keep, the page without a line."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site
from django.contrib.staticfiles import finders
from django.test import Client

from membership_site import preferences
from tests.faces.test_tokens import palettes

pytestmark = pytest.mark.django_db

PNG = b"\x89PNG\r\n\x1a\n"


def house(client: Client) -> dict[str, object]:
    """Will return what the worker is told that it may keep."""
    first = client.get("/worker.js").content.decode().splitlines()[0]
    told: dict[str, object] = json.loads(first.removeprefix("const HOUSE = ").removesuffix(";"))
    return told


@pytest.mark.parametrize(
    ("language", "tag", "code"),
    [("en", "en", "My code"), ("zh-hans", "zh-Hans", "会员码"), ("zh-hant", "zh-Hant", "會員碼")],
)
def test_the_manifest_speaks_each_language(client: Client, language: str, tag: str, code: str) -> None:
    """Without a cookie, for browsers send none; every icon is as large as it says, every way leads to a page."""
    answer = client.get(f"/app/{language}.webmanifest")
    assert answer["Content-Type"] == "application/manifest+json"
    said = answer.json()
    assert (said["lang"], said["start_url"], said["scope"], said["display"]) == (tag, "/", "/", "standalone")
    assert said["shortcuts"][0] == {"name": code, "url": "/code/"}
    assert {icon["purpose"] for icon in said["icons"]} == {"any", "maskable"}
    for icon in said["icons"]:
        head = Path(str(finders.find(icon["src"].removeprefix("/static/")))).read_bytes()[:24]
        width, height = (int.from_bytes(head[at : at + 4], "big") for at in (16, 20))
        assert head.startswith(PNG) and f"{width}x{height}" == icon["sizes"]
    for way in said["shortcuts"]:
        assert client.get(way["url"]).status_code == 302, "to the log-in"


def test_no_other_language_has_a_manifest(client: Client) -> None:
    assert client.get("/app/tlh.webmanifest").status_code == 404


def test_a_programme_may_have_a_name_in_each_language(client: Client, settings: Any) -> None:
    """Where there is none, the one name stands."""
    settings.PROGRAMME_NAMES = {"zh-hans": "蕨径会", "zh-hant": ""}
    names = [client.get(f"/app/{code}.webmanifest").json()["name"] for code, _name in site.LANGUAGES]
    assert names == [site.PROGRAMME_NAME, "蕨径会", site.PROGRAMME_NAME]
    assert "蕨径会" in client.get("/offline/", headers={"cookie": "django_language=zh-hans"}).content.decode()


def test_the_phone_paints_what_the_bar_on_top_has(client: Client) -> None:
    """One colour where the reader chose one, otherwise the device's."""
    for where, tokens in palettes().items():
        theme = "dark" if "dark" in where or "not" in where else "light"
        assert tokens["surface"] == preferences.PAPERS[theme], where
    colours = {}
    for theme in ("dark", "auto"):
        page = client.get("/login/", headers={"cookie": f"theme={theme}"}).content.decode()
        colours[theme] = re.findall(r'name="theme-color" content="(#\w+)"', page)
    assert colours == {"dark": [preferences.PAPERS["dark"]], "auto": list(preferences.PAPERS.values())}


def test_the_worker_keeps_files_and_one_page_and_nothing_of_a_member(browse: Client) -> None:
    """Every file is there, the page names nobody, and neither answer belongs to a session."""
    told = house(browse)
    for file in told["files"]:
        assert finders.find(file.removeprefix("/static/")), file
    assert told["offline"] == "/offline/"
    for path in ("/worker.js", "/offline/"):
        answer = browse.get(path)
        assert answer["Cache-Control"] == "no-cache" and not answer.cookies
        assert "unsafe" not in answer["Content-Security-Policy"]
    page = browse.get("/offline/").content.decode()
    assert "Ann" not in page and "csrfmiddlewaretoken" not in page
    assert '"X-CSRFToken":""' in page


def test_other_words_make_another_worker(client: Client, settings: Any) -> None:
    """So that a browser which kept the old page fetches the new one."""
    before = house(client)["version"]
    assert house(client)["version"] == before
    settings.PROGRAMME_NAMES = {"zh-hant": "蕨徑會"}
    assert house(client)["version"] != before
