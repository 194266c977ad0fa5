"""Giving points from the page: looked at, given once, refused at the field, and no way to learn who is a member."""

import datetime as dt
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from django.utils import translation

from members.enums import MemberStatus
from members.models import Member
from membership_site.portal.pages.gifts import give_page, masked_name, taken_first
from membership_site.portal.views import gifts as gifts_view
from points import queries as points_queries
from points.models import Entry
from points.queries import Expiring
from tests.kit.threads import together

from .conftest import Buy, give_back
from .ruled import publish
from .test_overview import _spend

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
QUERIES = 16
UNKNOWN = "No active member is known by this. Check it, or ask for the member number."


@pytest.fixture(autouse=True)
def _rested() -> Iterator[None]:
    """Nobody has guessed yet."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def bob(join: Callable[..., Member], noon: dt.datetime) -> Member:
    """Whom Ann gives to."""
    bob = join("bob", at=noon - 100 * DAY)
    Member.objects.filter(id=bob.id).update(name="Bob Lee", status=MemberStatus.ACTIVE)
    bob.identities.create(kind="phone", source="", value="+85291234186")
    return bob


@pytest.fixture
def rich(ann: Member, give: Any, noon: dt.datetime) -> Member:
    """Ann with two lots of points to spend: 300 that end soon, 900 later."""
    give(ann.id, 300, "soon", lot=(noon.date(), noon.date() + 10 * DAY))
    give(ann.id, 900, "later", lot=(noon.date(), noon.date() + 100 * DAY))
    return ann


def available(member: Member, at: dt.datetime) -> int:
    """Will return what a member can spend."""
    return points_queries.get_balance(member.id, at).available


def look(client: Client, to: str, points: object) -> tuple[int, str, str]:
    """Will ask for the confirmation; returns status, page and the token on it."""
    answer = client.post("/points/give/", {"recipient": to, "points": points})
    page = " ".join(answer.content.decode().split())
    token = re.search(r'name="token" value="([^"]+)"', page)
    return answer.status_code, page, token[1] if token else ""


def test_a_gift_is_looked_at_and_then_given(browse: Client, rich: Member, bob: Member, noon: dt.datetime) -> None:
    """The masked name, the effect in numbers, which points go first; then a toast, and both ledgers."""
    before = available(rich, noon)
    status, page, token = look(browse, bob.number, "500")
    assert status == 200 and available(rich, noon) == before
    assert "500 points to B••• L•••" in page and "Bob" not in page and bob.number not in page
    assert f"500 of {before:,}, leaves {before - 500:,}." in page
    assert 'Expire 13 Mar 2026</dt><dd class="num">300</dd>' in page
    assert 'Expire 11 Jun 2026</dt><dd class="num">200</dd>' in page
    done = browse.post("/points/give/", {"token": token}, follow=True)
    assert done.redirect_chain == [("/points/", 302)]
    assert "500 points given." in done.content.decode()
    assert (available(rich, noon), available(bob, noon)) == (before - 500, 500)
    assert sum(Entry.objects.filter(kind="transfer").values_list("points", flat=True)) == 0
    expiring = points_queries.get_balance(bob.id, noon).expiring
    assert expiring == (Expiring(noon.date() + 10 * DAY, 300), Expiring(noon.date() + 100 * DAY, 200))


def test_a_second_press_gives_nothing_more(browse: Client, rich: Member, bob: Member, noon: dt.datetime) -> None:
    """The page carries the gift's own key."""
    _, _, token = look(browse, bob.number, "500")
    for _ in range(3):
        assert browse.post("/points/give/", {"token": token}, follow=True).status_code == 200
    assert available(bob, noon) == 500
    assert Entry.objects.filter(kind="transfer").count() == 2


@pytest.mark.django_db(transaction=True)
def test_sixteen_presses_at_once_are_one_gift(browse: Client, rich: Member, bob: Member, noon: dt.datetime) -> None:
    """Sixteen tabs of the same page."""
    _, _, token = look(browse, bob.number, "500")
    session = browse.cookies[settings.SESSION_COOKIE_NAME].value

    def press() -> int:
        client = Client()
        client.cookies[settings.SESSION_COOKIE_NAME] = session
        return client.post("/points/give/", {"token": token}).status_code

    assert together([press] * 16) == [302] * 16
    assert available(bob, noon) == 500


