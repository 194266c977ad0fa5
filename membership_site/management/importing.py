"""What the four import commands share: options, progress, the last line."""

import time
from pathlib import Path
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandError, CommandParser

from kit import clock
from kit.files import UnreadableFile
from kit.locks import AlreadyRunning
from membership_site.flows.importing import run

PROGRESS_SECONDS = 2.0


class ImportCommand(BaseCommand):
    """Imports one kind of file; exit 0 also with bad rows, 1 if the file cannot be read."""

    kind: ClassVar[str]

    def add_arguments(self, parser: CommandParser) -> None:
        """Will add the options that all kinds have."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="count what would be done, and change nothing")
        parser.add_argument("--errors", type=Path, metavar="OUT.csv", help="where bad rows go, to be mended")
        parser.add_argument("--source", default="file", help="the name of the system the file comes from")
        if self.kind != "members":
            parser.add_argument("--with-nights", action="store_true", help="run the night of every date between")
        else:
            parser.add_argument("--sign-up-reward", action="store_true", help="give new members the sign-up points")

    def handle(self, *args: Any, **options: Any) -> None:
        """Will import the file and print the counts as the last line."""
        chosen = run.Options(
            source=options["source"],
            dry_run=options["dry_run"],
            with_nights=options.get("with_nights", False),
            sign_up_reward=options.get("sign_up_reward", False),
        )
        progress = Progress(self)
        try:
            report = run.run(
                kind=self.kind,
                path=options["file"],
                options=chosen,
                errors=options["errors"],
                progress=progress,
                at=clock.now(),
            )
        except (UnreadableFile, AlreadyRunning) as error:
            raise CommandError(str(error)) from error
        if report.bad and not options["errors"]:
            self.stderr.write(
                f"{report.bad} rows were bad. Name a file with --errors OUT.csv to see them with reasons."
            )
        self.stdout.write(str(report))


class Progress:
    """Says every few seconds how far a long file got."""

    def __init__(self, command: BaseCommand) -> None:
        self.command, self.started, self.said = command, time.monotonic(), time.monotonic()
        self.first: int | None = None

    def __call__(self, done: int, total: int) -> None:
        """Will say how many of how many statements are booked, and about how long the rest takes."""
        now = time.monotonic()
        self.first = done if self.first is None else self.first
        if now - self.said < PROGRESS_SECONDS:
            return
        self.said = now
        pace = max(done - self.first, 1) / (now - self.started)
        self.command.stderr.write(f"{done:,} of {total:,} booked, about {int((total - done) / pace) + 1} s left")
