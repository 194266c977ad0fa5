"""What the database promises of members, each promise broken once by name."""

import pytest
from django.db import connection

from members import actions as members_actions
from members.models import Account, Consent, Identity, Member, Tag
from tests.kit.broken import breaks, refuses_all_change
from tests.members.people import person
from tests.members.test_actions import YES

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann(noon):
    new = person("ann", consents=[YES], tags=["vip"])
    return members_actions.register(new=new, joined_at=noon, at=noon, actor="test")


def test_accounts():
    Account.objects.create_user("ann@example.com")
    with breaks("members_account_email_in_lower_case"):
        Account.objects.create(email="ANN@example.com")
    with breaks("members_account_roles_for_staff_only"):
        Account.objects.create_user("bob@example.com", roles=["agent"])


def test_members(ann):
    with breaks("members_member_status_known"):
        Member.objects.filter(id=ann.id).update(status="lost")
    with breaks("members_member_number_key"):
        Member.objects.create(number=ann.number)


def test_identities(ann):
    bob = Member.objects.create(number="M2")
    with breaks("members_identity_one_member"):
        Identity.objects.create(member=bob, kind="email", value="ann@example.com")
    for kind, value in [("fax", "1"), ("email", "")]:
        with breaks("members_identity_kind_known"):
            Identity.objects.create(member=bob, kind=kind, value=value)
    with breaks("members_identity_source_of_external"):
        Identity.objects.create(member=bob, kind="phone", source="web", value="12345")


def test_consents_only_grow(ann, noon):
    for channel, purpose in [("pigeon", "marketing"), ("email", "nothing")]:
        with breaks("members_consent_question_known"):
            Consent.objects.create(
                member=ann, channel=channel, purpose=purpose, given=True, text="?", at=noon, actor="test"
            )
    refuses_all_change("members_consent")


def test_tags(ann):
    with breaks("members_tag_once"):
        Tag.objects.create(member=ann, name="vip")


def test_numbers_are_never_given_again():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(DISTINCT n) FROM (SELECT nextval('members_number') n FROM generate_series(1, 9)) s"
        )
        assert cursor.fetchone() == (9,)
