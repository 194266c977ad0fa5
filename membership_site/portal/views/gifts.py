"""Giving points to another member: whom and how many, a look at the effect, and the gift itself."""

import uuid
from dataclasses import dataclass

from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from kit import cached, clock
from members.queries import MemberKey
from membership_site import formats
from membership_site.flows import points_given
from membership_site.portal.access import Visitor, member_page
from membership_site.portal.forms.gifts import GiftForm
from membership_site.portal.pages import gifts
from membership_site.portal.pages.gifts import GivePage
from points import actions as points_actions

SALT = "portal.gift"
CONFIRM_SECONDS = 3600

MISSES_MAX = 10
MISSES_SECONDS = 3600
"""So many names that nobody bears may be tried within this time; then the form rests, whoever is named."""

LOOKS_MAX = 40
LOOKS_SECONDS = 24 * 3600
"""So many members may be looked up in a day, found or not."""


@dataclass(frozen=True)
class _Gift:
    """What the confirmation page was shown for, as its signed token carries it."""

    recipient_id: int
    points: int
    key: str


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_page
def give(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Will show the form, then what the gift would do, then give it: each step one press, the last one idempotent.

    Bad input is named at its field with 422; too many guesses rest with 429. At most 15 queries but for the gift.
    """
    if request.method == "POST" and "token" in request.POST:
        return _book(request, visitor)
    page = gifts.give_page(visitor.key.id, clock.now())
    form = GiftForm(request.POST if request.method == "POST" and not page.closed else None)
    if not form.is_valid():
        return _form(request, page, form, 422 if form.errors else 200)
    if _is_resting(visitor):
        form.add_error("recipient", _("Too many members were looked up. Wait an hour, then try again."))
        return _form(request, page, form, 429)
    recipient = _recipient(form, visitor)
    _check_points(form, page)
    if recipient is None or form.errors:
        return _form(request, page, form, 422)
    return _confirmation(request, visitor, recipient, form.cleaned_data["points"])


def _form(request: HttpRequest, page: GivePage, form: GiftForm, status: int) -> HttpResponse:
    return render(request, "portal/gift.html", {"page": page, "form": form, "tab": "points"}, status=status)


def _recipient(form: GiftForm, visitor: Visitor) -> MemberKey | None:
    """Will find whom the form means; the same sentence for nobody and for one who is not active."""
    found = gifts.find_recipient(form.cleaned_data["recipient"])
    cached.count(f"gift-looks:{visitor.key.id}", LOOKS_SECONDS)
    if found is None:
        cached.count(f"gift-misses:{visitor.key.id}", MISSES_SECONDS)
        form.add_error("recipient", _("No active member is known by this. Check it, or ask for the member number."))
    elif found.id == visitor.key.id:
        form.add_error("recipient", _("This is you. Points can be given to another member only."))
        return None
    return found


def _check_points(form: GiftForm, page: GivePage) -> None:
    points = form.cleaned_data["points"]
    if points < page.least:
        form.add_error("points", gifts.too_small(page.least))
    elif points > page.left_today:
        form.add_error("points", gifts.over_the_day(page.left_today, page.day_max))
    elif points > page.available:
        form.add_error("points", gifts.over_the_balance(page.available))


def _confirmation(request: HttpRequest, visitor: Visitor, recipient: MemberKey, points: int) -> HttpResponse:
    shown = gifts.confirm(recipient, points, visitor.key.id, clock.now())
    token = signing.dumps([visitor.key.id, recipient.id, points, str(uuid.uuid4())], salt=SALT)
    return render(request, "portal/gift_confirm.html", {"gift": shown, "token": token, "tab": "points"})


def _book(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Will give what the confirmation page showed; a second press of the same page changes nothing more."""
    at, gift = clock.now(), _read(request.POST["token"], visitor)
    if gift is None:
        messages.error(request, _("The page was too old. Nothing was given; begin again."))
        return redirect("portal:give")
    try:
        points_given.give(
            donor_id=visitor.key.id,
            recipient_id=gift.recipient_id,
            points=gift.points,
            gift_key=gift.key,
            at=at,
            actor="member",
        )
    except (
        points_actions.GiftRefused,
        points_actions.NotEnoughPoints,
        points_actions.NoWallet,
        points_given.NotAMember,
    ) as error:
        page = gifts.give_page(visitor.key.id, at)
        form = GiftForm({"recipient": "", "points": gift.points})
        form.errors.clear()
        field, sentence = gifts.refusal(error)
        form.add_error(field or None, sentence)
        return _form(request, page, form, 422)
    said = ngettext("%(n)s point given.", "%(n)s points given.", gift.points)
    messages.success(request, said % {"n": formats.num(gift.points)})
    return redirect("portal:points")


def _read(token: str, visitor: Visitor) -> _Gift | None:
    """Will read a token of this member's own, at most an hour old."""
    try:
        donor_id, recipient_id, points, key = signing.loads(token, salt=SALT, max_age=CONFIRM_SECONDS)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return _Gift(recipient_id, points, key) if donor_id == visitor.key.id else None


# ---- guesses


def _is_resting(visitor: Visitor) -> bool:
    misses, looks = (int(cached.find(f"gift-{name}:{visitor.key.id}") or 0) for name in ("misses", "looks"))
    return misses >= MISSES_MAX or looks >= LOOKS_MAX
