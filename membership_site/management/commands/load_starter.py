"""manage.py load_starter: the starter programme, once."""

from typing import Any

from django.core.management.base import BaseCommand

from kit import clock
from membership_site.flows import starter


class Command(BaseCommand):
    """Loads the starter programme where nothing is published yet."""

    help = "Publishes the starter programme (points policy, tier ladder, benefits); a repeat changes nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        """Will load it and say what happened."""
        loaded = starter.load(at=clock.now(), actor="command:load_starter")
        self.stdout.write("The starter programme is published." if loaded else "A programme is published already.")
