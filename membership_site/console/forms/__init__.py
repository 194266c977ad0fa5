"""Shapes of what the staff type, one file a subject."""
