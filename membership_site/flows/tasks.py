"""Celery's shells around the flows: names that stay, ids and dates only."""

import datetime as dt

from celery import shared_task

from benefits import jobs as benefits_jobs
from kit import clock
from membership_site.flows import (
    campaigns_run,
    checkout_released,
    ladder_preview,
    list_exported,
    member_exported,
    messages_sent,
    nightly,
    points_reserved,
    policy_preview,
)
from messaging import jobs as messaging_jobs


@shared_task(name="night.run")
def run_night() -> None:
    """Will do what is missing of all nights up to the last finished date, unless another scheduler is at it."""
    nightly.run_unless_under_way(as_of=clock.last_finished_date(clock.now()))


@shared_task(name="night.run_step")
def run_step(step: str, as_of: str) -> None:
    """Will do what is missing of one step up to a date (ISO)."""
    nightly.run_step(name=step, as_of=dt.date.fromisoformat(as_of))


@shared_task(name="points.lapse_reservations")
def lapse_reservations() -> None:
    """Will give back what is held by reservations whose time has run out by now."""
    points_reserved.lapse_due(at=clock.now(), actor="night")


@shared_task(name="benefits.lapse_checkouts")
def lapse_checkouts() -> None:
    """Will give back what is held by checkouts whose time has run out by now."""
    checkout_released.lapse_due(at=clock.now(), actor="night")


@shared_task(name="points.preview_policy")
def preview_policy(preview_id: int) -> None:
    """Will work out the preview of a draft, or go on where it was cut off."""
    policy_preview.run(preview_id=preview_id, now=clock.now)


@shared_task(name="tiers.preview_ladder")
def preview_ladder(preview_id: int) -> None:
    """Will work out the preview of a draft of a ladder."""
    ladder_preview.run(preview_id=preview_id, now=clock.now)


@shared_task(name="benefits.make_batches")
def make_batches() -> None:
    """Will make the coupons of all batches that wait, and go on with those that were cut off."""
    benefits_jobs.make_open_batches(clock.now)


@shared_task(name="members.make_exports")
def make_exports() -> None:
    """Will make the copies of their data that members wait for."""
    member_exported.make_waiting(now=clock.now)


@shared_task(name="console.make_lists")
def make_lists() -> None:
    """Will make the lists that people of the staff asked for as files, and go on with those that were cut off."""
    list_exported.make_waiting(now=clock.now)


@shared_task(name="messaging.send")
def send_messages() -> None:
    """Will send what is due for a while, and ask for itself again where more is."""
    messages_sent.send(clock.now, again=send_messages.delay)


@shared_task(name="messaging.send_trials")
def send_trials() -> None:
    """Will send what people of the staff send to themselves."""
    messaging_jobs.send_trials(clock.now)


@shared_task(name="messaging.keep")
def keep_messages() -> None:
    """Will look after the outbox, start senders, and send tests whose own task was lost."""
    messaging_jobs.send_trials(clock.now)
    messaging_jobs.keep(at=clock.now())
    messages_sent.start_senders(clock.now, start=send_messages.delay)


@shared_task(name="campaigns.go_on")
def go_on_with_campaigns() -> None:
    """Will do for every campaign whatever is due by now."""
    campaigns_run.go_on(clock.now)
