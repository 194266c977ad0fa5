"""Messaging's providers that send nothing: they write a message to the log, or into a folder, to be looked at."""

import logging
from collections.abc import Callable
from pathlib import Path

from messaging.rules.delivery import Accepted, Deferred, Outcome, Outgoing

logger = logging.getLogger(__name__)

Written = Callable[[Outgoing], bytes]
"""How a message of the channel looks."""


class Console:
    """Writes each message to the log."""

    name = "console"
    is_ours = False

    def __init__(self, written: Written) -> None:
        self._written = written

    def deliver(self, outgoing: Outgoing) -> Outcome:
        """Will log the message."""
        logger.info("%s", self._written(outgoing).decode("utf-8", "replace"))
        return Accepted(outgoing.token)

    def close(self) -> None:
        """Will do nothing: it keeps nothing."""


class Folder:
    """Writes each message into a file of its own, named by its token."""

    name = "file"
    is_ours = False

    def __init__(self, folder: Path, ending: str, written: Written) -> None:
        self._folder, self._ending, self._written = folder, ending, written

    def deliver(self, outgoing: Outgoing) -> Outcome:
        """Will write the file; put off while the folder cannot be written."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            day = self._folder / outgoing.at.strftime("%Y-%m-%d")
            day.mkdir(exist_ok=True)
            (day / f"{outgoing.token}.{self._ending}").write_bytes(self._written(outgoing))
        except OSError as error:
            return Deferred(f"The file could not be written: {error}")
        return Accepted(outgoing.token)

    def close(self) -> None:
        """Will do nothing: it keeps nothing."""
