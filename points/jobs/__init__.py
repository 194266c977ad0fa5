"""Points' night: whole-population work, set-based."""

from points.jobs.budgets import begin_budgets
from points.jobs.lots import expire_lots, release_lots

__all__ = ["begin_budgets", "expire_lots", "release_lots"]
