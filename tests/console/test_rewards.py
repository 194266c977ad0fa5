"""Rewards, gifts, partners' codes and parcels as the staff keep them: seen, edited, refused at the field, by role."""

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from benefits import actions as benefits_actions
from benefits.models import Fulfilment, GiftItem, PartnerCode, Pool, Reward
from benefits.rules.fulfilment import Address
from kit.models import AuditRow
from tests.benefits.shelf import cancel, coupon, gift, pool, prizes, promise, redeem, reward
from tests.points.conftest import give  # noqa: F401

from .conftest import Join, queries_of, text_of

pytestmark = pytest.mark.django_db
Enter = Callable[[str], Client]
HOME = Address("Ann Lee", "13912345678", ("1 Garden Road",), "Shanghai")
NAMES = {"name_en": "Hand cream", "name_zh_hans": "护手霜", "name_zh_hant": "護手霜"}


def file(text: str, name: str = "codes.csv") -> SimpleUploadedFile:
    """Will return an upload."""
    return SimpleUploadedFile(name, text.encode("utf-8"), content_type="text/csv")


def said(answer: Any) -> str:
    """Will return what an answer says, in one line."""
    return text_of(answer.content.decode())


# ---- the catalogue


def test_the_catalogue_takes_as_many_queries_for_many(enter: Enter, programme: None) -> None:
    """One of each kind, and three of each."""
    coupon(), gift(left=2, low_water=5), pool()
    rows = prizes(("cream", "gift", "cream", "0.1", 1))
    counts = set()
    client = enter("operator")
    client.get("/console/rewards/")
    for n in range(3):
        for kind in ("coupon", "gift", "partner_code", "draw"):
            reward(f"{kind[:4]}-{n}", kind, 100, prizes=rows if kind == "draw" else [])
        asked, page = queries_of(client, "/console/rewards/")
        counts.add(asked)
    assert len(counts) == 1 and counts.pop() <= 18
    assert "running out" in page and "Everybody" in page


def test_the_catalogue_says_what_is_running_out(enter: Enter, programme: None) -> None:
    """By the mark of the gift or pool it gives, stock of its own counted; a reward that is off is not said to."""
    gift(left=9, low_water=5), pool(codes=3, low_water=3)
    reward("many", price=100), reward("film", "partner_code", 100)
    client = enter("operator")
    page = said(client.get("/console/rewards/"))
    assert "9 can be had" in page and "3 can be had" in page and "running out" not in page
    PartnerCode.objects.get(code="cinema-1").delete()
    page = said(client.get("/console/rewards/"))
    assert page.count("running out") == 1 and page.index("/film/") < page.index("running out")
    reward("few", price=100, left=4)
    assert said(client.get("/console/rewards/")).count("running out") == 2
    Reward.objects.update(is_on=False)
    assert "running out" not in said(client.get("/console/rewards/"))


def test_a_reward_is_made_changed_and_kept_once(enter: Enter, programme: None) -> None:
    """A second press is harmless; a change from an old page is refused with what was typed."""
    coupon()
    client = enter("operator")
    typed = NAMES | {
        "code": "ten-off", "icon": "ticket", "gives": "ten", "price_rest": "1000", "price_gold": "800", "left": "50",
        "member_max": "2", "starts_on": "2026-03-01", "ends_on": "2026-03-31", "cancel_days": "7",
        "says_en": "Ten off.",
    }  # fmt: skip
    for _press in range(2):
        assert client.post("/console/rewards/new/coupon/", typed).status_code == 302
    row = Reward.objects.get()
    assert (row.prices, row.left, row.member_max, row.revision) == ({"*": 1000, "gold": 800}, 50, 2, 1)
    assert row.ends_at == dt.datetime(2026, 3, 31, 16, tzinfo=dt.UTC)
    page = said(client.get("/console/rewards/ten-off/edit/"))
    assert 'value="2026-03-31"' in page and "left 50" in page
    change = {name: value for name, value in typed.items() if name not in ("code", "left")} | {"revision": "1"}
    assert client.post("/console/rewards/ten-off/edit/", change | {"price_rest": "900"}).status_code == 302
    row.refresh_from_db()
    assert (row.prices["*"], row.left, row.revision) == (900, 50, 2)
    old = client.post("/console/rewards/ten-off/edit/", change | {"price_rest": "700"})
    assert old.status_code == 422 and "Somebody else changed it meanwhile." in said(old) and 'value="700"' in said(old)
    assert AuditRow.objects.filter(deed="reward.saved").count() == 2


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"code": "Ten Off"}, "Use small letters, digits and hyphens"),
        ({"name_en": ""}, "Give it a name."),
        ({"gives": "nothing"}, "Choose what it gives."),
        ({"price_rest": ""}, "Give a price, for every tier or for one at least."),
        ({"price_rest": "0"}, "from 1"),
        ({"ends_on": "2026-02-01"}, "It ends before it starts."),
        ({"code": "taken"}, "There is one of this short name already."),
    ],
)
def test_what_is_wrong_stands_at_its_field(enter: Enter, programme: None, changes: Any, words: str) -> None:
    """Nothing is kept."""
    coupon()
    reward("taken", "coupon", 5)
    typed = NAMES | {
        "code": "ten-off",
        "gives": "ten",
        "price_rest": "10",
        "starts_on": "2026-03-01",
        "cancel_days": "0",
    }
    answer = enter("admin").post("/console/rewards/new/coupon/", typed | changes)
    assert answer.status_code == 422 and words in said(answer), said(answer)
    assert Reward.objects.count() == 1


