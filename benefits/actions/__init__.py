"""Benefits' deeds: each locks, reads, asks the rules and writes; all in the caller's transaction."""

from benefits.actions.issuing import Issued, NotIssued, UnknownCoupon, issue, new_code, publish_first_coupon

__all__ = ["Issued", "NotIssued", "UnknownCoupon", "issue", "new_code", "publish_first_coupon"]
