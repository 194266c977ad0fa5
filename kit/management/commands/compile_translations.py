"""Command: write the .mo files that Django reads, from the .po files that people write."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from kit import translations


class Command(BaseCommand):
    """Compiles every catalogue; needs no gettext tools."""

    help = "Compiles locale/*/LC_MESSAGES/django.po into the .mo files beside them."
    requires_system_checks: list[str] = []

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Will compile each language of the site and print where it stands."""
        for locale in translations.locales():
            self.stdout.write(f"wrote {translations.compile_catalogue(settings.BASE_DIR, locale)}")
