"""Flows: one file per business happening; they cross rooms and own no tables."""
