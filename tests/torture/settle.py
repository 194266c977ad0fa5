"""`python -m tests.torture.settle`: the programme of a trial: the starter, awake day and night, and a cheap reward."""

import datetime as dt
import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "membership_site.settings")

REWARD, PRICE = "trial", 60


def main() -> None:
    """Will publish the programme and print a key for the shop."""
    django.setup()
    from django.core.management import call_command

    from kit import api_keys
    from tests.torture import clockwork

    at = clockwork.install().now()
    call_command("load_starter", stdout=open(os.devnull, "w"))  # noqa: PTH123, SIM115 - it ends with us
    _offer(at)
    _stay_awake(at)
    print(api_keys.create(name="trial", scopes=[api_keys.ALL], at=at, actor="trial"))


def _offer(at: dt.datetime) -> None:
    """Will offer a coupon for points that everybody can pay from the first day."""
    from benefits import actions
    from benefits.enums import RewardKind
    from benefits.rules.rewards import ANY_TIER

    terms = {"kind": "amount", "amount": "5", "minimum": "20", "validity": {"kind": "days", "days": 60}}
    actions.publish_first_coupon(code=REWARD, names={"en": "5 off from 20"}, terms=terms, at=at, actor="trial")
    reward = actions.RewardTerms(
        kind=RewardKind.COUPON,
        names={"en": "5 off from 20"},
        says={},
        icon="ticket",
        prices={ANY_TIER: PRICE},
        gives=REWARD,
        cancel_days=7,
    )
    actions.save_reward(code=REWARD, terms=reward, revision=None, at=at, actor="trial")


def _stay_awake(at: dt.datetime) -> None:
    """Will end quiet hours and widen caps, so that everything goes out while the trial lasts."""
    from messaging import actions
    from messaging.rules.caps import Cap
    from tests.messaging.outbox import awake

    actions.publish_rules(rules=awake(caps=(Cap(1000, 7, "email"),)), at=at, actor="trial")


if __name__ == "__main__":
    main()
