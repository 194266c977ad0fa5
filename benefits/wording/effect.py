"""What benefits saved in words: what was used, and on what basis its saving is said."""

from django.utils.translation import gettext as _

from benefits.enums import BenefitKind, SavedBy
from benefits.rules.effect import REWARD, SavedRow
from benefits.rules.matrix import Matrix
from benefits.wording.matrix import benefit_name, kind_name
from benefits.wording.words import spoken


def saved_name(row: SavedRow, matrix: Matrix) -> str:
    """Will say what saved: the coupon, the reward, the benefit, or its kind where the matrix has it no more."""
    if row.names:
        return spoken(row.names)
    if row.kind == REWARD:
        return _("Rewards")
    benefit = matrix.find(row.benefit)
    return benefit_name(benefit) if benefit else row.coupon or kind_name(BenefitKind(row.kind))


def basis_words(saved_by: SavedBy) -> str:
    """Will say what kind of amount a saving is."""
    words = {
        SavedBy.DISCOUNT: _("Off your orders"),
        SavedBy.SHIPPING: _("Shipping you did not pay"),
        SavedBy.VALUE: _("What it would have cost you"),
    }
    return words[saved_by]
