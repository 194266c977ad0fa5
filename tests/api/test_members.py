"""POST and GET of members: who joins, who is found, and that answers have exactly the contract's fields."""

import datetime as dt

import pytest

from members.models import Consent, Member
from tests.api.conftest import Shop, event, order
from tests.conftest import NOON

pytestmark = pytest.mark.django_db

FIELDS = {"number", "status", "joined_at", "tier", "balance", "growth"}
ANN = {"external_id": "c-ann", "source": "web", "email": "Ann@Example.com", "phone": "+86 138-0013-8000", "name": "Ann"}


def test_a_member_joins(shop: Shop) -> None:
    """201 with the member as he stands: active, lowest tier, sign-up points available at once."""
    consents = [{"channel": "email", "purpose": "marketing", "given": True, "text": "Send me offers by e-mail."}]
    body = ANN | {"birthday": "1992-02-29", "language": "zh-CN", "consents": consents}
    answer = shop.post("/members", body, Accept_Language="en")
    assert answer.status_code == 201, answer.content
    said = answer.json()
    assert set(said) == FIELDS
    assert set(said["tier"]) == {"code", "name", "since", "until"}
    assert said["tier"] == {"code": "member", "name": "Member", "since": "2026-03-03", "until": None}
    expiring = [{"date": "2027-03-31", "points": 100}]
    assert said["balance"] == {"available": 100, "pending": 0, "debt": 0, "expiring": expiring}
    assert (said["status"], said["growth"]) == ("active", 0)
    assert dt.datetime.fromisoformat(said["joined_at"]) >= NOON
    member = Member.objects.get(number=said["number"])
    assert (member.name, member.birthday, member.language) == ("Ann", dt.date(1992, 2, 29), "zh-hans")
    kept = set(member.identities.values_list("kind", "source", "value"))
    assert kept == {("external", "web", "c-ann"), ("email", "", "ann@example.com"), ("phone", "", "+8613800138000")}
    assert Consent.objects.get(member=member).actor == "api:shop 1"


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({}, "body", "missing"),
        ({"name": "Nobody"}, "body", "missing"),
        ({"email": "no address"}, "email", "identity"),
        ({"phone": "12"}, "phone", "identity"),
        ({"email": "a@b.cd", "birthday": "2026-02-30"}, "birthday", "date"),
        ({"email": "a@b.cd", "birthday": "0202-01-01"}, "birthday", "date"),
        ({"email": "a@b.cd", "birthday": "2026-03-04"}, "birthday", "date"),
        ({"email": "a@b.cd", "birthday": 19900101}, "birthday", "date"),
        ({"email": "a@b.cd", "name": "x" * 121}, "name", "too_long"),
        ({"email": "a@b.cd", "name": 5}, "name", "type"),
        ({"email": ["a@b.cd"]}, "email", "type"),
        ({"email": "a@b.cd", "nmae": "Ann"}, "nmae", "unknown_field"),
        ({"external_id": "x" * 200}, "external_id", "too_long"),
        ({"external_id": " "}, "external_id", "missing"),
        ({"external_id": "7", "source": "a/b"}, "source", "format"),
        ({"email": "a@b.cd", "language": "x"}, "language", "missing"),
        ({"email": "a@b.cd", "consents": [{"channel": "pigeon"}]}, "consents.0.channel", ""),
        ({"email": "a@b.cd", "name": "a\x00b"}, "name", "characters"),
        ({"email": "a\x00@b.cd"}, "email", "characters"),
        ([], "body", "type"),
        ("text", "body", "type"),
        (None, "body", "type"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(shop: Shop, body: object, field: str, code: str) -> None:
    """422 naming the field, and nobody is registered."""
    answer = shop.post("/members", body)
    assert answer.status_code == 422, answer.content
    problems = {error["field"]: error["code"] for error in answer.json()["errors"]}
    assert field in problems, problems
    assert code in ("", problems[field])
    assert not Member.objects.exists()


def test_a_known_identity_is_a_conflict_that_names_the_member(shop: Shop) -> None:
    """409 with the number, whichever identity is known; nobody new."""
    number = shop.post("/members", ANN).json()["number"]
    for body in (
        {"email": "ANN@example.com"},
        {"phone": "+8613800138000"},
        {"external_id": "c-ann", "source": "web", "email": "new@example.com"},
    ):
        answer = shop.post("/members", body)
        assert (answer.status_code, answer.json()["number"]) == (409, number)
        assert answer.json()["code"] == "identity_taken"
    assert Member.objects.count() == 1
    assert shop.post("/members", {"external_id": "c-ann", "source": "pos"}).status_code == 201


def test_a_member_is_got_by_his_number(shop: Shop) -> None:
    """However the number is typed; an unknown one is a 404."""
    joined = shop.post("/members", ANN).json()
    assert shop.get(f"/members/{joined['number']}").json() == joined
    assert shop.get(f"/members/{joined['number'].lower()}").json() == joined
    for unknown in ("M1", "x", "%00", "%E4%BC%9A%E5%91%98", "a%2Fb"):
        answer = shop.get(f"/members/{unknown}")
        assert answer.status_code in (404, 422), unknown
        assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    "query",
    ["email=ann@example.com", "email=ANN@EXAMPLE.COM", "phone=%2B8613800138000", "phone=+8613800138000",
     "source=web&external_id=c-ann", "external_id=c-ann"],
)  # fmt: skip
def test_a_member_is_looked_up(shop: Shop, query: str) -> None:
    """A list of one; of nought where nobody is known, and another source's id is another person's."""
    joined = shop.post("/members", ANN).json()
    assert shop.get(f"/members?{query}").json() == [joined]
    assert shop.get("/members?email=bob@example.com").json() == []
    assert shop.get("/members?source=pos&external_id=c-ann").json() == []


@pytest.mark.parametrize(
    "query", ["", "email=a@b.cd&phone=12345", "email=x", "phone=x", "source=web", "external_id=%00", "email=%ff"]
)
def test_a_lookup_by_nothing_or_several_is_refused(shop: Shop, query: str) -> None:
    """422, with the field."""
    answer = shop.get(f"/members?{query}")
    assert answer.status_code == 422, answer.content
    assert answer.json()["errors"]


def test_what_waited_is_given_to_who_joins(shop: Shop) -> None:
    """An order and an event of somebody unknown are parked, and booked when he joins."""
    assert shop.put("/orders/web/1", order(member={"phone": "+86 138 0013 8000"})).json() == {"status": "parked"}
    assert shop.post("/events", event(member={"email": "ANN@example.com"})).status_code == 202
    said = shop.post("/members", ANN).json()
    assert (said["balance"]["available"], said["balance"]["pending"], said["growth"]) == (120, 100, 110)


def test_a_member_who_has_not_joined_has_no_tier(shop: Shop) -> None:
    """Imported without a date of joining: known, but without tier and wallets."""
    Member.objects.create(number="M100000990", name="Late")
    said = shop.get("/members/M100000990").json()
    assert said["tier"] is None and said["joined_at"] is None
    assert said["balance"] == {"available": 0, "pending": 0, "debt": 0, "expiring": []}


def test_names_come_in_the_language_asked_for_or_the_member_s(shop: Shop) -> None:
    """Accept-Language first, then the member's own language."""
    number = shop.post("/members", ANN | {"language": "zh-TW"}).json()["number"]
    assert shop.get(f"/members/{number}").json()["tier"]["name"] == "普通會員"
    assert shop.get(f"/members/{number}", Accept_Language="en").json()["tier"]["name"] == "Member"
    assert shop.get(f"/members/{number}", Accept_Language="zh-CN").json()["tier"]["name"] == "普通会员"
