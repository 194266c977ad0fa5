"""What every reader chooses, kept in cookies by plain forms: language, theme, and for the staff keys of one letter."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.functional import Promise
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import check_for_language, get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from kit import programme

THEME_COOKIE = "theme"
KEYS_COOKIE = "keys"
KEYS_OFF = "off"
YEAR_SECONDS = 365 * 24 * 3600

# BCP 47 as browsers, screen readers and the :lang() of our style sheets know it.
HTML_LANGUAGES = {"zh-hans": "zh-Hans", "zh-hant": "zh-Hant"}


@dataclass(frozen=True)
class Theme:
    """One of the three themes: what it is called, which icon shows it, and which one its button asks for."""

    code: str
    icon: str
    words: str | Promise
    next: str


THEMES = {
    "auto": Theme("auto", "contrast", _("Colours: as on this device. Change to dark"), "dark"),
    "dark": Theme("dark", "moon", _("Colours: dark. Change to light"), "light"),
    "light": Theme("light", "sun", _("Colours: light. Change to as on this device"), "auto"),
}

PAPERS = {"light": "#ffffff", "dark": "#1b1c1a"}
"""What a phone paints around a page: the ground of the bar on top of it, as core.css has it."""


def context(request: HttpRequest) -> dict[str, Any]:
    """Will give every template its language tag, theme and programme; no queries."""
    return {
        "html_lang": html_language(),
        "theme": THEMES.get(request.COOKIES.get(THEME_COOKIE, ""), THEMES["auto"]),
        "keys_are_off": request.COOKIES.get(KEYS_COOKIE) == KEYS_OFF,
        "programme_name": programme.name(),
        "papers": PAPERS,
        "has_demo_shop": settings.DEMO_SHOP,
    }


def html_language() -> str:
    """Will return the reader's language as a BCP 47 tag."""
    language = get_language() or settings.LANGUAGE_CODE
    return HTML_LANGUAGES.get(language, language)


@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Will keep the chosen language for a year and go back to the page; an unknown one changes nothing."""
    response = _back(request)
    language = request.POST.get("language", "")
    if language in dict(settings.LANGUAGES) and check_for_language(language):
        _keep(response, settings.LANGUAGE_COOKIE_NAME, language)
    return response


@require_POST
def choose_theme(request: HttpRequest) -> HttpResponse:
    """Will keep the chosen theme for a year and go back to the page; an unknown one changes nothing."""
    response = _back(request)
    theme = request.POST.get("theme", "")
    if theme in THEMES:
        _keep(response, THEME_COOKIE, theme)
    return response


@require_POST
def choose_keys(request: HttpRequest) -> HttpResponse:
    """Will keep for a year whether single letters do something on a page; an unknown wish changes nothing."""
    response = _back(request)
    wish = request.POST.get("keys", "")
    if wish in ("on", KEYS_OFF):
        _keep(response, KEYS_COOKIE, wish)
    return response


def keep_first_language(request: HttpRequest, response: HttpResponse, language: str) -> None:
    """Will keep the language an account was opened in, where this browser has not chosen one yet."""
    if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES and language in dict(settings.LANGUAGES):
        _keep(response, settings.LANGUAGE_COOKIE_NAME, language)


def _back(request: HttpRequest) -> HttpResponse:
    target = request.POST.get("next", "")
    own = url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(target if own and target.startswith("/") else "/")


def _keep(response: HttpResponse, cookie: str, value: str) -> None:
    response.set_cookie(cookie, value, max_age=YEAR_SECONDS, secure=settings.HTTPS, httponly=True, samesite="Lax")
