"""E-mail's providers, as the settings choose one."""

from functools import partial
from pathlib import Path

from django.conf import settings

from messaging.channels.email.providers.mime import letter
from messaging.channels.email.providers.smtp import Smtp, server_from
from messaging.providers import Provider
from messaging.providers.faulty import Faulty, faults_from
from messaging.providers.written import Console, Folder


def provider() -> Provider:
    """Will return a provider as MESSAGE_EMAIL chooses it, with a connection of its own."""
    kind, _, rest = settings.MESSAGE_EMAIL.partition(":")
    written = partial(
        letter, sender=settings.MESSAGE_FROM, reply_to=settings.MESSAGE_REPLY_TO, domain=settings.MESSAGE_DOMAIN
    )
    if kind == "smtp":
        return Smtp(server_from(settings.MESSAGE_SMTP_URL), settings.MESSAGE_FROM_ADDRESS, written)
    if kind == "anymail":
        from messaging.channels.email.providers.esp import Esp

        return Esp(rest, settings.MESSAGE_FROM, settings.MESSAGE_REPLY_TO, settings.MESSAGE_DOMAIN)
    if kind == "faulty":
        return Faulty(faults_from(rest))
    if kind == "console":
        return Console(written)
    return Folder(Path(settings.MESSAGE_FOLDER) / "email", "eml", written)
