"""Orders: what the shop told us - orders, refunds, events."""
