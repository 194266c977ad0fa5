"""manage.py create_api_key: a key for one of the shop's machines, printed once."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from kit import api_keys, clock


class Command(BaseCommand):
    """Makes an API key."""

    help = f"Makes an API key and prints it once. Scopes: {', '.join((*api_keys.SCOPES, api_keys.ALL))}."

    def add_arguments(self, parser: CommandParser) -> None:
        """Will take the key's name and its scopes."""
        parser.add_argument("name", help="Whose key it is; stands in the audit log as api:NAME.")
        parser.add_argument(
            "--scopes", required=True, help="Separated by commas, for example members:read,orders:write."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Will print the key alone, so that a script can take it."""
        scopes = [scope.strip() for scope in options["scopes"].split(",") if scope.strip()]
        try:
            key = api_keys.create(name=options["name"], scopes=scopes, at=clock.now(), actor="command:create_api_key")
        except api_keys.BadKeyRequest as error:
            raise CommandError(str(error)) from error
        self.stdout.write(key)
        self.stderr.write("Keep it now: it is not shown again, and only its hash is stored.")
