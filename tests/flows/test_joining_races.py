"""Joining at the same moment: one membership, one activation, one reward, and no try too many."""

import uuid

import pytest

from members.enums import CodePurpose, CodeVerdict, MemberStatus
from members.models import Account, AddressCode, Consent, Member
from members.rules import MemberReference, email_identity
from membership_site.flows import code_sent, member_joined, member_verified
from messaging.models import Message
from points import queries as points_queries
from points.models import Entry
from tests.flows.shop import DAY, place, purse
from tests.kit.threads import kinds, overlapping, together
from tests.members.people import person

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("programme")]

EVE = email_identity("eve@example.com")
WISHES = {"name": "Eve", "consents": [["email", "marketing", True, "Yes."]]}


def ask(noon):
    """A ticket for Eve's address."""
    return code_sent.send(identity=EVE, purpose=CodePurpose.JOIN, wishes=WISHES, at=noon)


def code_of(ticket):
    """What went out for it."""
    return Message.objects.get(source_key=f"code:{ticket}").values["code"]


def verify(ticket, code, noon):
    """Types a code."""
    return member_verified.verify(ticket=ticket, code=code, known_here=frozenset(), at=noon)


def test_eight_ask_at_once_for_one_address(noon):
    answers = together([lambda: ask(noon)] * 8)
    assert kinds(answers) == {"UUID": 8}
    assert Member.objects.count() == 1 and AddressCode.objects.filter(identity__isnull=False).count() == 5


def test_one_code_typed_by_eight_at_once_opens_once(noon):
    ticket = ask(noon)
    code = code_of(ticket)
    verdicts = [answer.verdict for answer in together([lambda: verify(ticket, code, noon)] * 8)]
    assert sorted(verdicts) == sorted([CodeVerdict.RIGHT] + [CodeVerdict.USED_UP] * 7)


def test_two_codes_typed_at_once_give_one_reward(noon):
    tickets = [ask(noon) for _ in range(4)]
    pairs = [(ticket, code_of(ticket)) for ticket in tickets]
    answers = together([lambda p=p: verify(*p, noon) for p in pairs])
    assert kinds(answers) == {"Verified": 4}
    assert sorted(answer.is_new for answer in answers) == [False, False, False, True]
    member = Member.objects.get()
    assert points_queries.get_balance(member.id, noon).available == 100
    assert Entry.objects.filter(source_key="sign_up").count() == 1
    assert Consent.objects.count() == 1 and Account.objects.count() == 1


def test_twenty_wrong_tries_at_once_count_five(noon):
    ticket = ask(noon)
    wrong = f"{(int(code_of(ticket)) + 1) % 10**6:06d}"
    verdicts = [answer.verdict for answer in together([lambda: verify(ticket, wrong, noon)] * 12)]
    assert sorted(verdicts) == sorted([CodeVerdict.WRONG] * 5 + [CodeVerdict.USED_UP] * 7)
    assert verify(ticket, code_of(ticket), noon).verdict == CodeVerdict.USED_UP
    assert verify(uuid.uuid4(), "123456", noon).verdict == CodeVerdict.EXPIRED


def test_a_shop_registers_who_is_just_joining(noon):
    """Whichever comes first, one active member has the address in the end, and one reward was given."""
    ticket = ask(noon)
    code = code_of(ticket)
    new = person("eve")
    answers = together(
        [lambda: verify(ticket, code, noon), lambda: member_joined.register(new=new, at=noon, actor="shop")]
    )
    active = Member.objects.get(status=MemberStatus.ACTIVE)
    assert active.identities.filter(kind="email", value=EVE.value).exists(), answers
    assert Entry.objects.filter(source_key="sign_up").count() == 1


@pytest.mark.parametrize("first", ["verifies", "buys"])
def test_verifying_and_what_is_told_meanwhile_do_not_miss_each_other(noon, first):
    ticket = ask(noon)
    code = code_of(ticket)
    deeds = [
        lambda: verify(ticket, code, noon),
        lambda: place("1", ["100"], noon - DAY, who=MemberReference(email=EVE.value)),
    ]
    answers = overlapping(*(deeds if first == "verifies" else reversed(deeds)))
    assert kinds(answers) == {"Verified": 1, "OrderAnswer": 1}
    assert purse(Member.objects.get().id, noon) == (100, 100, 0)
