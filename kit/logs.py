"""Kit's log lines: each says of which request or task it is, readable for people or as JSON for machines."""

import json
import logging
import re
import secrets
from contextvars import ContextVar

WORKED_ON: ContextVar[str] = ContextVar("worked_on", default="")
"""The request or task that this thread of work belongs to; a task that a request set going bears the request's id."""

LIKE_AN_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
OWN = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "work", "taskName"}

BREAKS = str.maketrans({sign: repr(sign)[1:-1] for sign in "\r\n\v\f\x1b\x85\u2028\u2029"})

PLAIN = (str, int, float, bool)
"""What may stand beside a message; objects, such as a request with its whole address, may not."""


def new_id() -> str:
    """Will return an id that no other request has."""
    return secrets.token_hex(8)


def is_id(text: str) -> bool:
    """Will tell whether a text that came from elsewhere may stand in our log as an id."""
    return LIKE_AN_ID.fullmatch(text) is not None


class Stamp(logging.Filter):
    """Gives each line the id of what is worked on."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Will stamp it and let it pass."""
        record.work = WORKED_ON.get() or "-"
        return True


class Lines(logging.Formatter):
    """A line for people: what a message says stays on its line, so that nobody's words can look like a line of ours."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - its name in the standard library
        """Will write line breaks in a message as signs; a traceback follows on lines of its own."""
        record.message = record.message.translate(BREAKS)
        return super().formatMessage(record)


class Json(logging.Formatter):
    """A line as one JSON object: time, level, logger, id, message, what was logged `extra`, and the traceback."""

    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def format(self, record: logging.LogRecord) -> str:
        """Will return the object on one line."""
        said: dict[str, object] = {
            "time": self.formatTime(record),
            "level": record.levelname,
            "logger": record.name,
            "id": getattr(record, "work", "-"),
            "message": record.getMessage(),
        }
        said |= {
            name: value
            for name, value in record.__dict__.items()
            if name not in OWN and name not in said and isinstance(value, PLAIN)
        }
        if record.exc_info:
            said["traceback"] = self.formatException(record.exc_info)
        return json.dumps(said, ensure_ascii=False, default=str)
