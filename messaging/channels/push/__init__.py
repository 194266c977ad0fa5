"""The channel web push."""
