"""What accounts are called, for questions that are asked about what their owners did."""

from django.db.models import BigIntegerField, CharField, Func, OuterRef, Subquery, Value
from django.db.models.functions import Cast, Coalesce, Concat, NullIf

from members.models import Account


def staff_of(field: str) -> Subquery:
    """Will return the name, or e-mail address, of the person whom a column such as `actor` names. No query.

    Null where it names none of the staff.
    """
    number = Func(OuterRef(field), Value(r"^staff:(\d{1,18})$"), function="substring", output_field=CharField())
    account = Account.objects.filter(id=Cast(number, BigIntegerField()))
    return Subquery(account.values(by=shown_as())[:1])


def shown_as(path: str = "") -> Coalesce:
    """Will return what an account is called, as str() of it does. No query."""
    return Coalesce(
        NullIf(f"{path}name", Value("")),
        NullIf(f"{path}email", Value("")),
        Concat(Value("#"), Cast(f"{path}id", CharField())),
        output_field=CharField(),
    )
