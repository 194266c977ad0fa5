"""Benefits' work on everybody at once: set-based, idempotent for each date."""

from benefits.jobs.batches import make_batch, make_open_batches
from benefits.jobs.fulfilments import give_up_gifts
from benefits.jobs.granting import draw_surprises, grant_benefits

__all__ = ["draw_surprises", "give_up_gifts", "grant_benefits", "make_batch", "make_open_batches"]
