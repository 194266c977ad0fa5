"""Benefits' outcomes in words: codes and facts in, sentences out, in the reader's language."""

from benefits.wording.checkout import goods_words, taken_off_words
from benefits.wording.coupons import (
    batch_words,
    condition_words,
    coupon_name,
    kind_words,
    limit_words,
    minimum_words,
    state_words,
    terms_fault,
    terms_words,
    use_by_words,
    validity_words,
    value_words,
)
from benefits.wording.rejections import rejection_words

__all__ = [
    "batch_words",
    "condition_words",
    "coupon_name",
    "goods_words",
    "kind_words",
    "limit_words",
    "minimum_words",
    "rejection_words",
    "state_words",
    "taken_off_words",
    "terms_fault",
    "terms_words",
    "use_by_words",
    "validity_words",
    "value_words",
]
