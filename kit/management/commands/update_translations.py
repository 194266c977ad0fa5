"""Command: bring the .po files up to the messages that templates and Python use now."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from kit import translations


class Command(BaseCommand):
    """Adds new messages empty, drops unused ones, keeps what is translated, and compiles."""

    help = "Refreshes the catalogues of all languages from templates and Python, and compiles them."
    requires_system_checks: list[str] = []

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Will print per language how many of its messages are translated."""
        template = translations.messages(settings.BASE_DIR)
        for locale in translations.locales():
            found = translations.refresh(settings.BASE_DIR, locale, template)
            translations.compile_catalogue(settings.BASE_DIR, locale)
            self.stdout.write(f"{locale}: {found.translated} of {found.total} messages translated")
