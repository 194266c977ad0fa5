"""Whether a member may give points away: the refusals, in the order a person would hear them. Pure."""

from points.rules.policy import Gifts


class GiftRefused(Exception):
    """A gift that the programme does not allow; nothing was booked."""


class GiftToOneself(GiftRefused):
    """Donor and recipient are one person."""

    def __init__(self) -> None:
        super().__init__("Points can be given to another member only. Nothing was booked.")


class GiftsOff(GiftRefused):
    """The programme has no gifts."""

    def __init__(self) -> None:
        super().__init__("The programme does not let members give points away at present. Nothing was booked.")


class GiftTooSmall(GiftRefused):
    """Fewer points than a gift has at least."""

    def __init__(self, points: int, minimum: int) -> None:
        self.points, self.minimum = points, minimum
        super().__init__(f"A gift is {minimum} points or more; {points} were to be given. Nothing was booked.")


class GiftCapReached(GiftRefused):
    """More than may be given on one day; `left` is what may still be given today."""

    def __init__(self, points: int, left: int, day_max: int) -> None:
        self.points, self.left, self.day_max = points, left, day_max
        super().__init__(
            f"{day_max} points may be given on one day, {left} of them are left today; {points} were to be given. "
            "Nothing was booked."
        )


def check(terms: Gifts, points: int, given_today: int) -> None:
    """Will raise GiftsOff, GiftTooSmall or GiftCapReached where a gift is not allowed."""
    if not terms.is_on:
        raise GiftsOff
    if points < terms.points_min:
        raise GiftTooSmall(points, terms.points_min)
    left = left_today(terms, given_today)
    if points > left:
        raise GiftCapReached(points, left, terms.day_max)


def left_today(terms: Gifts, given_today: int) -> int:
    """Will return how many points a member may still give on a date on which he gave so many."""
    return max(terms.day_max - given_today, 0) if terms.is_on else 0
