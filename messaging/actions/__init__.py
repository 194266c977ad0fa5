"""Messaging's deeds."""

from messaging.actions.releasing import Released, carry_on, release_waiting, skip_waiting

__all__ = ["Released", "carry_on", "release_waiting", "skip_waiting"]