def test_a_draw_is_made_with_its_prizes_and_keeps_what_is_left_of_them(enter: Enter, programme: None) -> None:
    """Chances in percent; the rest of them is one prize's."""
    gift()
    client = enter("operator")
    typed = NAMES | {
        "code": "wheel", "price_rest": "100", "icon": "star",
        "prize0_gives": "gift:cream", "prize0_name_en": "Cream", "prize0_chance": "2.5", "prize0_left": "3",
        "prize1_gives": "points:", "prize1_name_en": "Luck", "prize1_points": "10", "prize1_chance": "",
    }  # fmt: skip
    assert client.post("/console/rewards/new/draw/", typed).status_code == 302
    first, rest = Reward.objects.get().prizes
    assert (first["chance"], first["left"], rest["chance"], rest["points"]) == ("0.025", 3, "rest", 10)
    Reward.objects.update(prizes=[first | {"left": 1}, rest])
    change = typed | {"revision": "1", "prize0_key": first["key"], "prize1_key": rest["key"], "prize0_chance": "5"}
    assert client.post("/console/rewards/wheel/edit/", change).status_code == 302
    assert [(one["chance"], one["left"]) for one in Reward.objects.get().prizes] == [("0.05", 1), ("rest", None)]
    for wrong, words in (
        ({"prize1_chance": "99"}, "The chances come to more than 100%"),
        ({"prize0_chance": ""}, "Only one prize may have the rest"),
        ({"prize0_name_en": ""}, "Give it a name."),
        ({"prize1_points": ""}, "for points, say how many"),
        ({"prize0_gives": "", "prize1_gives": ""}, "A draw has a prize or more."),
    ):
        answer = client.post("/console/rewards/wheel/edit/", change | {"revision": "2"} | wrong)
        assert answer.status_code == 422 and words in said(answer), (wrong, said(answer))


def test_switch_order_and_stock_are_one_press_each(enter: Enter, programme: None) -> None:
    """Two who add 100 each add 200; the same form twice adds once; more than there is cannot be taken."""
    gift(left=5)
    reward("a", price=1, gives="cream", position=1, left=10), reward("b", price=1, gives="cream", position=2)
    client = enter("operator")
    client.post("/console/rewards/b/move/", {"place": "1"})
    assert list(Reward.objects.order_by("position").values_list("code", flat=True)) == ["b", "a"]
    client.post("/console/rewards/a/switch/", {})
    assert Reward.objects.get(code="a").is_on is False
    client.post("/console/rewards/a/switch/", {"on": "1"})
    assert Reward.objects.get(code="a").is_on is True
    key = str(uuid.uuid4())
    for form_key in (key, key, str(uuid.uuid4())):
        client.post("/console/rewards/a/stock/", {"by": "+100", "form_key": form_key})
        client.post("/console/gifts/cream/stock/", {"by": "+100", "form_key": form_key})
    assert (Reward.objects.get(code="a").left, GiftItem.objects.get(code="cream").left) == (210, 205)
    for path in ("rewards/a", "gifts/cream"):
        page = said(client.post(f"/console/{path}/stock/", {"by": "-999", "form_key": str(uuid.uuid4())}, follow=True))
        assert "are left. Nothing was changed." in page
        bad = said(client.post(f"/console/{path}/stock/", {"by": "many", "form_key": str(uuid.uuid4())}, follow=True))
        assert "Use a whole number with its sign" in bad
    client.post("/console/rewards/a/stock/", {"unlimited": "1", "form_key": str(uuid.uuid4())})
    assert Reward.objects.get(code="a").left is None
    assert client.post("/console/rewards/a/move/", {"place": "x"}).status_code == 404


