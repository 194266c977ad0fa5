"""Benefits' night: whole-population work, set-based."""

from benefits.jobs.granting import draw_surprises, grant_benefits

__all__ = ["draw_surprises", "grant_benefits"]
