"""How many examples hypothesis tries: always the same ones, so that a red test is red everywhere."""

from hypothesis import settings

FEW = settings(max_examples=40, deadline=None, derandomize=True, database=None)
MANY = settings(FEW, max_examples=120)
