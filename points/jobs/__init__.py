"""Points' night: whole-population work, set-based."""

from points.jobs.lots import expire_lots, release_lots
from points.jobs.reservations import lapse_reservations

__all__ = ["expire_lots", "lapse_reservations", "release_lots"]
