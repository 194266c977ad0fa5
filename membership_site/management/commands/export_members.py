"""manage.py export_members: a row per member, now or at the end of a business date."""

import datetime as dt
from pathlib import Path
from typing import Any

from defusedcsv import csv
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from kit import clock
from kit.money import exponent_of
from tiers import jobs

COLUMNS = (
    "number",
    "external_id",
    "tier",
    "tier_since",
    "tier_until",
    "available",
    "pending",
    "debt",
    "growth",
    "spend_365",
    "orders_365",
)


class Command(BaseCommand):
    """Exports all members."""

    help = "Writes a CSV file with a row per member, as it stood at the end of a business date, or as it stands now."

    def add_arguments(self, parser: CommandParser) -> None:
        """Will take the file and the date."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--as-of", type=dt.date.fromisoformat, metavar="YYYY-MM-DD", help="the end of this date")

    def handle(self, *args: Any, **options: Any) -> None:
        """Will write the rows as they come from the database; cells that a spreadsheet would run are made harmless."""
        today = clock.business_date(clock.now())
        rows = jobs.members_as_of(options["as_of"] or today, is_over=options["as_of"] is not None)
        exponent = exponent_of(settings.PROGRAMME_CURRENCY)
        count = 0
        try:
            with options["file"].open("w", encoding="utf-8", newline="") as stream:
                writer = csv.writer(stream)
                writer.writerow(COLUMNS)
                for *cells, spend, orders in rows:
                    writer.writerow([*cells, f"{spend:.{exponent}f}", orders])
                    count += 1
        except OSError as error:
            raise CommandError(f"{options['file']} cannot be written: {error.strerror}.") from error
        self.stdout.write(f"rows={count}")
