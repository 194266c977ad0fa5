"""Benefits' outcomes in words: codes and facts in, sentences out, in the reader's language."""

from benefits.wording.checkout import (
    checkout_state_words,
    goods_words,
    taken_off_words,
)
from benefits.wording.coupons import (
    batch_words,
    cap_words,
    condition_words,
    coupon_kind_words,
    coupon_state_words,
    head_words,
    minimum_words,
    terms_fault,
    terms_words,
    use_by_words,
    validity_words,
    value_words,
)
from benefits.wording.fulfilment import (
    address_fault,
    parcel_state_words,
    refused_step,
    tone,
)
from benefits.wording.rejections import (
    rejection_words,
)
from benefits.wording.rewards import (
    chance_words,
    kept_words,
    named,
    refusal_words,
    reward_kind_words,
)

__all__ = [
    "address_fault",
    "batch_words",
    "cap_words",
    "chance_words",
    "checkout_state_words",
    "condition_words",
    "coupon_kind_words",
    "coupon_state_words",
    "goods_words",
    "head_words",
    "kept_words",
    "minimum_words",
    "named",
    "parcel_state_words",
    "refusal_words",
    "refused_step",
    "rejection_words",
    "reward_kind_words",
    "taken_off_words",
    "terms_fault",
    "terms_words",
    "tone",
    "use_by_words",
    "validity_words",
    "value_words",
]
