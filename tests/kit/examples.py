"""How many examples hypothesis tries: always the same ones, so that a red test is red everywhere."""

from hypothesis import HealthCheck, settings

ALIKE = settings(
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],  # a busy machine
)
"""For every test that says nothing else; `--hypothesis-profile=default` tries others."""
FEW = settings(ALIKE, max_examples=40)
MANY = settings(FEW, max_examples=120)
