"""Benefits' outcomes in words."""
