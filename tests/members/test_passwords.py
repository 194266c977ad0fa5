"""How passwords are kept: by Argon2, also those that came with an older hash."""

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher, make_password
from django.test.utils import override_settings

from members.models import Account
from membership_site import settings as site

pytestmark = pytest.mark.django_db


@pytest.fixture
def own_hashers():
    """The site's own way of hashing, which other tests do without."""
    with override_settings(PASSWORD_HASHERS=site.PASSWORD_HASHERS):
        yield


def test_passwords_are_kept_by_argon2(own_hashers):
    kept = make_password("tea-and-biscuits")
    assert kept.startswith("argon2$argon2id$") and "tea-and-biscuits" not in kept
    assert make_password("tea-and-biscuits") != kept


def test_an_older_hash_still_opens_and_is_replaced(own_hashers):
    older = PBKDF2PasswordHasher().encode("tea-and-biscuits", "a-grain-of-salt")
    account = Account.objects.create(email="ann@example.com", password=older)
    assert not account.check_password("another-word") and account.password == older
    assert account.check_password("tea-and-biscuits")
    account.refresh_from_db()
    assert account.password.startswith("argon2$")
    assert account.check_password("tea-and-biscuits")
