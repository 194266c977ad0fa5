"""Campaigns' rules: pure values and functions."""
