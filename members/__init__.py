"""Members: who they are, and what they consented to."""
