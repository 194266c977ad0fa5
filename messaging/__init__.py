"""Messaging: how words leave the house - templates, the outbox, channels, and what members allow."""
