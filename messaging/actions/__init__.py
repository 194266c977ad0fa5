"""Messaging's deeds: what is written down about messages and addresses; all in the caller's transaction."""

from messaging.actions.forgetting import (
    forget,
)

__all__ = [
    "forget",
]
