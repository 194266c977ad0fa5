"""Somebody of the staff to own segments, and the proof at the end."""

import pytest

from members.models import Account


@pytest.fixture
def owner(db: None) -> Account:
    """A person of the staff."""
    return Account.objects.create(email="owner@staff.example", name="Olga", is_staff=True)
