"""Benefits' work for the whole population."""

from benefits.jobs.fulfilments import give_up_gifts

__all__ = ["give_up_gifts"]
