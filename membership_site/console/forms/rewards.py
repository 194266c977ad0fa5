"""What the staff type about rewards: one reward, its prizes, a gift, and how much is added to or taken off a stock."""

import datetime as dt
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from benefits.actions import GiftTerms, RewardTerms
from benefits.enums import PrizeKind, RewardKind
from benefits.queries import Choices, GiftRow, ShelfReward
from benefits.rules.lottery import WHOLE, Prize, share
from benefits.rules.rewards import ANY_TIER, CANCEL_DAYS_MAX, CODE, PRICE_MAX
from benefits.wording import named
from kit import clock
from membership_site import formats
from membership_site.console.forms.policies import date_field, number_field, whole_field

ICONS = (
    "gift", "ticket", "tag", "percent", "coffee", "cake", "flower-2", "heart", "star", "sparkles", "shopping-bag",
    "package", "truck", "trophy", "medal", "award", "crown", "gem", "sun", "leaf",
)  # fmt: skip
LANGUAGES = (("en", "en"), ("zh_hans", "zh-hans"), ("zh_hant", "zh-hant"))
"""How a language is written in a field's name, and how it is kept."""

PRIZES_MAX = 6
COUNT_MAX = 10**7
POINTS = "points:"


@dataclass(frozen=True)
class PriceField:
    """The price of a tier: its name and the field."""

    label: str
    field: BoundField


@dataclass(frozen=True)
class PrizeFields:
    """The fields of one prize."""

    number: int
    names: tuple[BoundField, ...]
    gives: BoundField
    points: BoundField
    chance: BoundField
    left: BoundField | None
    key: BoundField
    stock: str


def name_fields(what: Any, most: int = 80) -> dict[str, forms.CharField]:
    """Will return a field for a name in each language; the first is needed."""
    labels = (gettext_lazy("English"), gettext_lazy("Simplified Chinese"), gettext_lazy("Traditional Chinese"))
    return {
        f"name_{written}": forms.CharField(
            label=label, required=written == "en", max_length=most, error_messages={"required": what}
        )
        for (written, _kept), label in zip(LANGUAGES, labels, strict=True)
    }


def text_fields(prefix: str) -> dict[str, forms.CharField]:
    """Will return a field for a longer text in each language."""
    labels = (gettext_lazy("English"), gettext_lazy("Simplified Chinese"), gettext_lazy("Traditional Chinese"))
    return {
        f"{prefix}_{written}": forms.CharField(
            label=label, required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
        )
        for (written, _kept), label in zip(LANGUAGES, labels, strict=True)
    }


def by_language(typed: Mapping[str, Any], prefix: str) -> dict[str, str]:
    """Will return what was typed in the fields of a prefix by language, without those left empty."""
    texts = {kept: str(typed.get(f"{prefix}_{written}") or "").strip() for written, kept in LANGUAGES}
    return {language: text for language, text in texts.items() if text}


def initial_texts(texts: Mapping[str, str], prefix: str) -> dict[str, str]:
    """Will return texts by language as their fields show them."""
    return {f"{prefix}_{written}": texts.get(kept, "") for written, kept in LANGUAGES}


def code_field() -> forms.RegexField:
    """Will return the field for a short name."""
    return forms.RegexField(
        regex=CODE,
        label=gettext_lazy("Short name"),
        max_length=60,
        help_text=gettext_lazy("Small letters, digits and hyphens, such as “hand-cream”. It cannot be changed later."),
        error_messages={
            "required": gettext_lazy("Give it a short name."),
            "invalid": gettext_lazy("Use small letters, digits and hyphens, such as “hand-cream”."),
        },
    )


