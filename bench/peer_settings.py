"""Settings for django-hordak alone, in a database of its own; run as a program it makes accounts."""

import os
import sys

from membership_site.settings import database_from_url

SECRET_KEY = "bench"
DATABASES = {"default": {**database_from_url(os.environ["DATABASE_URL"]), "CONN_MAX_AGE": None}}
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "mptt", "djmoney", "hordak"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
DEFAULT_CURRENCY = "EUR"
CURRENCIES = ["EUR"]


def main(count: int) -> None:
    """Will migrate, make the programme's account and so many members' accounts, and print the ids of these."""
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    from hordak.models import Account, AccountType

    Account.objects.create(name="programme", code="0", type=AccountType.income, currencies=["EUR"])
    for number in range(1, count + 1):
        account = Account.objects.create(
            name=f"member {number}", code=str(number), type=AccountType.liability, currencies=["EUR"]
        )
        print(account.id)


if __name__ == "__main__":
    main(int(sys.argv[1]))
