"""Points' night: whole-population work, set-based."""

from points.jobs.lots import expire_lots, release_lots

__all__ = ["expire_lots", "release_lots"]
