"""manage.py run_job: one step of the night."""

import datetime as dt
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from kit import clock, jobs
from membership_site.flows import nightly
from membership_site.management.night_words import in_words


class Command(BaseCommand):
    """Runs one step of the night."""

    help = "Does one step for a business date and the dates it missed before; exit 0 only if it is done."

    def add_arguments(self, parser: CommandParser) -> None:
        """Will take the step, the date, by default the last finished one, and a person's approval."""
        parser.add_argument("step", choices=[step.name for step in nightly.STEPS])
        parser.add_argument("--as-of", type=dt.date.fromisoformat, metavar="YYYY-MM-DD", help="the date it closes")
        parser.add_argument("--dry-run", action="store_true", help="say what would be done and change nothing")
        parser.add_argument(
            "--approve", metavar="NAME", help="your name, to let a held step move as many as it said; kept in the audit"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Will say what came of the step on each date."""
        now = clock.now()
        as_of = options["as_of"] or clock.last_finished_date(now)
        if options["approve"]:
            try:
                jobs.approve(step=options["step"], date=as_of, at=now, actor=f"command:{options['approve']}")
            except jobs.NotHeld as error:
                raise CommandError(str(error)) from error
        outcomes = nightly.run_step(name=options["step"], as_of=as_of, dry_run=options["dry_run"])
        for outcome in outcomes:
            self.stdout.write(in_words(outcome, dry_run=options["dry_run"]))
        if not outcomes:
            self.stdout.write(f"{options['step']} is done for {as_of}.")
        if undone := [outcome for outcome in outcomes if not outcome.is_done]:
            raise CommandError(f"{options['step']} is not done for {', '.join(str(o.date) for o in undone)}.")
