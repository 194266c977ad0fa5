"""The starter's points policy as plain values, for rules that need no database."""

from membership_site.flows.starter import POINTS_TERMS
from points.enums import RefundPolicy
from points.rules.policy import Policy, policy_from_terms

POLICY = policy_from_terms(1, POINTS_TERMS)


def policy(**changes) -> Policy:
    """Will return the starter's policy with other terms."""
    return policy_from_terms(1, {**POINTS_TERMS, **changes})


POLICIES = {refund: policy(refund=refund.value) for refund in RefundPolicy}
