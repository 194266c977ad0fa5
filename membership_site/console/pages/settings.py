"""All settings on one page: what each is now, and where it is set - on a page of the console, or on the server."""

import datetime as dt
from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from benefits import queries as benefits_queries
from insights import queries as insights_queries
from kit import clock
from membership_site import formats
from membership_site.console.access import Capability, Person
from messaging import queries as messaging_queries
from points import queries as points_queries
from tiers import queries as tiers_queries

FROM_THE_BEGINNING = dt.date(1970, 1, 1)
"""The starter programme is in force for all there ever was."""

WRITTEN_ONLY = ("file", "console")
"""Ways of sending by which no message leaves the house."""


@dataclass(frozen=True)
class Setting:
    """A setting: its value in words, and where it is set: an address of the console, or names in the environment."""

    label: str
    value: str
    url: str = ""
    variables: tuple[str, ...] = ()
    warning: str = ""


@dataclass(frozen=True)
class Section:
    """Settings that belong together."""

    code: str
    title: str
    lead: str
    rows: tuple[Setting, ...]


def sections(person: Person, at: dt.datetime) -> tuple[Section, ...]:
    """Will list all settings; what this person may not open has no address. At most eight queries."""
    on_server = _("Set in the environment on the server; a change needs a restart.")
    return (
        Section("programme", _("Programme"), on_server, _programme()),
        Section("rules", _("Rules in force"), _("Versions that are published from the console."), _rules(person, at)),
        Section("entering", _("Who may enter"), on_server, _entering(person)),
        Section("sending", _("How messages leave the house"), on_server, _sending(person)),
    )


def _programme() -> tuple[Setting, ...]:
    return (
        Setting(_("Name"), settings.PROGRAMME_NAME, variables=("PROGRAMME_NAME",)),
        Setting(_("Currency"), settings.PROGRAMME_CURRENCY, variables=("PROGRAMME_CURRENCY",)),
        Setting(_("Time zone"), settings.PROGRAMME_TIME_ZONE, variables=("PROGRAMME_TIME_ZONE",)),
        Setting(_("Languages"), formats.listing([str(name) for _code, name in settings.LANGUAGES])),
        Setting(_("Address of the members’ pages"), settings.PUBLIC_URL, variables=("PUBLIC_URL",)),
        Setting(_("Reference shop at /shop/"), _on(settings.DEMO_SHOP), variables=("DEMO_SHOP",)),
    )


def _rules(person: Person, at: dt.datetime) -> tuple[Setting, ...]:
    today = clock.business_date(at)
    stages = insights_queries.terms_on(today)
    days = _("Asleep after %(sleeping)s days, lapsed after %(lapsed)s") % {
        "sleeping": formats.num(stages.sleeping_days),
        "lapsed": formats.num(stages.lapsed_days),
    }
    matrix = benefits_queries.matrix_on(today)
    rows = [
        Setting(_("Earning rules"), _policy(today), _url(person, Capability.SEE_RULES, "rules")),
        Setting(_("Tiers"), _ladder(today), _url(person, Capability.SEE_RULES, "tiers")),
        Setting(
            _("Benefits"),
            _version(matrix.number, matrix.effective_on) if matrix.number else _("None is published."),
            _url(person, Capability.SEE_BENEFITS, "benefits"),
        ),
        Setting(_("Life-cycle"), days, _url(person, Capability.SEE_MEMBERS, "stages")),
        Setting(_("Points booked by hand"), _by_hand(today), _url(person, Capability.SEE_RULES, "rules")),
    ]
    if url := _url(person, Capability.SEE_CAMPAIGNS, "campaign_settings"):
        rows.append(Setting(_("Control group and attribution"), _("On their own page"), url))
    return tuple(rows)


def _policy(today: dt.date) -> str:
    try:
        found = points_queries.policy_on(today)
    except points_queries.NoPolicy:
        return _("None is published.")
    in_force = next((one for one in points_queries.published_policies() if one.policy.id == found.id), None)
    return _version(in_force.number, in_force.effective_on) if in_force else _("None is published.")


def _ladder(today: dt.date) -> str:
    try:
        terms = tiers_queries.terms_on(today)
    except tiers_queries.NoLadder:
        return _("None is published.")
    if terms.effective_on <= FROM_THE_BEGINNING:
        return _("In force from the beginning")
    return _("Since %(date)s") % {"date": formats.cal(terms.effective_on)}


