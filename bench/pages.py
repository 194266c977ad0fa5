"""The console's heaviest pages beside a bare page for whoever is logged in, in the same run; and what each asks."""

import datetime as dt
import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any
from unittest import mock

from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench import crowd, population
from bench.measure import Result, fetch_one, run_sql, say, scale, seconds, told
from campaigns import actions as campaigns_actions
from campaigns.enums import CampaignKind
from campaigns.models import Campaign
from insights import jobs as insights_jobs
from kit import clock
from kit.jobs import Night
from members import actions as members_actions
from members.enums import StaffRole
from membership_site.console.pages.member import Panel
from messaging.models import TemplateVersion

GOAL = 10.0
QUESTIONS = 14
"""So many statements of a page at most; what frames a time-out (BEGIN, SET, COMMIT) is not counted."""

TIMES = 9
BARE = "/console/own/"
FRAMES = ("BEGIN", "SAVEPOINT", "RELEASE", "SET ", "COMMIT", "ROLLBACK")

ADDRESSES = """
INSERT INTO members_identity (member_id, kind, source, value)
SELECT id, 'email', '', lower(number) || '@example.com' FROM members_member
ON CONFLICT (kind, source, value) DO NOTHING
"""
CONSENTS = """
INSERT INTO members_consent (member_id, channel, purpose, given, text, at, actor)
SELECT id, 'email', 'marketing', true, 'May we?', %(at)s::timestamptz, 'bench' FROM members_member member
WHERE NOT EXISTS (SELECT FROM members_consent WHERE member_id = member.id AND channel = 'email')
"""
BUSIEST = """
SELECT number FROM members_member
WHERE id = (SELECT member_id FROM points_entry GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1)
"""
ASKED = {
    "join": "all",
    "r0-field": "tiers.tier",
    "r0-was": "tiers.tier",
    "r0-operator": "is",
    "r0-value": "silver",
    "r1-field": "orders.count",
    "r1-was": "orders.count",
    "r1-operator": "at_least",
    "r1-value": "2",
    "r1-days": "90",
}


@dataclass(frozen=True)
class Page:
    """A page that is measured; one with something `sent` is a form's."""

    name: str
    path: str
    sent: dict[str, str] | None = None


def measure(wanted: Callable[[str], bool]) -> Iterator[Result]:
    """Will time each page and the bare one in turn, so that what else the machine does meets all alike."""
    if not wanted("pages"):
        return
    at = clock.day_start(population.LAST) + dt.timedelta(hours=12)
    _without_hashes()
    with mock.patch.object(clock, "now", return_value=at):
        client, pages = _prepared(at)
        for page in pages:
            _asked(client, page)
        bare: list[float] = []
        taken: dict[str, list[float]] = {page.name: [] for page in pages}
        for _ in range(TIMES):
            bare.append(seconds(lambda: _asked(client, Page("bare", BARE))))
            for page in pages:
                taken[page.name].append(seconds(partial(_asked, client, page)))
        limit = statistics.median(bare)
        for page in pages:
            ours, asked = statistics.median(taken[page.name]), _questions(client, page)
            say(f"  {page.name}: {ours * 1000:.0f} ms, a bare page {limit * 1000:.0f} ms, {asked} questions")
            yield Result(f"pages-{page.name}", ours, limit, GOAL)
            yield Result(f"pages-{page.name}-questions", asked, QUESTIONS, 1.0)


def _prepared(at: dt.datetime) -> tuple[Client, tuple[Page, ...]]:
    """Will have the population told its stages, addressed by a campaign, and an administrator logged in."""
    population.build(scale())
    with told("stages, addresses, a campaign"):
        list(insights_jobs.tell_stages(Night(population.LAST - dt.timedelta(days=1)), 0))
        run_sql(ADDRESSES)
        run_sql(CONSENTS, {"at": at - dt.timedelta(days=1)})
        made = campaign(at)
        campaigns_actions.launch(campaign=made, occasion="", at=at, actor="bench")
    population.settle()
    account = members_actions.open_staff_account(
        email="pages@example.com", name="Pages", password="x" * 12, roles=[StaffRole.ADMIN], at=at, actor="bench"
    )
    client = Client(SERVER_NAME="localhost")
    client.force_login(account, backend=settings.AUTHENTICATION_BACKENDS[-1])
    [number] = fetch_one(BUSIEST)
    member = f"/console/members/{number}/"
    return client, (
        Page("members", "/console/members/"),
        Page("members-filtered", "/console/members/?tier=gold&stage=active&sort=spend"),
        Page("members-found", "/console/members/?q=Member+777"),
        Page("member", member),
        Page("ledger", f"{member}?panel=ledger&wallet=growth&before={at.date()}T00:00:00Z~1000000"),
        *(Page(f"member-{panel}", f"{member}?panel={panel}") for panel in list(Panel)[1:]),
        Page("member-as-of", f"{member}?as_of={(at - dt.timedelta(days=60)).date()}"),
        Page("overview", "/console/"),
        Page("campaign", f"/console/campaigns/{made.id}/"),
        Page("segment-count", "/console/segments/count/", ASKED),
    )


def campaign(at: dt.datetime) -> Campaign:
    """Will return a campaign by e-mail to who held silver, a tenth kept apart."""
    author = members_actions.open_staff_account(
        email="author@example.com", name="Author", password="x" * 12, roles=[StaffRole.OPERATOR], at=at, actor="bench"
    )
    said = TemplateVersion.objects.get(id=crowd.words())
    made = campaigns_actions.create(name="Pages", kind=CampaignKind.ONCE, author_id=author.id, at=at, actor="bench")
    return campaigns_actions.save(
        campaign_id=made.id,
        changes={
            "tree": {"all": [{"field": "tiers.tier", "operator": "is", "values": ["silver"]}]},
            "control_share": 1000,
            "channels": ["email"],
            "variants": [{"code": "A", "template": said.template_id, "version": said.id}],
            "when": {"on": at.date().isoformat(), "at": "09:00", "in_member_zone": True},
        },
        at=at,
        actor="bench",
    )


def _asked(client: Client, page: Page) -> Any:
    answer = client.get(page.path) if page.sent is None else client.post(page.path, page.sent)
    if answer.status_code != 200:
        raise RuntimeError(f"{page.path} is answered {answer.status_code}.")
    return answer


def _questions(client: Client, page: Page) -> int:
    with CaptureQueriesContext(connection) as asked:
        _asked(client, page)
    return sum(not query["sql"].startswith(FRAMES) for query in asked.captured_queries)


def _without_hashes() -> None:
    """Pages name their static files by a manifest that only `collectstatic` makes; none is served here."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}
