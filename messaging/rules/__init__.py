"""Messaging's rules: the language of templates, the fields it may name, and contents by channel and language."""
