"""manage.py nightly: closes a business date, with those missed before it."""

import datetime as dt
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from kit import clock
from membership_site.flows import nightly
from membership_site.management.night_words import in_words


class Command(BaseCommand):
    """Runs the night."""

    help = "Does all steps of the night for a business date and any missed before it; exit 0 only if all are done."

    def add_arguments(self, parser: CommandParser) -> None:
        """Will take the date, by default the last finished one."""
        parser.add_argument("--as-of", type=dt.date.fromisoformat, metavar="YYYY-MM-DD", help="the date it closes")
        parser.add_argument("--dry-run", action="store_true", help="say what would be done and change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Will say what came of each step."""
        last = clock.last_finished_date(clock.now())
        as_of = options["as_of"] or last
        if as_of > last:
            self.stderr.write(f"{as_of} is not over yet; its night is run all the same.")
        outcomes = nightly.run(as_of=as_of, dry_run=options["dry_run"])
        for outcome in outcomes:
            self.stdout.write(in_words(outcome, dry_run=options["dry_run"]))
        if not outcomes:
            self.stdout.write(f"Every step is done for {as_of}.")
        if undone := [outcome for outcome in outcomes if not outcome.is_done]:
            raise CommandError(f"{len(undone)} of {len(outcomes)} steps are not done.")
