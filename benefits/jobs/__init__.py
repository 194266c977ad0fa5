"""Benefits' work for the whole population."""
