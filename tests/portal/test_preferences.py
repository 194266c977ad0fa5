"""Language and theme: chosen by plain forms, kept in cookies."""

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("language", "tag"), [("en", "en"), ("zh-hans", "zh-Hans"), ("zh-hant", "zh-Hant")])
def test_a_language_is_kept(client: Client, language: str, tag: str) -> None:
    """The next page is in it and says so in its lang attribute."""
    answer = client.post("/preferences/language/", {"language": language, "next": "/login/?next=/points/"})
    assert answer["Location"] == "/login/?next=/points/"
    assert f'<html lang="{tag}"' in client.get("/login/").content.decode()


@pytest.mark.parametrize(
    ("theme", "attribute"), [("dark", ' data-theme="dark"'), ("light", ' data-theme="light"'), ("auto", "")]
)
def test_a_theme_is_kept(client: Client, theme: str, attribute: str) -> None:
    """It is in the page itself, so nothing flashes; auto leaves it to the device."""
    client.post("/preferences/theme/", {"theme": theme, "next": "/login/"})
    assert f'<html lang="en"{attribute}>' in client.get("/login/").content.decode()


@pytest.mark.parametrize("path", ["/preferences/language/", "/preferences/theme/", "/preferences/keys/"])
def test_a_choice_changes_nothing_else(client: Client, path: str) -> None:
    """An unknown value sets no cookie, a foreign address is not followed, a link does nothing."""
    answer = client.post(
        path, {"language": "xx", "theme": "pink", "keys": "some", "next": "https://elsewhere.example/"}
    )
    assert answer["Location"] == "/"
    assert not answer.cookies
    assert client.get(path).status_code == 405


def test_keys_of_one_letter_can_be_switched_off(client: Client) -> None:
    """The page says so to its script, until they are switched on again."""
    client.post("/preferences/keys/", {"keys": "off", "next": "/login/"})
    assert ' data-keys="off">' in client.get("/login/").content.decode()
    client.post("/preferences/keys/", {"keys": "on", "next": "/login/"})
    assert "data-keys" not in client.get("/login/").content.decode()
