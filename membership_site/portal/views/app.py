"""The members' pages as an app on the phone: its manifest, its worker, and the page for when there is no line."""

import hashlib
import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template import loader
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from kit import programme
from membership_site import preferences

WORKER = "js/worker.js"
FILES = (
    "css/core.css",
    "css/member.css",
    "js/app.js",
    "vendor/htmx-2.0.11.min.js",
    "img/icons.svg",
    "img/favicon.svg",
    "img/card-arcs.svg",
)
"""What every page of the members' is made of; all of it is the same for everybody."""

ICONS = (("app-192", 192, "any"), ("app-512", 512, "any"), ("app-maskable-512", 512, "maskable"))
MANIFEST_SECONDS = 24 * 3600


@require_safe
def manifest(_request: HttpRequest, language: str) -> HttpResponse:
    """Will say how the app is called and looks, in a language; browsers ask for it without cookies."""
    if language not in dict(settings.LANGUAGES):
        raise Http404(_("There is no page here"))
    with translation.override(language):
        said = _manifest()
    headers = {"Cache-Control": f"public, max-age={MANIFEST_SECONDS}"}
    return JsonResponse(said, content_type="application/manifest+json", headers=headers)


@require_safe
def worker(_request: HttpRequest) -> HttpResponse:
    """Will answer with the worker, at the root so that it serves the whole site, and with what it may keep."""
    path = finders.find(WORKER)
    if path is None:
        raise Http404(_("There is no page here"))
    house = f"const HOUSE = {json.dumps(_house(), sort_keys=True)};\n"
    text = house + Path(str(path)).read_text(encoding="utf-8")
    return HttpResponse(text, content_type="text/javascript; charset=utf-8", headers={"Cache-Control": "no-cache"})


@require_safe
def show_offline(request: HttpRequest) -> HttpResponse:
    """Will say that there is no line, in the reader's language and colours and with nothing of his own. No query."""
    page = loader.render_to_string("portal/offline.html", preferences.context(request))
    return HttpResponse(page, headers={"Cache-Control": "no-cache"})


def _manifest() -> dict[str, Any]:
    ways = (
        ("portal:code", _("My code")),
        ("portal:points", _("Points")),
        ("portal:rewards", pgettext("members", "Rewards")),
        ("portal:coupons", _("Coupons")),
    )
    start = reverse("portal:overview")
    return {
        "id": start,
        "start_url": start,
        "scope": start,
        "name": programme.name(),
        "short_name": programme.name(),
        "description": _("Your points, tier, rewards and coupons."),
        "lang": preferences.html_language(),
        "display": "standalone",
        "theme_color": preferences.PAPERS["light"],
        "background_color": preferences.PAPERS["light"],
        "icons": [
            {"src": static(f"img/{name}.png"), "sizes": f"{side}x{side}", "type": "image/png", "purpose": purpose}
            for name, side, purpose in ICONS
        ],
        "shortcuts": [{"name": words, "url": reverse(name)} for name, words in ways],
    }


def _house() -> dict[str, Any]:
    """What the worker may keep; with another content of any file it is another worker, which keeps everything anew."""
    files = [static(name) for name in FILES]
    words = "".join([*files, *map(_offline_words, dict(settings.LANGUAGES))])
    return {
        "version": hashlib.sha256(words.encode()).hexdigest()[:16],
        "files": files,
        "offline": reverse("portal:offline"),
        "choices": reverse("portal:language").removesuffix("language/"),
        "icons": {"icon": static("img/app-192.png"), "badge": static("img/app-badge-96.png")},
    }


def _offline_words(language: str) -> str:
    with translation.override(language):
        return loader.render_to_string("portal/offline.html", preferences.context(HttpRequest()))
