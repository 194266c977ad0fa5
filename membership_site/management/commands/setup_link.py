"""manage.py setup_link: the way to the first administrator of a fresh installation."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from members.queries import entering
from membership_site import setup_link


class Command(BaseCommand):
    """Prints the link of the set-up, where there is no administrator yet."""

    help = "Prints the link by which the first administrator is made; nothing where somebody may enter already."

    def add_arguments(self, parser: CommandParser) -> None:
        """Will take where the site is reached."""
        parser.add_argument("--url", default="", help="the address of the site, to stand before the link")

    def handle(self, *args: Any, **options: Any) -> None:
        """Will print it; it is good for a day, and until it was used."""
        if not entering.has_staff():
            self.stdout.write(f"{options['url'].rstrip('/')}{setup_link.path()}")
