"""Benefits' outcomes in words."""

from benefits.wording.fulfilment import address_fault, refused_step, state_words, tone
from benefits.wording.rewards import chance_words, kept_words, kind_words, named, refusal_words

__all__ = [
    "address_fault",
    "chance_words",
    "kept_words",
    "kind_words",
    "named",
    "refusal_words",
    "refused_step",
    "state_words",
    "tone",
]
