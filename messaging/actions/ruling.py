"""How the house sends, published anew."""

import datetime as dt

from django.db import IntegrityError, transaction
from django.db.models import Max

from kit import audit
from messaging.models import SendingRules
from messaging.rules.sending import FIRST, BadRules, HouseRules, check


@transaction.atomic
def publish_rules(*, rules: HouseRules, at: dt.datetime, actor: str) -> int:
    """Will put rules of sending in force from the commit on and return their number; raises BadRules. Audited."""
    kept = _publish(rules, at, actor)
    subject = f"sending_rules:{kept.number}"
    audit.record(at=at, actor=actor, deed="sending_rules.publish", subject=subject, becomes=kept.caps)
    return int(kept.number)


def publish_first_rules(*, at: dt.datetime, actor: str) -> bool:
    """Will put the rules in force that a house starts with; where there are any it leaves them and says so."""
    if SendingRules.objects.exists():
        return False
    _publish(FIRST, at, actor)
    return True


def _publish(rules: HouseRules, at: dt.datetime, actor: str) -> SendingRules:
    check(rules)
    number = (SendingRules.objects.aggregate(last=Max("number"))["last"] or 0) + 1
    try:
        with transaction.atomic():
            return SendingRules.objects.create(
                number=number,
                quiet_from=rules.quiet.starts,
                quiet_until=rules.quiet.ends,
                caps=[cap.as_stored() for cap in rules.caps],
                bounces_pause_share=rules.bounces_pause_share,
                complaints_pause_share=rules.complaints_pause_share,
                late_after_hours=rules.late_after_hours,
                actor=actor,
                at=at,
            )
    except IntegrityError as error:
        raise BadRules("Somebody changed the rules at the same moment. Nothing was changed; look again.") from error