class RewardForm(forms.Form):
    """A reward of one kind; of a draw also its prizes. What goes together is asked of the rules."""

    revision = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        kind: RewardKind,
        choices: Choices,
        tiers: Sequence[tuple[str, str]],
        known: ShelfReward | None,
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        self.kind, self.tiers, self.known = kind, tiers, known
        self.offered = {
            RewardKind.COUPON: choices.coupons,
            RewardKind.GIFT: choices.gifts,
            RewardKind.PARTNER_CODE: choices.pools,
        }
        if known is None:
            self.fields["code"] = code_field()
        self.fields |= name_fields(gettext_lazy("Give it a name."))
        self.fields |= text_fields("says")
        self.fields["icon"] = forms.ChoiceField(
            label=gettext_lazy("Sign"), choices=[(name, name) for name in ICONS], required=False
        )
        if kind is not RewardKind.DRAW:
            self._add_gives()
        self._add_prices()
        self._add_limits()
        if kind is RewardKind.DRAW:
            self._add_prizes()

    def _add_gives(self) -> None:
        rows = [(code, f"{named(names, code)} ({code})") for code, names in self.offered[self.kind]]
        self.fields["gives"] = forms.ChoiceField(
            label=gettext_lazy("What it gives"),
            choices=rows,
            error_messages={
                "required": gettext_lazy("Choose what it gives."),
                "invalid_choice": gettext_lazy("Choose what it gives."),
            },
        )

    def _add_prices(self) -> None:
        for tier, name in (*self.tiers, (ANY_TIER, _("Every other tier"))):
            errors = {"min_value": gettext_lazy("Use a whole number of points from 1.")}
            self.fields[price_name(tier)] = whole_field(name, 1, PRICE_MAX, required=False, errors=errors)

    def _add_limits(self) -> None:
        if self.known is None:
            self.fields["left"] = whole_field(
                gettext_lazy("How many there are"),
                0,
                COUNT_MAX,
                required=False,
                help_text=gettext_lazy("Empty: as many as the gift or the codes allow."),
            )
        self.fields["member_max"] = whole_field(
            gettext_lazy("How many one member may have"),
            1,
            COUNT_MAX,
            required=False,
            help_text=gettext_lazy("Empty: any number."),
        )
        self.fields["starts_on"] = date_field(gettext_lazy("First day"), required=False)
        self.fields["ends_on"] = date_field(gettext_lazy("Last day"), required=False)
        if self.kind is not RewardKind.DRAW:
            self.fields["cancel_days"] = whole_field(
                gettext_lazy("Days in which members may give it back themselves"), 0, CANCEL_DAYS_MAX
            )

    def _add_prizes(self) -> None:
        given = [
            (f"{kind.value}:{code}", f"{named(names, code)} ({code})")
            for kind, rows in self.offered.items()
            for code, names in rows
        ]
        choices = [("", _("No prize here")), (POINTS, _("Points")), *given]
        known = {} if self.known is None else {prize.key for prize in self.known.prizes}
        for number in range(PRIZES_MAX):
            labels = (gettext_lazy("English"), gettext_lazy("Simplified Chinese"), gettext_lazy("Traditional Chinese"))
            for (written, _kept), label in zip(LANGUAGES, labels, strict=True):
                self.fields[f"prize{number}_name_{written}"] = forms.CharField(
                    label=label, required=False, max_length=80
                )
            self.fields[f"prize{number}_key"] = forms.CharField(required=False, max_length=12, widget=forms.HiddenInput)
            self.fields[f"prize{number}_gives"] = forms.ChoiceField(
                label=gettext_lazy("Prize"), choices=choices, required=False
            )
            self.fields[f"prize{number}_points"] = whole_field(gettext_lazy("Points"), 1, PRICE_MAX, required=False)
            self.fields[f"prize{number}_chance"] = forms.DecimalField(
                label=gettext_lazy("Chance in percent"),
                required=False,
                min_value=0,
                max_value=100,
                decimal_places=4,
                help_text=gettext_lazy("Empty: the rest of the chances."),
            )
            if self.prefix_key(number) not in known:
                self.fields[f"prize{number}_left"] = whole_field(
                    gettext_lazy("How many there are"), 0, COUNT_MAX, required=False
                )

    def prefix_key(self, number: int) -> str:
        """Will return the key of the prize in a place of the form, empty for a new one."""
        prizes = self.known.prizes if self.known else ()
        return prizes[number].key if number < len(prizes) else ""

    @property
    def prices(self) -> list[PriceField]:
        """The price fields in the order of the tiers."""
        return [
            PriceField(name, self[price_name(tier)]) for tier, name in (*self.tiers, (ANY_TIER, _("Every other tier")))
        ]

    @property
    def prizes(self) -> Iterator[PrizeFields]:
        """The fields of prizes, prize by prize; nothing for what is no draw."""
        for number in range(PRIZES_MAX if self.kind is RewardKind.DRAW else 0):
            known = self.known.prizes[number] if self.known and number < len(self.known.prizes) else None
            has_left = f"prize{number}_left" in self.fields
            yield PrizeFields(
                number + 1,
                tuple(self[f"prize{number}_name_{written}"] for written, _kept in LANGUAGES),
                self[f"prize{number}_gives"],
                self[f"prize{number}_points"],
                self[f"prize{number}_chance"],
                self[f"prize{number}_left"] if has_left else None,
                self[f"prize{number}_key"],
                "" if known is None else stock_words(known.left),
            )

    def short_name(self) -> str:
        """Will return the short name, of a reward that is known its own."""
        return self.known.code if self.known else str(self.cleaned_data["code"])

    def terms(self) -> RewardTerms:
        """Will return what was typed as the deed takes it."""
        typed = self.cleaned_data
        return RewardTerms(
            kind=self.kind,
            names=by_language(typed, "name"),
            says=by_language(typed, "says"),
            icon=typed["icon"] or "gift",
            prices={
                tier: typed[price_name(tier)]
                for tier in (*(code for code, _name in self.tiers), ANY_TIER)
                if typed.get(price_name(tier)) is not None
            },
            gives=typed.get("gives", ""),
            prizes=list(self._prizes()),
            left=typed.get("left"),
            member_max=typed["member_max"],
            starts_at=clock.day_start(typed["starts_on"]) if typed["starts_on"] else None,
            ends_at=clock.day_start(typed["ends_on"] + dt.timedelta(days=1)) if typed["ends_on"] else None,
            cancel_days=typed.get("cancel_days") or 0,
        )

    def _prizes(self) -> Iterator[Prize]:
        if self.kind is not RewardKind.DRAW:
            return
        for number in range(PRIZES_MAX):
            typed = {
                name.removeprefix(f"prize{number}_"): value
                for name, value in self.cleaned_data.items()
                if name.startswith(f"prize{number}_")
            }
            if typed["gives"]:
                kind, _colon, code = typed["gives"].partition(":")
                yield Prize(
                    key=typed["key"] or uuid.uuid4().hex[:12],
                    names=by_language(typed, "name"),
                    kind=PrizeKind(kind),
                    gives=code,
                    points=(typed["points"] or 0) if kind == PrizeKind.POINTS else 0,
                    chance=int((typed["chance"] or 0) * WHOLE / 100),
                    is_rest=typed["chance"] is None,
                    left=typed.get("left"),
                )

    @staticmethod
    def typed_from(known: ShelfReward) -> dict[str, Any]:
        """Will return a reward as its form shows it."""
        typed: dict[str, Any] = {
            "revision": known.revision,
            "icon": known.icon,
            "gives": known.gives,
            "member_max": known.member_max,
            "starts_on": clock.business_date(known.starts_at) if known.starts_at else None,
            "ends_on": last_date(known.ends_at),
            "cancel_days": known.cancel_days,
            **initial_texts(known.names, "name"),
            **initial_texts(known.says, "says"),
            **{price_name(tier): price for tier, price in known.prices.items()},
        }
        for number, prize in enumerate(known.prizes):
            typed |= initial_texts(prize.names, f"prize{number}_name")
            typed |= {
                f"prize{number}_key": prize.key,
                f"prize{number}_gives": f"{prize.kind.value}:{prize.gives}",
                f"prize{number}_points": prize.points or None,
                f"prize{number}_chance": None
                if prize.is_rest
                else format((share(prize.chance) * 100).normalize(), "f"),
            }
        return typed


