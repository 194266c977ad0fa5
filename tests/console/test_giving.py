"""Giving a tier, ending it, extending a validity: the effect is said before, it is done once, and by who may."""

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from kit.models import AuditRow
from members.models import Account, Member
from tests.tiers.published import publish
from tiers.models import Decision, Standing

from .conftest import Join, buy, text_of

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
TODAY = dt.date(2026, 3, 3)


@pytest.fixture
def ann(join: Join, noon: dt.datetime) -> Member:
    """Ann on Silver until 21 February 2027."""
    member = join("ann", at=noon - 100 * DAY)
    buy("ann", "A1", "1100", noon - 10 * DAY)
    return member


def path(member: Member, deed: str) -> str:
    """Will return the address of a deed."""
    return f"/console/members/{member.number}/tier/{deed}/"


def gift(**changes: Any) -> dict[str, Any]:
    """Will return what is typed to give Gold through May."""
    sent = {"tier": "gold", "kind": "manual", "until": "2026-05-31", "reason": "VIP of the founder"}
    return sent | {"form_key": str(uuid.uuid4())} | changes


def tier(member: Member) -> str:
    """Will return the code of the tier held."""
    return Standing.objects.select_related("tier").get(member=member).tier.code


def test_a_tier_is_given_once_with_its_effect_said_before(enter: Callable[[str], Client], ann: Member) -> None:
    """By the fragment, by a press without script, and then for good."""
    client, sent = enter("operator"), gift()
    assert "What it does is said here before it is done." in client.get(path(ann, "give")).content.decode()
    said = [
        "Silver until 21 Feb 2027 becomes Gold until 31 May 2026.",
        "After 31 May 2026, if nothing more counts: Silver.",
        "The member will read: Gold was given to you by us.",
        "Orders earn 3 times the points, in place of 2 times.",
    ]
    query = {name: sent[name] for name in ("tier", "kind", "until")}
    fragment = text_of(client.get(path(ann, "give/effect"), query).content.decode())
    looked = text_of(client.post(path(ann, "give"), sent | {"look": "1"}).content.decode())
    for sentence in said:
        assert sentence in fragment and sentence in looked
    assert tier(ann) == "silver"
    for _press in range(2):
        answer = client.post(path(ann, "give"), sent)
        assert answer.status_code == 302, text_of(answer.content.decode())
    assert tier(ann) == "gold" and Decision.objects.filter(kind="granted").count() == 1
    assert AuditRow.objects.get(deed="tier.granted").reason == "VIP of the founder"
    page = text_of(client.get(f"/console/members/{ann.number}/").content.decode())
    assert "Gold was given by hand, through 31 May 2026. Beneath it: Silver, until 21 Feb 2027." in page
    again = client.post(path(ann, "give"), sent | {"tier": "diamond"})
    assert again.status_code == 422 and "sent before with other content" in again.content.decode()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"until": "2026-03-02"}, "Use a date of today or later."),
        ({"until": "soon"}, "Use a date such as 2027-03-31."),
        ({"until": "2036-03-02"}, "This is more than five years away."),
        ({"tier": "silver"}, "The member has reached this tier or a higher one, for as long."),
        ({"tier": "member"}, "Choose a tier."),
        ({"kind": "whim"}, "Choose how."),
        ({"reason": ""}, "Say why: colleagues read it beside the decision."),
        ({"form_key": "x"}, "Open it anew."),
    ],
)
def test_what_cannot_be_given_is_said_at_the_field(
    enter: Callable[[str], Client], ann: Member, changes: dict[str, str], words: str
) -> None:
    """And nothing is given."""
    answer = enter("admin").post(path(ann, "give"), gift(**changes))
    assert answer.status_code == 422 and words in answer.content.decode()
    assert tier(ann) == "silver" and not Decision.objects.filter(kind="granted").exists()


def test_what_was_given_is_ended(enter: Callable[[str], Client], ann: Member) -> None:
    """Today, with what follows said before; without anything given there is no form."""
    client = enter("operator")
    page = client.get(path(ann, "end")).content.decode()
    assert "The member holds no tier that was given." in page and "<textarea" not in page and "End it today" not in page
    client.post(path(ann, "give"), gift())
    page = text_of(client.get(path(ann, "end")).content.decode())
    assert "Gold until 31 May 2026 becomes Silver until 21 Feb 2027." in page
    sent = {"reason": "Given by mistake", "form_key": str(uuid.uuid4())}
    for _press in range(2):
        assert client.post(path(ann, "end"), sent).status_code == 302
    assert tier(ann) == "silver"


def test_an_agent_extends_within_his_budget(enter: Callable[[str], Client], ann: Member) -> None:
    """So often a month; what is left is said."""
    publish(TODAY, courtesies_a_month=1)
    client = enter("agent")
    assert "You have 1 extension of 1 left this month." in client.get(path(ann, "extend")).content.decode()
    fragment = text_of(client.get(path(ann, "extend/effect"), {"until": "2027-03-21"}).content.decode())
    assert "Silver until 21 Feb 2027 becomes Silver until 21 Mar 2027." in fragment
    assert "The member will read: Silver was extended as a courtesy." in fragment
    late = client.get(path(ann, "extend/effect"), {"until": "2028-03-21"}).content.decode()
    assert "That is longer than reaching the tier again would bring." in late
    sent = {"until": "2027-03-21", "reason": "Was ill", "form_key": str(uuid.uuid4())}
    for _press in range(2):
        assert client.post(path(ann, "extend"), sent).status_code == 302
    assert Standing.objects.get(member=ann).until_date == dt.date(2027, 3, 21)
    sent = {"until": "2027-04-21", "reason": "Was ill", "form_key": str(uuid.uuid4())}
    refused = client.post(path(ann, "extend"), sent)
    assert refused.status_code == 422
    assert "This month’s extensions are used up (1)." in refused.content.decode()


def test_nobody_decides_on_his_own_tier(enter: Callable[[str], Client], ann: Member) -> None:
    """Known by the log-in that is linked to the membership."""
    client = enter("operator")
    Member.objects.filter(id=ann.id).update(account=Account.objects.get(email="operator@staff.example"))
    answer = client.post(path(ann, "give"), gift())
    assert answer.status_code == 422 and "This is your own membership" in answer.content.decode()
    assert tier(ann) == "silver"


def test_roles_see_what_they_may_do(enter: Callable[[str], Client], ann: Member) -> None:
    """The auditor sees no deed, the agent the extension, the operator all."""
    buttons = {"operator": {"give", "extend"}, "agent": {"extend"}, "auditor": set(), "finance": set()}
    for role, seen in buttons.items():
        page = enter(role).get(f"/console/members/{ann.number}/").content.decode()
        assert {deed for deed in ("give", "end", "extend") if path(ann, deed) in page} == seen, role
    for role in ("auditor", "finance"):
        for deed in ("give", "end", "extend"):
            assert enter(role).post(path(ann, deed), gift()).status_code == 403
