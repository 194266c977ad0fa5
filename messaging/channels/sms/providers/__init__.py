"""SMS's providers, as the settings choose one."""

from pathlib import Path

from django.conf import settings

from messaging.channels.sms.providers.gateway import Gateway
from messaging.providers import Provider
from messaging.providers.faulty import Faulty, faults_from
from messaging.providers.written import Console, Folder
from messaging.rules.delivery import Outgoing


def provider() -> Provider:
    """Will return a provider as MESSAGE_SMS chooses it."""
    kind, _, rest = settings.MESSAGE_SMS.partition(":")
    if kind == "http":
        return Gateway(settings.MESSAGE_SMS_URL, settings.MESSAGE_SMS_KEY, settings.MESSAGE_HOSTS_ALLOWED)
    if kind == "faulty":
        return Faulty(faults_from(rest))
    if kind == "console":
        return Console(written)
    return Folder(Path(settings.MESSAGE_FOLDER) / "sms", "txt", written)


def written(outgoing: Outgoing) -> bytes:
    """Will return a short message as a person reads it."""
    return f"To: {outgoing.addresses[0]}\n\n{outgoing.parts.get('text', '')}\n".encode()
