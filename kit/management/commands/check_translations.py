"""Command: is every message translated into every language of the site, and rightly?"""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from kit import translations


class Command(BaseCommand):
    """Extracts all messages afresh and holds the catalogues against them; exit 1 if any is lacking."""

    help = "Checks that every message has its translation, whole and well set."
    requires_system_checks: list[str] = []

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Will print a line per fault, then how many messages were checked."""
        template = translations.messages(settings.BASE_DIR)
        faults = 0
        for locale in translations.locales():
            for sentence in translations.findings(settings.BASE_DIR, locale, template):
                faults += 1
                self.stdout.write(f"{locale}: {sentence}")
        summary = f"checked {len(template)} messages in {len(translations.locales())} languages, {faults} faults"
        if faults:
            raise CommandError(summary)
        self.stdout.write(summary)
