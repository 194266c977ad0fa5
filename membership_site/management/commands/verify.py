"""manage.py verify: all invariants of all rooms, and every seal worked out anew from the entries."""

import datetime as dt
import sys
from itertools import chain
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from membership_site.flows import proof


class Command(BaseCommand):
    """Proves what must always hold."""

    help = "Proves the invariants of every room: a line per violation; exit 1 if there is any."

    def add_arguments(self, parser: CommandParser) -> None:
        """Will take a business date, to prove only what was booked on it."""
        parser.add_argument("--day", type=dt.date.fromisoformat, metavar="YYYY-MM-DD", help="only what it booked")

    def handle(self, *args: Any, **options: Any) -> None:
        """Will print the violations and, last, how many claims were proved."""
        day = options["day"]
        claims = proof.count_claims(of_day=True) if day else proof.count_claims(in_depth=True)
        count = 0
        for sentence in proof.violations_of_day(day) if day else chain(proof.violations(), proof.violations_in_depth()):
            count += 1
            self.stdout.write(sentence)
        self.stdout.write(f"verified {claims} claims, {count} violations")
        if count:
            sys.exit(1)
