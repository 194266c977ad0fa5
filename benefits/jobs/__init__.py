"""Benefits' work on everybody at once."""

from benefits.jobs.batches import make_batch, make_open_batches

__all__ = ["make_batch", "make_open_batches"]
