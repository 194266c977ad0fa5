"""Points' night: whole-population work, set-based."""

from points.jobs.lots import expire_lots, release_lots
from points.jobs.seals import seal_entries

__all__ = ["expire_lots", "release_lots", "seal_entries"]
