"""`python -m tests.torture.night`: does the nights that are missing; exit 1 if a step is not done."""

import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "membership_site.settings")


def main() -> int:
    """Will run the nights up to the last finished date."""
    django.setup()
    from kit import clock
    from membership_site.flows import nightly
    from membership_site.management.night_words import in_words
    from tests.torture import clockwork

    clockwork.install()
    outcomes = nightly.run(as_of=clock.last_finished_date(clock.now()))
    for outcome in outcomes:
        print(in_words(outcome, dry_run=False))
    return 0 if all(outcome.is_done for outcome in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
