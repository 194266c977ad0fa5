"""Importing files: members, orders, refunds and events, by the same rules as live, as of each row's time."""
