"""manage.py create_staff: a log-in to the console, the first administrator's above all."""

import getpass
import sys
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.db import transaction

from kit import audit, clock
from members import actions as members_actions
from members.enums import StaffRole
from members.models import Account

ACTOR = "command:create_staff"


class Command(BaseCommand):
    """Opens a staff log-in."""

    help = "Opens a log-in to the console with one or more roles; asks for what is not given."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Will name the arguments."""
        parser.add_argument("email", nargs="?", default="", help="the e-mail address to log in with")
        parser.add_argument("--roles", default="", help=f"comma between them; of {', '.join(StaffRole)}")
        parser.add_argument("--name", default="", help="the name that colleagues and the audit log show")
        parser.add_argument("--password-stdin", action="store_true", help="read the password from standard input")

    def handle(self, *args: Any, **options: Any) -> None:
        """Will open the log-in, or say what is wrong and open none."""
        email = self._email(options["email"] or self._ask("E-mail address: "))
        roles = self._roles(options["roles"] or self._ask(f"Roles ({', '.join(StaffRole)}): "))
        password = self._password(email, from_stdin=options["password_stdin"])
        at = clock.now()
        with transaction.atomic():
            account = members_actions.open_staff_account(
                email=email, name=options["name"], password=password, roles=roles, at=at, actor=ACTOR
            )
            audit.record(
                at=at,
                actor=ACTOR,
                deed="staff.created",
                subject=f"account:{account.pk}",
                becomes={"email": email, "roles": [role.value for role in roles]},
            )
        self.stdout.write(f"{email} may log in at /console/login/ as {', '.join(roles)}.")

    def _email(self, text: str) -> str:
        email = text.strip().lower()
        try:
            validate_email(email)
        except ValidationError as error:
            raise CommandError(f"“{text}” is not an e-mail address. No log-in was opened.") from error
        if Account.objects.filter(email=email.strip().lower()).exists():
            raise CommandError(
                f"{email} has a log-in already; it was left as it is. `manage.py changepassword` sets a new password."
            )
        return email

    def _roles(self, text: str) -> list[StaffRole]:
        words = [word.strip().lower() for word in text.split(",") if word.strip()]
        unknown = [word for word in words if word not in set(StaffRole)]
        if unknown or not words:
            raise CommandError(
                f"{', '.join(unknown) or 'Nothing'} is no role. Use one or more of {', '.join(StaffRole)}. "
                "No log-in was opened."
            )
        return [StaffRole(word) for word in dict.fromkeys(words)]

    def _password(self, email: str, *, from_stdin: bool) -> str:
        password = sys.stdin.readline().rstrip("\r\n") if from_stdin else self._ask_twice()
        try:
            validate_password(password, Account(email=email))
        except ValidationError as error:
            raise CommandError(" ".join(["No log-in was opened.", *error.messages])) from error
        return password

    def _ask(self, question: str) -> str:
        if not sys.stdin.isatty():
            raise CommandError(f"Nobody is here to answer “{question.strip()}” Give it as an argument.")
        return input(question)

    def _ask_twice(self) -> str:
        if not sys.stdin.isatty():
            raise CommandError("Nobody is here to type a password. Use --password-stdin.")
        password = getpass.getpass("Password: ")
        if getpass.getpass("Password again: ") != password:
            raise CommandError("The two passwords differ. No log-in was opened.")
        return password