def test_a_gift_is_made_and_changed(enter: Enter, programme: None) -> None:
    """Its stock is changed by a form of its own."""
    client = enter("operator")
    typed = NAMES | {"code": "soap", "value": "20.5", "cost": "9", "left": "7", "low_water": "3", "needs_address": "on"}
    for _press in range(2):
        assert client.post("/console/gifts/new/", typed).status_code == 302
    row = GiftItem.objects.get(code="soap")
    assert (row.left, row.needs_address, str(row.value)) == (7, True, "20.500")
    assert client.post("/console/gifts/new/", typed | {"value": "1"}).status_code == 422
    assert client.post("/console/gifts/soap/edit/", typed | {"left": "999", "sku": "S1"}).status_code == 302
    row.refresh_from_db()
    assert (row.left, row.sku) == (7, "S1")
    assert client.get("/console/gifts/none/edit/").status_code == 404


# ---- partners' codes


def test_a_pool_is_filled_from_a_file_and_says_what_was_wrong(enter: Enter, programme: None) -> None:
    """New, known and bad rows are counted; the bad ones are downloaded, mended, and imported again."""
    cache.clear()
    client = enter("operator")
    typed = NAMES | {
        "code": "cinema",
        "partner": "Palace",
        "value": "8",
        "cost": "5",
        "low_water": "5",
        "how_en": "Show.",
    }
    for _press in range(2):
        assert client.post("/console/pools/new/", typed).status_code == 302
    assert client.post("/console/pools/new/", typed | {"partner": "Other"}).status_code == 422
    text = "code;ends_on\nA1;2027-03-31\nA2;\nA1;\n;\nA3;31.3.2027\nA4;2020-01-01\n"
    answer = client.post("/console/pools/cinema/import/", {"file": file(text)}, follow=True)
    assert "New codes: 2; known already: 1; rows to mend: 3." in said(answer)
    assert dict(PartnerCode.objects.values_list("code", "ends_on")) == {"A1": dt.date(2027, 3, 31), "A2": None}
    mend = client.get("/console/pools/cinema/to-mend.csv").content.decode()
    assert mend.splitlines()[0] == "code,ends_on,error_code,error" and "A3" in mend and "A4" in mend
    mended = {"file": file("code;ends_on\nA1;2027-03-31\n")}
    answer = client.post("/console/pools/cinema/import/", mended, follow=True)
    assert "New codes: 0; known already: 1; rows to mend: 0." in said(answer)
    assert client.get("/console/pools/cinema/to-mend.csv").status_code == 404
    for upload in (file("number\n1\n"), file("")):
        assert client.post("/console/pools/cinema/import/", {"file": upload}).status_code == 422
    asked, page = queries_of(client, "/console/pools/")
    assert "running out" in page
    pool("spa"), pool("gym")
    assert queries_of(client, "/console/pools/")[0] == asked
    overview = said(client.get("/console/"))
    assert "The codes of “Hand cream” are running out" in overview and "2 are left." in overview


# ---- parcels


@pytest.fixture
def ready(join: Join, noon: dt.datetime) -> list[int]:
    """Three gifts for Ann that are ready to be sent."""
    gift(left=None)
    ann = join("ann").id
    numbers = [promise(ann, f"grant:{n}").id for n in range(3)]
    for one in numbers:
        benefits_actions.enter_address(member_id=ann, fulfilment_id=one, address=HOME, at=noon, actor="member")
    return numbers


def test_gifts_are_sent_by_form_and_by_the_packing_list(enter: Enter, ready: list[int]) -> None:
    """Addresses are on the packing list alone, whoever takes it is noted, and it comes back with carriers."""
    client = enter("agent")
    page = said(client.get("/console/parcels/"))
    assert "Hand cream" in page and "Garden Road" not in page
    assert client.post("/console/parcels/ship/", {"gift": [ready[0]], "carrier": ""}).status_code == 422
    assert client.post("/console/parcels/ship/", {"carrier": "SF"}).status_code == 422
    assert client.post("/console/parcels/ship/", {"carrier": "SF", "gift": ["x"]}).status_code == 422
    sent = {"gift": [ready[0]], "carrier": "SF Express", f"tracking-{ready[0]}": "SF1"}
    assert "1 gift is marked as sent." in said(client.post("/console/parcels/ship/", sent, follow=True))
    packing = client.post("/console/parcels/packing-list.csv").content.decode().removeprefix("\ufeff")
    head, *rows = packing.splitlines()
    assert len(rows) == 2 and "1 Garden Road" in rows[0]
    assert AuditRow.objects.get(deed="fulfilment.exported").becomes == {"gifts": 2}
    filled = "\n".join([head, rows[0].removesuffix(",") + "YTO,Y1", rows[1]])
    answer = client.post("/console/parcels/ship-file/", {"file": file(filled)}, follow=True)
    assert "1 gift is marked as sent." in said(answer)
    assert dict(Fulfilment.objects.values_list("id", "carrier")) == {
        ready[0]: "SF Express",
        ready[1]: "YTO",
        ready[2]: "",
    }
    for text, words in (
        ("id,carrier,tracking\nx,SF,1\n", "Row 2 needs the number of a gift"),
        (f"id,carrier,tracking\n{ready[2]},SF,1\n{ready[0]},SF,9\n", "is “On its way” and cannot be sent"),
        (f"id,carrier,tracking\n{ready[2]},SF,1\n999999,SF,9\n", "There is no gift 999,999."),
        ("number\n1\n", "needs the columns id, carrier and tracking"),
    ):
        answer = client.post("/console/parcels/ship-file/", {"file": file(text)})
        assert answer.status_code == 422 and words in said(answer), said(answer)
    assert Fulfilment.objects.get(id=ready[2]).state == "ready", "all or none"


