"""Messaging's deeds."""
