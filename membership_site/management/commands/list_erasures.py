"""manage.py list_erasures: who was erased, to be kept outside the backups."""

from typing import Any

from django.core.management.base import BaseCommand

from members.queries import privacy


class Command(BaseCommand):
    """Lists erasures."""

    help = "Writes a line per erased member, its id and when. Keep it outside the backups; see replay_erasures."

    def handle(self, *args: Any, **options: Any) -> None:
        """Will print id and instant, by id."""
        for member_id, at in privacy.list_erasures():
            self.stdout.write(f"{member_id} {at.isoformat()}")
