"""Whom a shop means: by number, by its own id, by address or phone number, one at a time or a file at once."""

import pytest

from members import actions as members_actions
from members import queries as members_queries
from members.models import Member
from members.rules import MemberReference, email_identity, external_identity, phone_identity
from tests.members.people import person

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(noon):
    """Ann and Bob of two systems, Cat of one; the point of sale calls Bob what the web calls Ann's phone number."""
    known = {}
    for new in (
        person("ann", "+8613800138000", ("web", "pos")),
        person("bob", "13900139000", ("web", "pos")),
        person("cat", external=()),
    ):
        known[new.name.lower()] = members_actions.register(new=new, joined_at=noon, at=noon, actor="test").id
    extra = [("ann", "web", "7"), ("bob", "pos", "7"), ("cat", "pos", "9"), ("bob", "pos", "+8613800138000")]
    for name, source, value in extra:
        Member.objects.get(id=known[name]).identities.create(kind="external", source=source, value=value)
    return known


CASES = [
    (MemberReference(email=" ANN@example.com"), "web", "ann"),
    (MemberReference(email="nobody@example.com"), "web", None),
    (MemberReference(email="not an address"), "web", None),
    (MemberReference(phone="139 0013 9000"), "web", "bob"),
    (MemberReference(phone="12"), "web", None),
    (MemberReference(external_id="c-ann"), "web", "ann"),
    (MemberReference(external_id=" c-ann "), "elsewhere", "ann"),
    (MemberReference(external_id="7"), "web", "ann"),
    (MemberReference(external_id="7"), "pos", "bob"),
    (MemberReference(external_id="7"), "elsewhere", None),
    (MemberReference(external_id="9"), "web", "cat"),
    (MemberReference(external_id="C-ANN"), "web", None),
    (MemberReference(number="M999"), "web", None),
    (MemberReference(anything="c-bob"), "web", "bob"),
    (MemberReference(anything="Bob@Example.com"), "web", "bob"),
    (MemberReference(anything="139-0013-9000"), "web", "bob"),
    (MemberReference(anything="+8613800138000"), "pos", "bob"),
    (MemberReference(anything="+86 138 0013 8000"), "pos", "ann"),
    (MemberReference(anything="7"), "elsewhere", None),
    (MemberReference(), "web", None),
]


@pytest.mark.parametrize(("reference", "source", "name"), CASES)
def test_one_is_found(people, reference, source, name):
    found = members_queries.find_member(reference, source)
    assert (found.id if found else None) == people.get(name)


def test_a_number_is_found_however_it_is_typed(people):
    number = Member.objects.get(id=people["ann"]).number
    for typed in (number, f" {number.lower()} "):
        for reference in (MemberReference(number=typed), MemberReference(anything=typed)):
            found = members_queries.find_member(reference, "web")
            assert found and found.id == people["ann"] and found.number == number
        found = members_queries.find_by_number(typed)
        assert found and found.id == people["ann"]
    assert members_queries.get_member(number.lower()).id == people["ann"]
    with pytest.raises(members_queries.UnknownMember, match="check digit"):
        members_queries.get_member(number[:-1])
    assert members_queries.number_of(people["ann"]) == number


@pytest.mark.parametrize("source", ["web", "pos", "elsewhere"])
def test_a_file_at_once_finds_whom_one_by_one_would(people, source, django_assert_num_queries):
    texts = [r.anything or r.email.strip() or r.phone or r.external_id.strip() for r, _, _ in CASES]
    texts = [text for text in texts if text] + [Member.objects.get(id=people["cat"]).number.lower()]
    # One statement, which the connection keeps planned and Django's own cursors know nothing of.
    with django_assert_num_queries(0):
        together = members_queries.find_many(texts, source)
    for text in texts:
        assert together.get(text) == members_queries.find_member(MemberReference(anything=text), source), text
    assert len(together) > 5


def test_identities_lead_to_what_is_known(people):
    ann, nobody = email_identity("ann@example.com"), email_identity("nobody@example.com")
    foreign = external_identity("elsewhere", "c-ann")
    found = members_queries.find_people([ann, nobody, foreign, phone_identity("+8613800138000")])
    assert set(found) == {ann, phone_identity("+8613800138000")}
    assert found[ann] is found[phone_identity("+8613800138000")]
    assert found[ann].id == people["ann"] and external_identity("pos", "c-ann") in found[ann].identities
