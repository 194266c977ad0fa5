"""manage.py replay_erasures: after a backup was restored, erase again whoever had been erased since it was made."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from kit import clock
from membership_site.flows import member_erased


class Command(BaseCommand):
    """Replays erasures."""

    help = "Reads what list_erasures wrote and erases those members again; a second time changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        """Will take the file."""
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Will erase who is named in the file, and say how many that were."""
        try:
            lines = options["file"].read_text(encoding="utf-8").splitlines()
            ids = [int(line.split()[0]) for line in lines if line.strip()]
        except (OSError, ValueError) as error:
            raise CommandError(f"{options['file']} is no list of erasures: {error}. Nobody was erased.") from error
        count = member_erased.replay(member_ids=ids, at=clock.now(), actor="command")
        self.stdout.write(f"erased={count}")