@pytest.mark.parametrize("way", ["number", "email", "phone", "lower"])
def test_a_friend_is_found_by_what_one_knows_of_him(browse: Client, rich: Member, bob: Member, way: str) -> None:
    """Number, e-mail or phone, however typed."""
    known = {"number": bob.number, "lower": bob.number.lower(), "email": "Bob@Example.com", "phone": "+852 9123 4186"}
    assert "B••• L•••" in look(browse, known[way], "50")[1]


@pytest.mark.parametrize("status", [MemberStatus.PENDING, MemberStatus.BLOCKED, None])
def test_nobody_learns_who_is_a_member(browse: Client, rich: Member, bob: Member, status: MemberStatus | None) -> None:
    """A blocked one, one who is not verified and one who does not exist are the same sentence."""
    if status:
        Member.objects.filter(id=bob.id).update(status=status)
    code, page, token = look(browse, "bob@example.com" if status else "nobody@example.com", "50")
    assert (code, token) == (422, "") and UNKNOWN in page
    assert "B•••" not in page


def test_guesses_rest_after_ten(browse: Client, rich: Member, bob: Member) -> None:
    """Then even a right one waits, with a sentence at the field and 429."""
    for number in range(gifts_view.MISSES_MAX):
        assert look(browse, f"guess{number}@example.com", "50")[0] == 422
    status, page, token = look(browse, bob.number, "50")
    assert (status, token) == (429, "")
    assert "Too many members were looked up. Wait an hour, then try again." in page


