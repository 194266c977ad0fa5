"""The demo's log-ins; its history is held against the programme's terms in tests/importing."""

import pytest

from members.models import Account
from membership_site.flows import demo


@pytest.mark.django_db
def test_log_ins_are_given_once(join, noon):
    ann = join("ann")
    first = demo.give_logins(at=noon)
    assert demo.give_logins(at=noon) == first
    emails = {login.email for login in first}
    assert {"operator@example.com", "agent@example.com", "auditor@example.com", "admin@example.com"} <= emails
    account = Account.objects.get(member=ann)
    assert account.check_password(demo.PASSWORD) and not account.is_staff and account.email in emails
