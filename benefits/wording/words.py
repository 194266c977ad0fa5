"""What the kinds' words are made of: amounts, names of coupons, gifts and pools, and how often."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.conf import settings
from django.utils.translation import get_language, npgettext, pgettext

from kit.formats import Formats

Names = Mapping[str, str]


def spoken(names: Names) -> str:
    """Will return a text that is kept by language in the language spoken now; in English where it lacks that."""
    language = (get_language() or settings.LANGUAGE_CODE).lower()
    return names.get(language) or names.get("en") or next(iter(names.values()), "")


@dataclass(frozen=True)
class Words:
    """Formats, and the names by language of whatever cells may name, by code; multipliers by the code of the tier."""

    formats: Formats
    coupons: Mapping[str, Names] = field(default_factory=dict)
    items: Mapping[str, Names] = field(default_factory=dict)
    pools: Mapping[str, Names] = field(default_factory=dict)
    multipliers: Mapping[str, Decimal] = field(default_factory=dict)

    def coupon(self, code: str) -> str:
        """Will name a coupon; by its code where it is not known."""
        return spoken(self.coupons.get(code, {})) or code

    def item(self, code: str) -> str:
        """Will name a gift."""
        return spoken(self.items.get(code, {})) or code

    def pool(self, code: str) -> str:
        """Will name what a partner's code gives."""
        return spoken(self.pools.get(code, {})) or code

    def several(self, what: str, count: int) -> str:
        """Will say how many of something: 3 × Free shipping."""
        return what if count == 1 else f"{self.formats.num(count)} × {what}"

    def times(self, times: int | None) -> str:
        """Will say how often; nothing where it is as often as one likes."""
        if times is None:
            return ""
        text = npgettext("benefits", "%(count)s time", "%(count)s times", times)
        return text % {"count": self.formats.num(times)}

    def places(self, seats: int | None) -> list[str]:
        """Will say how many places there are, if they are limited."""
        if seats is None:
            return []
        text = npgettext("benefits", "%(count)s place in all", "%(count)s places in all", seats)
        return [text % {"count": self.formats.num(seats)}]

    def multiplier(self, tier: str) -> str:
        """Will say how fast a tier earns: ×2."""
        return f"×{self.formats.num(self.multipliers.get(tier, Decimal(1)).normalize())}"

    def percent_off(self, percent: Decimal) -> str:
        """Will say a share that is taken off, as the language says it: 15% off, 85折."""
        is_chinese = (get_language() or "").startswith("zh")
        off = tenths(percent) if is_chinese else f"{self.formats.num(percent.normalize())}%"
        return pgettext("benefits", "%(off)s off") % {"off": off}

    def all_of(self, parts: Sequence[str]) -> str:
        """Will join parts with commas, as the language writes them."""
        joined, *others = [part for part in parts if part] or [""]
        for part in others:
            joined = pgettext("two short facts", "%(first)s, %(second)s") % {"first": joined, "second": part}
        return joined


def tenths(percent: Decimal) -> str:
    """Will return what is left to pay as Chinese says a discount: 20 % off is 8, 15 % off is 85."""
    left = 100 - percent
    return format(left / 10, "f").rstrip("0").rstrip(".") if left % 10 == 0 else format(left.normalize(), "f")
