"""Tiers: where a member stands, and the rules of rising and falling."""