def _version(number: int, effective_on: dt.date) -> str:
    if effective_on <= FROM_THE_BEGINNING:
        return _("Version %(n)s, from the beginning") % {"n": formats.num(number)}
    return _("Version %(n)s, since %(date)s") % {"n": formats.num(number), "date": formats.cal(effective_on)}


def _by_hand(today: dt.date) -> str:
    try:
        hand = points_queries.policy_on(today).adjustments
    except points_queries.NoPolicy:
        return _("None is published.")
    return _("Alone up to %(alone)s at once and %(day)s a day; above that a second person agrees") % {
        "alone": formats.num(hand.alone_max),
        "day": formats.num(hand.day_max),
    }


def _entering(person: Person) -> tuple[Setting, ...]:
    required = settings.STAFF_SECOND_FACTOR == "required"
    minutes = int(settings.STAFF_STEP_UP_MINUTES)
    again = ngettext("After %(n)s minute", "After %(n)s minutes", minutes) % {"n": formats.num(minutes)}
    rows = [
        Setting(
            _("Second factor of the staff"),
            _("Required") if required else _("Optional"),
            variables=("STAFF_SECOND_FACTOR",),
            warning="" if required else _("A password alone opens the console."),
        ),
        Setting(
            _("Asked again before reveals, adjustments, exports and keys"),
            again if minutes else _("Never"),
            variables=("STAFF_STEP_UP_MINUTES",),
            warning="" if minutes else _("Whoever finds an open console may do all of it."),
        ),
        Setting(
            _("Log-ins of elsewhere"),
            formats.listing([name.title() for name in settings.SOCIAL_LOGINS]) or _("None"),
            variables=("SOCIAL_LOGINS",),
        ),
        Setting(
            _("HTTPS"),
            _on(settings.HTTPS),
            variables=("HTTPS",),
            warning="" if settings.HTTPS else _("Passwords and points travel in the open beyond this machine."),
        ),
    ]
    if url := _url(person, Capability.MANAGE_PEOPLE, "people"):
        rows.append(Setting(_("Staff and roles"), _("On their own page"), url))
    if url := _url(person, Capability.MANAGE_KEYS, "keys"):
        rows.append(Setting(_("API keys"), _("On their own page"), url))
    return tuple(rows)


def _sending(person: Person) -> tuple[Setting, ...]:
    nobody = _("Messages are only written down; nobody gets them.")
    rates = formats.listing([f"{channel} {formats.num(rate)}" for channel, rate in settings.MESSAGE_RATES.items()])
    rows = [
        Setting(
            _("E-mail"),
            settings.MESSAGE_EMAIL,
            variables=("MESSAGE_EMAIL",),
            warning=nobody if settings.MESSAGE_EMAIL in WRITTEN_ONLY else "",
        ),
        Setting(_("Sender"), settings.MESSAGE_FROM, variables=("MESSAGE_FROM", "MESSAGE_REPLY_TO")),
        Setting(
            _("SMS"),
            settings.MESSAGE_SMS,
            variables=("MESSAGE_SMS",),
            warning=nobody if settings.MESSAGE_SMS in WRITTEN_ONLY else "",
        ),
        Setting(_("Web push"), _on(settings.MESSAGE_PUSH != "off"), variables=("VAPID_PRIVATE_KEY",)),
        Setting(
            _("Messages to the shop’s own system"),
            settings.MESSAGE_WEBHOOK_URL or _("Off"),
            variables=("MESSAGE_WEBHOOK_URL",),
        ),
        Setting(_("At most a minute"), rates or _("As fast as they are taken"), variables=("MESSAGE_RATES",)),
    ]
    if url := _url(person, Capability.SEE_MESSAGES, "sending_rules"):
        number = messaging_queries.find_rules().number
        words = _("Version %(n)s") % {"n": formats.num(number)} if number else _("The house’s own")
        rows.append(Setting(_("Quiet hours and caps"), words, url))
        rows.append(Setting(_("Topics"), _("On their own page"), reverse("console:topics")))
    return tuple(rows)


def _on(is_on: bool) -> str:
    return _("On") if is_on else _("Off")


def _url(person: Person, capability: Capability, name: str) -> str:
    return reverse(f"console:{name}") if person.may(capability) else ""
