"""What messages may say of members: their merge values, for however many members in the same number of queries."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from decimal import ROUND_DOWN, Decimal

from django.conf import settings

from benefits import queries as benefits_queries
from benefits.queries import ReadyCoupon
from kit import clock, programme
from kit.money import exponent_of
from members import queries as members_queries
from members.queries import Person
from messaging.rules.fields import CATALOGUE, LANGUAGES, by_language
from messaging.rules.language import LIST_MAX
from points import queries as points_queries
from points.queries import Holdings
from tiers import queries as tiers_queries
from tiers.queries import Outlook

MOMENT = dt.timedelta(microseconds=1)
EVERY_FIELD = frozenset(CATALOGUE)
OF_HOLDINGS = frozenset({"points", "points_worth", "points_expiring", "points_expiring_on", "growth"})
OF_OUTLOOK = frozenset({"tier", "tier_until", "next_tier", "to_next_tier"})
OF_COUPONS = frozenset({"coupons_ready", "coupons"})
IDEOGRAPH = re.compile("[\u3400-\u9fff]")


def values_for(
    member_ids: Sequence[int],
    languages: Mapping[int, str],
    at: dt.datetime,
    fields: AbstractSet[str] = EVERY_FIELD,
) -> dict[int, dict[str, object]]:
    """Will return {id: {field: value}} of some members at an instant, names in the language given for each.

    A member whose language is not given is spoken to in his own; `language` says in which. Who is not there is left
    out; what a member has not is None. Of points, tiers and coupons only those are asked of which `fields` names any.
    Eight queries for all of them, however many members, and more the first time a policy or a ladder is read.
    """
    today = clock.business_date(at)
    people = members_queries.people_of(member_ids)
    found: dict[int, dict[str, object]] = {}
    for member_id, person in people.items():
        language = languages.get(member_id) or language_of(person)
        found[member_id] = {"language": language, "programme_name": programme.name(language), **_of_person(person)}
    if fields & OF_HOLDINGS:
        holdings = points_queries.holdings_of(member_ids, today)
        per_unit = Decimal(points_queries.policy_on(today).redemption_points_per_unit)
        for member_id, said in found.items():
            said.update(_of_holdings(holdings.get(member_id, Holdings()), per_unit))
    if fields & OF_OUTLOOK:
        outlooks = tiers_queries.outlooks_of(member_ids, today)
        for member_id, said in found.items():
            said.update(_of_outlook(outlooks.get(member_id), str(said["language"])))
    if fields & OF_COUPONS:
        coupons = benefits_queries.ready_of(member_ids, at)
        for member_id, said in found.items():
            said.update(_of_coupons(coupons.get(member_id, []), str(said["language"])))
    return found


def language_of(person: Person) -> str:
    """Will return the language in which a member is written to. No queries."""
    language = person.language.lower()
    return language if language in LANGUAGES else LANGUAGES[0]


def _of_person(person: Person) -> dict[str, object]:
    name = person.name.strip()
    return {
        "number": person.number,
        "name": name or None,
        "first_name": (name if IDEOGRAPH.search(name) else name.partition(" ")[0]) or None,
        "joined_on": clock.business_date(person.joined_at) if person.joined_at else None,
        "birthday_month": person.birthday.month if person.birthday else None,
    }


def _of_holdings(held: Holdings, per_unit: Decimal) -> dict[str, object]:
    coin = Decimal(1).scaleb(-exponent_of(settings.PROGRAMME_CURRENCY))
    return {
        "points": held.available,
        "points_worth": (held.available / per_unit).quantize(coin, rounding=ROUND_DOWN),
        "points_expiring": held.ending.points if held.ending else None,
        "points_expiring_on": held.ending.date if held.ending else None,
        "growth": held.growth,
    }


def _of_outlook(outlook: Outlook | None, language: str) -> dict[str, object]:
    if outlook is None:
        return dict.fromkeys(("tier", "tier_until", "next_tier", "to_next_tier"))
    return {
        "tier": by_language(outlook.tier.names, language),
        "tier_until": outlook.until,
        "next_tier": by_language(outlook.next_tier.names, language) if outlook.next_tier else None,
        "to_next_tier": outlook.to_next,
    }


def _of_coupons(ready: Sequence[ReadyCoupon], language: str) -> dict[str, object]:
    rows = [
        {
            "name": by_language(one.names, language),
            # The last date on which it is good; one without an end needs a date all the same to be said.
            "until": clock.business_date(one.ends_at - MOMENT),
        }
        for one in ready
        if one.ends_at
    ]
    return {"coupons_ready": len(ready), "coupons": rows[:LIST_MAX]}