def test_one_gift_has_its_way_and_what_may_follow(enter: Enter, ready: list[int], noon: dt.datetime) -> None:
    """Delivered, come back, sent again, given up with a reason."""
    client = enter("operator")
    path = f"/console/parcels/{ready[0]}/"
    assert "1 Garden Road" in said(client.get(path))
    assert client.post(path, {"state": "cancelled"}).status_code == 422
    assert client.post(path, {"state": "delivered"}).status_code == 422
    assert client.post(path, {"state": "lost"}).status_code == 422
    assert client.post(path, {"state": "cancelled", "note": "Out of print"}).status_code == 302
    page = said(client.get(path))
    assert "Out of print" in page and "Given up" in page and "Operator Person" in page
    assert client.get("/console/parcels/999999/").status_code == 404


def test_giving_up_a_redeemed_gift_gives_its_points_back(
    enter: Enter,
    join: Join,
    give: Any,  # noqa: F811
    noon: dt.datetime,
) -> None:
    """As the page says."""
    ann = join("ann").id
    give(ann, 100)
    gift()
    reward(price=100)
    done = redeem(ann)
    one = Fulfilment.objects.get()
    client = enter("operator")
    assert "its points go back to the member" in said(client.get(f"/console/parcels/{one.id}/"))
    client.post(f"/console/parcels/{one.id}/", {"state": "cancelled", "note": "Out of print"})
    assert cancel(done.id).state == "cancelled"


def test_the_list_of_parcels_is_filtered_paged_and_takes_as_many_queries(
    enter: Enter, join: Join, ready: list[int], noon: dt.datetime
) -> None:
    """By state, member, tracking number."""
    client = enter("agent")
    asked, page = queries_of(client, "/console/parcels/?q=Ann")
    assert page.count('name="gift"') == 3
    bob = join("bob").id
    for n in range(60):
        promise(bob, f"more:{n}")
    assert queries_of(client, "/console/parcels/?q=Ann")[0] == asked
    first = said(client.get("/console/parcels/?state=needs_address"))
    assert 'rel="next"' in first and "Address by" in first
    assert "No gift matches" in said(client.get("/console/parcels/?q=nobody"))
    assert "Nothing stands here" in said(client.get("/console/parcels/?state=delivered&after=x~1"))


# ---- who may


def test_who_may_see_edit_and_send(enter: Enter, ready: list[int]) -> None:
    """Operator and administrator edit; agents send besides; auditor and finance look."""
    coupon(), pool()
    reward("ten", "coupon", 5)
    look = ("/console/rewards/", "/console/pools/", "/console/parcels/")
    edit = ("/console/rewards/new/coupon/", "/console/rewards/ten/edit/", "/console/gifts/new/", "/console/pools/new/")
    send = (f"/console/parcels/{ready[0]}/",)
    for role, may_edit, may_send in (
        ("operator", True, True), ("admin", True, True), ("agent", False, True), ("auditor", False, False),
        ("finance", False, False),
    ):  # fmt: skip
        client = enter(role)
        assert {client.get(path).status_code for path in look} == {200}
        assert {client.get(path).status_code for path in edit} == {200 if may_edit else 403}
        assert {client.get(path).status_code for path in send} == {200 if may_send else 403}
        assert client.post("/console/parcels/packing-list.csv").status_code == (200 if may_send else 403)
        posted = client.post("/console/pools/cinema/import/", {"file": file("code\nZ\n")}).status_code
        assert posted == (302 if may_edit else 403)
    assert Pool.objects.count() == 1
