"""The staff: invited, given roles, sent away and taken back; nobody does it to himself, one administrator stays."""

import datetime as dt
from collections.abc import Sequence

from django.db import IntegrityError, transaction

from kit import audit, locks
from members import rules
from members.actions.sessions import end_sessions
from members.enums import StaffChange, StaffRole
from members.models import Account


class StaffKnown(Exception):
    """There is a log-in with this address already; nobody was invited."""


class ChangeRefused(Exception):
    """A person of the staff may not be changed so; `because` says why. Nothing was changed."""

    def __init__(self, because: StaffChange) -> None:
        self.because = because
        super().__init__(f"The change is refused: {because.value}. Nothing was changed.")


class SetUpAlready(Exception):
    """There is an administrator already; nobody was made one."""


@transaction.atomic
def invite_staff(*, email: str, name: str, roles: Sequence[StaffRole], at: dt.datetime, actor: str) -> int:
    """Will open a log-in of the staff that has no password yet, and return its id; raises StaffKnown."""
    try:
        with transaction.atomic():
            account: Account = Account.objects.create_user(
                email.strip(), None, name=name, is_staff=True, roles=_values(roles), date_joined=at
            )
    except IntegrityError as error:
        raise StaffKnown("There is a log-in with this address already. Nobody was invited.") from error
    becomes = {"email": account.email, "roles": account.roles}
    audit.record(at=at, actor=actor, deed="staff.invited", subject=f"account:{account.pk}", becomes=becomes)
    return int(account.pk)


@transaction.atomic
def set_roles(*, account_id: int, roles: Sequence[StaffRole], by: int, at: dt.datetime, actor: str) -> None:
    """Will give a person of the staff other roles, under the lock of all administrators; raises ChangeRefused."""
    account = _locked(account_id, by, is_admin_after=StaffRole.ADMIN in roles)
    was, becomes = sorted(account.roles), sorted(_values(roles))
    if was == becomes:
        return
    account.roles = becomes
    account.save(update_fields=["roles"])
    audit.record(at=at, actor=actor, deed="staff.roles", subject=f"account:{account_id}", was=was, becomes=becomes)


@transaction.atomic
def switch_staff(*, account_id: int, is_active: bool, by: int, at: dt.datetime, actor: str) -> None:
    """Will let a person of the staff in no more, at once, or in again; raises ChangeRefused."""
    account = _locked(account_id, by, is_admin_after=is_active)
    if account.is_active == is_active:
        return
    account.is_active = is_active
    account.save(update_fields=["is_active"])
    if not is_active:
        end_sessions(account_id=account_id, but="", at=at, actor=actor)
    deed = "staff.let_in" if is_active else "staff.deactivated"
    audit.record(at=at, actor=actor, deed=deed, subject=f"account:{account_id}")


@transaction.atomic
def open_first_admin(*, email: str, name: str, password: str, at: dt.datetime, actor: str) -> int:
    """Will open the first administrator's log-in and return its id; raises SetUpAlready where there is staff."""
    locks.take_turns(["members:first-admin"])
    if Account.objects.filter(is_staff=True, is_active=True).exists():
        raise SetUpAlready("This installation has an administrator already. Nobody was made one.")
    account: Account = Account.objects.create_user(
        email.strip(), password, name=name, is_staff=True, roles=[StaffRole.ADMIN.value], date_joined=at
    )
    becomes = {"email": account.email, "roles": account.roles}
    audit.record(at=at, actor=actor, deed="staff.created", subject=f"account:{account.pk}", becomes=becomes)
    return int(account.pk)


def _locked(account_id: int, by: int, *, is_admin_after: bool) -> Account:
    """Will lock all administrators and the person, by id, and refuse what may not be."""
    admins = Account.objects.select_for_update().filter(is_staff=True, is_active=True, roles__contains=["admin"])
    ids = frozenset(admins.order_by("id").values_list("id", flat=True))
    account = Account.objects.select_for_update().get(id=account_id, is_staff=True)
    if because := rules.refuse_staff_change(account_id=account_id, by=by, is_admin_after=is_admin_after, admins=ids):
        raise ChangeRefused(because)
    return account


def _values(roles: Sequence[StaffRole]) -> list[str]:
    return [role.value for role in dict.fromkeys(roles)]
