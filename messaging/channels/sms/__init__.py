"""The channel SMS."""
