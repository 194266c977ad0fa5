"""The first steps of a fresh installation, ticked off by facts; gone when all are done."""

from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from members.queries import entering as entering_queries
from membership_site.console.access import Capability, Person
from points import queries as points_queries
from tiers import queries as tiers_queries

DEFAULT_NAME = "Fernway Circle"
WRITTEN_ONLY = ("file", "console")
"""Ways of sending by which no message leaves the house."""


@dataclass(frozen=True)
class Step:
    """A first step: what it is, how it is done, and whether it is; `url` is empty where it is done on the server."""

    title: str
    words: str
    url: str
    is_done: bool


def checklist(person: Person) -> tuple[Step, ...]:
    """Will return the first steps for who may do all of them, nothing once they are done.

    At most three queries, of which the overview has asked two.
    """
    if not person.may(Capability.MANAGE_PEOPLE):
        return ()
    staff, keys = entering_queries.count_who_enter()
    steps = (
        Step(
            _("Name the programme"),
            _("PROGRAMME_NAME, PROGRAMME_CURRENCY and PROGRAMME_TIME_ZONE in the environment, before anybody joins."),
            "",
            settings.PROGRAMME_NAME != DEFAULT_NAME,
        ),
        Step(
            _("Look at the tiers"),
            _("The starter’s four are in force. Publish your own."),
            reverse("console:tiers"),
            len(tiers_queries.versions_of(tiers_queries.MAIN)) > 1,
        ),
        Step(
            _("Look at the earning rules"),
            _("The starter’s rules are in force. Publish your own."),
            reverse("console:rules"),
            points_queries.count_policies() > 1,
        ),
        Step(
            _("Invite the others"),
            _("Points above a limit need a second person, and somebody should be able to reset your second factor."),
            reverse("console:people"),
            staff > 1,
        ),
        Step(
            _("Connect the shop"),
            _("Make a key for the shop’s machines, with the scopes they need."),
            reverse("console:keys"),
            keys > 0,
        ),
        Step(
            _("Let messages leave the house"),
            _("MESSAGE_EMAIL in the environment names who sends e-mail. Until then they are only written to files."),
            "",
            str(getattr(settings, "MESSAGE_EMAIL", "file")) not in WRITTEN_ONLY,
        ),
    )
    return () if all(step.is_done for step in steps) else steps
