"""Shapes of what members type, one file a subject."""
