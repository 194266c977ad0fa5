"""Points' enums."""

from enum import StrEnum


class Wallet(StrEnum):
    """A kind of units: `points` can be spent, `growth` is status and never spent."""

    POINTS = "points"
    GROWTH = "growth"


class EntryKind(StrEnum):
    """What a line of the ledger is."""

    ACCRUAL = "accrual"
    REDEMPTION = "redemption"
    EXPIRY = "expiry"
    REVERSAL = "reversal"
    RESTORATION = "restoration"
    TRANSFER = "transfer"
    ADJUSTMENT = "adjustment"
    REINSTATEMENT = "reinstatement"
    WRITE_OFF = "write_off"


class RefundPolicy(StrEnum):
    """What a refund may take back of points that were already spent."""

    PENDING_ONLY = "pending_only"
    WITHIN_BALANCE = "within_balance"
    FULL = "full"


class DiscountBasis(StrEnum):
    """Whether an order earns on its lines' prices before or after discounts."""

    BEFORE = "before"
    AFTER = "after"


class ExpiryKind(StrEnum):
    """How the last date of points is found from the date on which they become active."""

    NEVER = "never"
    DAYS = "days"
    MONTHS = "months"
    END_OF_MONTH = "end_of_month"
    END_OF_PERIOD = "end_of_period"
    INACTIVITY = "inactivity"


class Period(StrEnum):
    """A part of the calendar at whose end points may expire."""

    MONTH = "month"
    QUARTER = "quarter"
    HALF_YEAR = "half_year"
    YEAR = "year"


class ConditionKind(StrEnum):
    """What an earning rule may ask, of the member, the deed or the line."""

    TIER_MIN = "tier_min"
    TIER = "tier"
    TAG = "tag"
    SEGMENT = "segment"
    BIRTHDAY = "birthday"
    CHANNEL = "channel"
    WEEKDAY = "weekday"
    DAY_OF_MONTH = "day_of_month"
    MONTH = "month"
    TIME = "time"
    ORDER_NUMBER = "order_number"
    EVERY_NTH_ORDER = "every_nth_order"
    ORDER_MIN = "order_min"
    PROPERTY = "property"
    CATEGORY = "category"
    BRAND = "brand"
    SKU = "sku"


class Effect(StrEnum):
    """What an earning rule gives: a multiple of the base, points per currency unit, a fixed number, or a property."""

    MULTIPLY = "multiply"
    PER_UNIT = "per_unit"
    FIXED = "fixed"
    PROPERTY = "property"


class Stacking(StrEnum):
    """How a rule meets others: on the base alone, on what earlier rules made of it, or only if it gives the most."""

    ADD = "add"
    MULTIPLY = "multiply"
    LARGEST = "largest"


class CapPer(StrEnum):
    """What a cap counts: one deed, a member's day, month or whole membership, or everybody together."""

    DEED = "deed"
    DAY = "day"
    MONTH = "month"
    EVER = "ever"
    BUDGET = "budget"


class Verdict(StrEnum):
    """What a change of the rules is to members: more than they had, less, or neither."""

    BETTER = "better"
    WORSE = "worse"
    SAME = "same"


class Severity(StrEnum):
    """Whether what was found in a draft keeps it from being published, or is for a person to weigh."""

    ERROR = "error"
    WARNING = "warning"


class ReservationState(StrEnum):
    """Where a reservation of points stands."""

    HELD = "held"
    CONFIRMED = "confirmed"
    RELEASED = "released"
    LAPSED = "lapsed"


class RequestKind(StrEnum):
    """What the staff ask to have booked by hand."""

    ADJUSTMENT = "adjustment"
    UNDO = "undo"
    WRITE_OFF = "write_off"
    REINSTATEMENT = "reinstatement"


class RequestState(StrEnum):
    """Where a request of the staff stands."""

    WAITING = "waiting"
    BOOKED = "booked"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


GIVEN_UP = (RequestState.REFUSED, RequestState.WITHDRAWN)
"""Where nothing will be booked any more, so that the same may be asked for again."""


class SecondBecause(StrEnum):
    """Why a request of the staff needs a second person: its size, the person's day, or what it is."""

    ALONE = "alone"
    DAY = "day"
    WRITE_OFF = "write_off"


class PreviewState(StrEnum):
    """Where the preview of a draft stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
