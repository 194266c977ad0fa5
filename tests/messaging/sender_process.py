"""`python -m tests.messaging.sender_process COUNT LEASE_SECONDS`: senders as a worker runs them, to be killed.

Like a Celery worker, it sets Django up once and forks; whoever of the forked dies is replaced. Each of them also looks
after the outbox, as if as many schedulers ran at once.
"""

import datetime as dt
import os
import sys
import time
import traceback


def main(count, lease_seconds):
    """Will keep so many senders alive, and print each one's process id."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "membership_site.settings")
    import django

    django.setup()
    from kit import formats
    from messaging import jobs  # noqa: F401
    from messaging.wording.rendering import render

    # A worker that has sent before knows its formats; one that is killed four times a second would never learn them.
    formats.in_use()
    render({"text": "{{ points|number }} {{ tier_until|date }}"}, {"points": 1, "tier_until": "2027-03-31"}, "en")

    for _ in range(count):
        fork(lease_seconds)
    while True:
        os.wait()
        fork(lease_seconds)


def fork(lease_seconds):
    """Will fork a sender that works until it is killed."""
    pid = os.fork()
    if pid:
        print(pid, flush=True)
        return
    try:
        work(lease_seconds)
    except BaseException:  # noqa: BLE001 - whatever it was, it is told before the process goes
        traceback.print_exc()
    finally:
        os._exit(1)


def work(lease_seconds):
    """Will send and look after the outbox for ever."""
    from kit import clock
    from messaging import jobs

    lease_for = dt.timedelta(seconds=lease_seconds)
    while True:
        # Nobody waits so long for the sink, so that whoever has been sending for longer is dead.
        jobs.keep(at=clock.now(), sending_max=dt.timedelta(seconds=20))
        jobs.send_due(clock.now, seconds=1, lease_for=lease_for)
        time.sleep(0.02)


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
