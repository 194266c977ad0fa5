"""Messaging's rules: pure values and functions of sending and of words."""
