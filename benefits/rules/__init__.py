"""Benefits' rules: pure values and functions."""
