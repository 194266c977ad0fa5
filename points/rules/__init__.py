"""Points' rules: pure functions from facts and a published policy to an outcome with its explanation."""
