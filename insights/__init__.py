"""Insights: what we know of members beyond what they did: the stage of their life-cycle."""