def test_names_are_not_harvested_either(
    browse: Client, rich: Member, bob: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Found ones count as well, over a day."""
    monkeypatch.setattr(gifts_view, "LOOKS_MAX", 2)
    assert [look(browse, bob.number, "50")[0] for _ in range(3)] == [200, 200, 429]


@pytest.mark.parametrize(
    ("points", "sentence"),
    [
        ("", "Enter how many points you give."),
        ("x", "Use a whole number, for example 500."),
        ("1.5", "Use a whole number, for example 500."),
        ("0", "Use a whole number above nought, for example 500."),
        ("-50", "Use a whole number above nought, for example 500."),
        ("9", "A gift is 10 points or more."),
        ("1001", "You can give 1,000 more today; 1,000 a day is the most."),
        ("9" * 30, "Nobody has so many points. Use a smaller number."),
    ],
)
def test_bad_amounts_are_named_at_the_field(
    browse: Client, rich: Member, bob: Member, points: str, sentence: str
) -> None:
    """422, the sentence, and what was typed is kept."""
    status, page, token = look(browse, bob.number, points)
    assert (status, token) == (422, "") and sentence in page
    assert f'value="{bob.number}"' in page


def test_not_to_oneself_and_not_more_than_one_has(browse: Client, rich: Member, bob: Member) -> None:
    """Both are said at their field."""
    assert "This is you." in look(browse, rich.number, "50")[1]
    publish(dt.date(2026, 3, 1), gifts={"day_max": 100_000})
    assert "You can spend 1,2" in look(browse, bob.number, "5000")[1]


def test_what_changed_meanwhile_is_said_at_the_field(
    browse: Client, rich: Member, bob: Member, noon: dt.datetime
) -> None:
    """Two confirmation pages: the second finds the day's limit used, and gives nothing."""
    first, second = look(browse, bob.number, "600")[2], look(browse, bob.number, "600")[2]
    assert browse.post("/points/give/", {"token": first}).status_code == 302
    refused = browse.post("/points/give/", {"token": second})
    assert refused.status_code == 422
    assert "You can give 400 more today; 1,000 a day is the most." in refused.content.decode()
    assert available(bob, noon) == 600


def test_a_recipient_who_was_blocked_meanwhile_gets_nothing(
    browse: Client, rich: Member, bob: Member, noon: dt.datetime
) -> None:
    """Said at the field, without the reason."""
    token = look(browse, bob.number, "600")[2]
    Member.objects.filter(id=bob.id).update(status=MemberStatus.BLOCKED)
    refused = browse.post("/points/give/", {"token": token})
    assert refused.status_code == 422 and "This member cannot receive points now." in refused.content.decode()
    assert available(bob, noon) == 0


@pytest.mark.parametrize("token", ["", "x", "bm90aGluZw:1:2"])
def test_a_token_nobody_signed_gives_nothing(browse: Client, rich: Member, token: str) -> None:
    """Begin again."""
    answer = browse.post("/points/give/", {"token": token}, follow=True)
    assert "Nothing was given; begin again." in answer.content.decode()
    assert not Entry.objects.filter(kind="transfer").exists()


def test_another_members_token_gives_nothing(
    browse: Client, rich: Member, bob: Member, account_of: Any, noon: dt.datetime
) -> None:
    """It is bound to who looked."""
    token = look(browse, bob.number, "50")[2]
    other = Client()
    other.force_login(account_of(Member.objects.get(id=bob.id)), backend=settings.AUTHENTICATION_BACKENDS[-1])
    other.post("/points/give/", {"token": token})
    assert not Entry.objects.filter(kind="transfer").exists()


def test_gifts_off_debt_and_too_little_close_the_form(browse: Client, ann: Member, buy: Buy, noon: dt.datetime) -> None:
    """Each with its sentence; a post all the same gives nothing."""
    assert "A gift is 10 points or more. You can spend 0 points." in browse.get("/points/give/").content.decode()
    buy("A1", ["300"], noon - 40 * DAY)
    _spend(ann, 300, noon)
    give_back("A1", "1", noon)
    assert "150 points are owed after a return." in browse.get("/points/give/").content.decode()
    publish(noon.date(), gifts={"is_on": False})
    page = browse.get("/points/give/").content.decode()
    assert "does not let members give points away" in page and 'name="recipient"' not in page
    assert browse.post("/points/give/", {"recipient": "x", "points": "5"}).status_code == 200


def test_strangers_log_in_first(client: Client) -> None:
    """To look and to give."""
    assert client.get("/points/give/").status_code == 302
    assert client.post("/points/give/", {"token": "x"}).status_code == 302


@pytest.mark.parametrize(
    ("name", "shown"),
    [("Mei-Ling Chan", "M••• C•••"), ("陈美玲", "陈•••"), ("", "the member whose number ends in 018"), ("X", "X•••")],
)
def test_names_are_masked(name: str, shown: str) -> None:
    """Enough to know a friend by, too little to learn a name."""
    assert masked_name(name, "M100000018") == shown


def test_sentences_stand_side_by_side_as_chinese_is_written(join: Callable[..., Member], noon: dt.datetime) -> None:
    poor = join("poor", at=noon)
    with translation.override("zh-hans"):
        said = give_page(poor.id, noon).closed
    assert said.count("。") == 2 and "。 " not in said


def test_what_goes_first_sums_to_the_gift() -> None:
    """Soonest to expire first, the last one in part."""
    dates = [dt.date(2026, 3, 3) + day * DAY for day in range(3)]
    lots = [Expiring(date, 10) for date in dates]
    assert taken_first(lots, 25) == (Expiring(dates[0], 10), Expiring(dates[1], 10), Expiring(dates[2], 5))
    assert taken_first(lots, 10) == (Expiring(dates[0], 10),)


@pytest.mark.parametrize("lots", [1, 3])
@pytest.mark.parametrize("language", ["en", "zh-hans", "zh-hant"])
def test_the_page_takes_the_same_queries_in_every_language(
    browse: Client, ann: Member, bob: Member, give: Any, noon: dt.datetime, django_assert_max_num_queries: Any,
    lots: int, language: str,
) -> None:  # fmt: skip
    """Form and confirmation, with one lot and three."""
    for number in range(lots):
        give(ann.id, 100, f"k{number}", lot=(noon.date(), noon.date() + (number + 1) * DAY))
    browse.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    browse.get("/points/give/")
    with django_assert_max_num_queries(QUERIES):
        assert browse.get("/points/give/").status_code == 200
    with django_assert_max_num_queries(QUERIES):
        assert look(browse, bob.number, "50")[0] == 200