def price_name(tier: str) -> str:
    """Will return the name of the field for a tier's price."""
    return f"price_{'rest' if tier == ANY_TIER else tier}"


def last_date(ends_at: dt.datetime | None) -> dt.date | None:
    """Will return the last date of something that ends at an instant."""
    return clock.business_date(ends_at - dt.timedelta(microseconds=1)) if ends_at else None


def stock_words(left: int | None) -> str:
    """Will say what is left of a stock."""
    return _("any number") if left is None else formats.num(left)


class GiftForm(forms.Form):
    """A thing that is sent; its stock is set when it is new, and changed by a form of its own afterwards."""

    def __init__(self, *args: Any, known: GiftRow | None, **options: Any) -> None:
        super().__init__(*args, **options)
        self.known = known
        if known is None:
            self.fields["code"] = code_field()
        self.fields |= name_fields(gettext_lazy("Give it a name."))
        self.fields["sku"] = forms.CharField(label=gettext_lazy("SKU"), required=False, max_length=120)
        self.fields["value"] = number_field(gettext_lazy("Worth to the member"))
        self.fields["cost"] = number_field(gettext_lazy("Cost to the shop"))
        if known is None:
            self.fields["left"] = whole_field(
                gettext_lazy("How many there are"),
                0,
                COUNT_MAX,
                required=False,
                help_text=gettext_lazy("Empty: it never runs out."),
            )
        self.fields["low_water"] = whole_field(
            gettext_lazy("Tell us when fewer are left than"),
            0,
            COUNT_MAX,
            help_text=gettext_lazy("0: never."),
        )
        self.fields["needs_address"] = forms.BooleanField(label=gettext_lazy("It is sent by post"), required=False)
        self.fields["is_archived"] = forms.BooleanField(label=gettext_lazy("It is given no more"), required=False)

    def short_name(self) -> str:
        """Will return the short name, of a gift that is known its own."""
        return self.known.code if self.known else str(self.cleaned_data["code"])

    def terms(self) -> GiftTerms:
        """Will return what was typed as the deed takes it."""
        typed = self.cleaned_data
        return GiftTerms(
            names=by_language(typed, "name"),
            sku=typed["sku"],
            value=typed["value"].quantize(Decimal("0.001")),
            cost=typed["cost"].quantize(Decimal("0.001")),
            low_water=typed["low_water"],
            needs_address=typed["needs_address"],
            is_archived=typed["is_archived"],
        )

    @staticmethod
    def typed_from(known: GiftRow) -> dict[str, Any]:
        """Will return a gift as its form shows it."""
        names = ("sku", "low_water", "needs_address", "is_archived")
        return {
            **{name: getattr(known, name) for name in names},
            "value": format(known.value.normalize(), "f"),
            "cost": format(known.cost.normalize(), "f"),
            **initial_texts(known.names, "name"),
        }


class StockForm(forms.Form):
    """How many are added (+100) or taken off (-5), or that there is no limit."""

    by = forms.IntegerField(
        required=False,
        min_value=-COUNT_MAX,
        max_value=COUNT_MAX,
        error_messages={
            "invalid": gettext_lazy("Use a whole number with its sign, for example +100 or -5."),
            "min_value": gettext_lazy("This is too many at once. Check the number."),
            "max_value": gettext_lazy("This is too many at once. Check the number."),
        },
    )
    unlimited = forms.BooleanField(required=False)
    prize = forms.CharField(required=False, max_length=12)
    form_key = forms.UUIDField()

    def clean(self) -> dict[str, Any]:
        """Will ask for one of both."""
        typed = super().clean() or {}
        if not typed.get("unlimited") and not typed.get("by") and "by" not in self.errors:
            self.add_error("by", _("Use a whole number with its sign, for example +100 or -5."))
        return typed
