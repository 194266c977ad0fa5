"""manage.py load_starter: the starter programme, once."""

from typing import Any

from django.core.management.base import BaseCommand

from kit import clock
from membership_site.flows import starter, starter_templates


class Command(BaseCommand):
    """Loads the starter programme where nothing is published yet."""

    help = "Publishes the starter programme (points, tiers, benefits, rewards, messages); a repeat changes nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        """Will load it and say what happened."""
        at, actor = clock.now(), "command:load_starter"
        loaded = starter.load(at=at, actor=actor)
        starter.offer_rewards(at=at, actor=actor)
        starter_templates.load(at=at, actor=actor)
        self.stdout.write("The starter programme is published." if loaded else "A programme is published already.")
