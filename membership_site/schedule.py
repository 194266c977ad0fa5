"""All periodic work of the site: what beat starts, and when, in the programme's time zone."""

from typing import Any

from celery.schedules import crontab

BEAT: dict[str, dict[str, Any]] = {
    # Ten minutes past midnight it closes the date that has just ended, with any missed before; ten minutes past every
    # other hour it finds nothing to do, or takes up again what failed.
    "night": {"task": "night.run", "schedule": crontab(minute="10")},
    # Every minute it gives back what checkouts hold that were given up, and points that were reserved without one.
    "checkouts": {"task": "benefits.lapse_checkouts", "schedule": crontab()},
    "reservations": {"task": "points.lapse_reservations", "schedule": crontab()},
    # Every five minutes it makes the copies of members' data whose own task was lost with its worker.
    "exports": {"task": "members.make_exports", "schedule": crontab(minute="*/5")},
    # Every five minutes it goes on with lists whose own task was lost with its worker.
    "lists": {"task": "console.make_lists", "schedule": crontab(minute="*/5")},
    # Every minute it looks after the outbox - senders that died, dispatches that are through - and starts senders.
    "messages": {"task": "messaging.keep", "schedule": crontab()},
    # Every minute it does for campaigns whatever is due: launches, gifts, decisions, ends.
    "campaigns": {"task": "campaigns.go_on", "schedule": crontab()},
    # Every five minutes it goes on with batches of coupons that were cut off with their worker.
    "batches": {"task": "benefits.make_batches", "schedule": crontab(minute="*/5")},
}
