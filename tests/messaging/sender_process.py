"""`python -m tests.messaging.sender_process SECONDS LEASE_SECONDS`: a sender as the worker runs it, to be killed."""

import datetime as dt
import os
import sys
import time


def main(seconds, lease_seconds):
    """Will send and look after the outbox until its time is over."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "membership_site.settings")
    import django

    django.setup()
    from django.conf import settings

    settings.DATABASES["default"]["NAME"] = os.environ["TRIAL_DATABASE"]
    from kit import clock
    from messaging import jobs

    ends = time.monotonic() + seconds
    print("ready", flush=True)
    while time.monotonic() < ends:
        # Nobody waits so long for the sink, so that whoever has been sending for longer is dead.
        jobs.keep(at=clock.now(), sending_max=dt.timedelta(seconds=10))
        jobs.send_due(clock.now, seconds=1, lease_for=dt.timedelta(seconds=lease_seconds))
        time.sleep(0.02)


if __name__ == "__main__":
    main(float(sys.argv[1]), float(sys.argv[2]))
