"""manage.py load_demo: the starter programme, and two years of a shop's life under it, once."""

import datetime as dt
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from kit import clock
from membership_site.flows import demo, demo_campaigns, demo_speaks


class Command(BaseCommand):
    """Loads the demo: the programme, members, purchases, nights, log-ins."""

    help = (
        "Loads the starter programme where none is published, imports the purchases of CDNOW's customers with all "
        "nights, and prints the demo log-ins."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Will add --full."""
        parser.add_argument("--full", action="store_true", help="all 23,570 customers instead of 2,357")

    def handle(self, *args: Any, **options: Any) -> None:
        """Will load it; a repeat finds everything as it was."""
        with demo.commits_unawaited():
            call_command("load_starter", stdout=self.stderr)
            self.load(full=options["full"], at=clock.now())

    def load(self, *, full: bool, at: dt.datetime) -> None:
        """Will load all parts, each once."""
        try:
            demo.load(full=full, at=at, say=self.stderr.write)
        except demo.NoData as error:
            raise CommandError(str(error)) from error
        demo.stock_shelf(at=at)
        demo.stock_shop(at=at)
        logins = demo.give_logins(at=at)
        if told := demo_speaks.speak(at=at):
            self.stderr.write(f"messages: {told} happenings told")
        if begun := demo_campaigns.run_campaigns(at=at):
            self.stderr.write(f"campaigns: {begun} planned")
        for login in logins:
            self.stdout.write(f"{login.email:<28} {demo.PASSWORD}  ({login.who})")
