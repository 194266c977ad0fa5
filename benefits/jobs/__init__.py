"""Benefits' work on everybody at once: set-based, idempotent for each date."""

from benefits.jobs.batches import make_batch, make_open_batches
from benefits.jobs.granting import draw_surprises, grant_benefits

__all__ = ["draw_surprises", "grant_benefits", "make_batch", "make_open_batches"]
