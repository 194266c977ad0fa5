"""The channel e-mail."""
