"""Freezing an audience - its groups, variants, times and messages - beside the bare INSERT ... SELECT of as many rows.

Neither is committed, so that neither pays for its foreign keys, of which the bare table has none; what checking ours takes
is said beside.
"""

import datetime as dt
from collections.abc import Callable, Iterator

from django.db import transaction

from bench import crowd
from bench.measure import Result, best_undone, fetch_one, run_sql, say, scale, seconds
from campaigns import actions as campaigns_actions
from campaigns.enums import CampaignKind
from campaigns.models import Campaign
from kit import clock
from members import actions as members_actions
from members.enums import StaffRole
from messaging.models import TemplateVersion

GOAL = 4
"""Ours asks everybody's consent, deals groups and variants, and writes a message beside each row."""
SHARE = 374
"""Of a thousand members."""

CHOSEN = "UPDATE members_member SET region = CASE WHEN id %% 1000 < %(share)s THEN 'bench' ELSE '' END"
BARE_TABLE = """
CREATE TABLE bench_recipient (LIKE campaigns_recipient INCLUDING DEFAULTS INCLUDING INDEXES INCLUDING IDENTITY)
"""
BARE = """
INSERT INTO bench_recipient (run_id, member_id, "group", due_at, variant, occasion, tier, reward_refusal)
SELECT 1, m.id,
       CASE WHEN ('x' || encode(substring(sha256(convert_to('salt:' || m.id, 'UTF8')) FOR 4), 'hex'))::bit(32)::bigint
                 %% 10000 < 1000 THEN 'control' ELSE 'treated' END,
       (%(day)s::date + time '09:00') AT TIME ZONE coalesce(nullif(m.time_zone, ''), %(zone)s), 'A', '', '', ''
FROM members_member m WHERE m.region = 'bench' AND m.status = 'active'
"""


def measure(wanted: Callable[[str], bool]) -> Iterator[Result]:
    """Will freeze 374 of every thousand members and undo it, and insert as many bare rows."""
    if not wanted("freeze"):
        return
    at = clock.now()
    crowd.gather(scale(), at)
    run_sql(CHOSEN, {"share": SHARE})
    run_sql("VACUUM ANALYZE members_member")
    campaign = _campaign(at)
    with transaction.atomic():
        run_sql(BARE_TABLE)
        facts = {"day": at.date(), "zone": str(clock.programme_zone())}
        limit = best_undone(lambda: run_sql(BARE, facts))
        transaction.set_rollback(True)
    ours = best_undone(lambda: campaigns_actions.launch(campaign=campaign, occasion="", at=at, actor="bench"))
    keys = _keys(campaign, at)
    say(f"  freeze: {_size():,} of {scale():,} members in {ours:.1f} s, bare {limit:.1f} s; foreign keys {keys:.1f} s")
    yield Result("freeze", ours, limit, GOAL)


def _keys(campaign: Campaign, at: dt.datetime) -> float:
    """Will return how long the commit of a launch checks foreign keys, by having them checked before."""
    with transaction.atomic():
        campaigns_actions.launch(campaign=campaign, occasion="", at=at, actor="bench")
        spent = seconds(lambda: run_sql("SET CONSTRAINTS ALL IMMEDIATE"))
        transaction.set_rollback(True)
    return spent


def _size() -> int:
    [number] = fetch_one("SELECT count(*) FROM members_member WHERE region = 'bench' AND status = 'active'")
    return int(str(number))


def _campaign(at: dt.datetime) -> Campaign:
    """Will return a campaign to the chosen members by e-mail, a tenth kept apart, two variants, at nine their time."""
    author = members_actions.open_staff_account(
        email="bench@example.com", name="Bench", password="x" * 12, roles=[StaffRole.OPERATOR], at=at, actor="bench"
    )
    said = [TemplateVersion.objects.get(id=crowd.words()) for _ in range(2)]
    made = campaigns_actions.create(name="Bench", kind=CampaignKind.ONCE, author_id=author.id, at=at, actor="bench")
    return campaigns_actions.save(
        campaign_id=made.id,
        changes={
            "tree": {"all": [{"field": "members.region", "operator": "is", "values": ["bench"]}]},
            "control_share": 1000,
            "channels": ["email"],
            "variants": [
                {"code": code, "template": one.template_id, "version": one.id}
                for code, one in zip("AB", said, strict=True)
            ],
            "experiment": {"metric": "ordered", "horizon_hours": 72},
            "when": {"on": at.date().isoformat(), "at": "09:00", "in_member_zone": True},
        },
        at=at,
        actor="bench",
    )
