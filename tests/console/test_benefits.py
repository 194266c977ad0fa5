"""The console's benefits: seen by all, drafted cell by cell, published with notice; goods and bookings."""

import datetime as dt
import uuid
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from benefits import actions as benefits_actions
from benefits import queries as benefits_queries
from benefits.models import BenefitVersion, Booking, MemberGoods
from membership_site.flows import starter
from tests.benefits import shelf
from tests.benefits.matrices import DEED, NOTE, publish, raised, row

from .conftest import Join, queries_of, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("programme")]
PATH = "/console/benefits/"
DRAFT = f"{PATH}draft/"
Enter = Callable[[str], Client]


@pytest.fixture
def draft() -> int:
    """A draft of version 2."""
    return benefits_actions.start_draft(**DEED).id


def words(name: str) -> dict[str, str]:
    """Will fill in the names of a benefit."""
    return {"name_en": name, "name_zh_hans": name, "name_zh_hant": name, "per": "month", "ladder": "main"}


# ---- who and what


def test_everybody_sees_and_few_edit(enter: Enter, draft: int) -> None:
    """Cells are words, not only ticks; who may not edit gets no forms."""
    for role in ("operator", "agent", "auditor", "finance", "admin"):
        client = enter(role)
        page = text_of(client.get(PATH).content.decode())
        assert "Monthly coupon" in page and "10% off, up to 30" in page and "24 hours earlier" in page
        assert ("benefits/draft/cell/" in client.get(DRAFT).content.decode()) is (role in ("operator", "admin"))
        for path in (f"{DRAFT}change/", f"{DRAFT}cell/", f"{DRAFT}publish/", f"{PATH}goods/add/"):
            assert (client.post(path).status_code == 403) is (role not in ("operator", "admin"))
    assert Client().get(PATH).status_code == 302


def test_the_pages_cost_the_same_for_one_and_many(enter: Enter, join: Join, draft: int) -> None:
    """However many benefits, versions and bookings there are."""
    talk = row("talk", "service", {"*": {"booking": True}})
    publish(talk, alone=True)
    client = enter("operator")
    paths = (PATH, DRAFT, f"{PATH}versions/1/", f"{DRAFT}publish/", "/console/bookings/", f"{PATH}goods/")
    book(join("ann").id)
    costs = {path: (client.get(path), queries_of(client, path)[0])[1] for path in paths}
    publish(talk, *starter.MATRIX_TERMS["benefits"], alone=True)
    for name in ("bob", "eve", "joe"):
        book(join(name).id)
    assert {path: queries_of(client, path)[0] for path in paths} == costs
    assert max(costs.values()) <= 26, costs


def book(member_id: int) -> int:
    """Will let a member ask for a talk."""
    return benefits_actions.book(member_id=member_id, benefit="talk", form_key=uuid.uuid4(), at=DEED["at"], actor="m")


# ---- the draft


def test_a_draft_is_begun_once_and_discarded(enter: Enter) -> None:
    """A second press opens the same; one may begin from an older version."""
    client = enter("operator")
    for _press in range(2):
        assert client.post(f"{DRAFT}start/")["Location"] == DRAFT
    assert BenefitVersion.objects.filter(published_at=None).count() == 1
    assert "cannot be brought back" in client.get(f"{DRAFT}discard/").content.decode()
    for _press in range(2):
        assert client.post(f"{DRAFT}discard/")["Location"] == PATH
    assert client.get(DRAFT)["Location"] == PATH
    assert client.post(f"{DRAFT}start/", {"copy": "9"})["Location"] == PATH
    assert client.post(f"{DRAFT}start/", {"copy": "1"})["Location"] == DRAFT


def test_a_benefit_is_added_edited_and_given_to_tiers(enter: Enter, draft: int, join: Join) -> None:
    """The draft says what changes, and for how many members."""
    raised(join("ann"), "gold")
    client = enter("operator")
    added = client.post(f"{DRAFT}benefit/", {**words("Gift wrap"), "kind": "service", "value": "5", "cost": "2"})
    assert added["Location"] == DRAFT
    cell = f"{DRAFT}cell/?benefit=gift-wrap&tier=gold"
    assert client.post(cell, {"has": "on", "times": "3"})["Location"] == DRAFT
    page = text_of(client.get(DRAFT).content.decode())
    assert "Gift wrap" in page and "3 times" in page and "Members gain" in page
    assert "Diamond lacks “Gift wrap”, which Gold has" in page
    edited = client.post(f"{DRAFT}benefit/?code=gift-wrap", {**words("Wrapping"), "kind": "service"})
    assert edited["Location"] == DRAFT
    found = benefits_queries.get_matrix_version(draft).matrix.find("gift-wrap")
    assert (found.names["en"], found.cells["gold"].times) == ("Wrapping", 3)
    assert 'value="3"' in client.get(cell).content.decode()


def test_what_is_typed_wrongly_is_said_at_its_field_and_kept(enter: Enter, draft: int) -> None:
    """Nothing is saved."""
    before = benefits_queries.get_matrix_version(draft).digest
    client = enter("operator")
    answer = client.post(
        f"{DRAFT}benefit/", {"name_en": "Only one", "kind": "service", "per": "month", "ladder": "main"}
    )
    assert answer.status_code == 422 and "Only one" in answer.content.decode()
    assert "Give it a name in this language." in answer.content.decode()
    window = {**words("Party"), "kind": "birthday_gift", "occasion": "birthday", "before": "170", "after": "170"}
    assert client.post(f"{DRAFT}benefit/", window).status_code == 422
    for asked, sent, said in (
        ("early-access", {"has": "on"}, "Say how many hours"),
        ("monthly-coupon", {"has": "on", "coupon": ""}, "Choose what is given"),
        ("monthly-gift", {"has": "on", "item": "gone"}, "not one of the available choices"),
    ):
        answer = client.post(f"{DRAFT}cell/?benefit={asked}&tier=gold", sent)
        assert answer.status_code == 422 and said in answer.content.decode(), asked
    kind = client.post(f"{DRAFT}benefit/?code=early-access", {**words("Early"), "kind": "gift", "occasion": "monthly"})
    assert kind.status_code == 422 and "of another kind" in kind.content.decode()
    assert benefits_queries.get_matrix_version(draft).digest == before


def test_what_others_changed_meanwhile_is_not_overwritten(enter: Enter, draft: int) -> None:
    """The form knows what it was opened with."""
    client = enter("operator")
    page = client.get(f"{DRAFT}cell/?benefit=events&tier=gold").content.decode()
    seen = page.partition('name="seen" value="')[2].partition('"')[0]
    benefits_actions.switch_benefit(version_id=draft, code="events", is_on=False, **DEED)
    answer = client.post(f"{DRAFT}cell/?benefit=events&tier=gold", {"has": "on", "seen": seen})
    assert answer.status_code == 422 and "changed this benefit meanwhile" in answer.content.decode()
    assert client.get(f"{DRAFT}cell/?benefit=gone&tier=gold")["Location"] == PATH


def test_the_cell_of_a_tier_that_is_gone_can_be_emptied(enter: Enter, draft: int) -> None:
    """What lint finds leads to where it is mended."""
    benefits_actions.save_cell(version_id=draft, benefit="events", tier="pearl", cell={}, **DEED)
    client, cell = enter("operator"), f"{DRAFT}cell/?benefit=events&tier=pearl"
    page = client.get(DRAFT).content.decode()
    assert "the tier “pearl”, which the ladder has not" in page and cell.replace("&", "&amp;") in page
    assert client.post(cell, {})["Location"] == DRAFT
    assert "pearl" not in client.get(DRAFT).content.decode()


def test_rows_are_moved_switched_and_removed(enter: Enter, draft: int) -> None:
    """Each press changes the draft alone; a second one is harmless."""
    client = enter("operator")
    for do in ("up:newcomer-coupon", "off:events", "off:events", "remove:early-access", "remove:early-access", "up:x"):
        assert client.post(f"{DRAFT}change/", {"do": do})["Location"] == DRAFT
    found = benefits_queries.get_matrix_version(draft).matrix
    assert found.benefits[0].code == "newcomer-coupon" and not found.find("events").is_on
    assert found.find("early-access") is None
    assert benefits_queries.matrix_on(dt.date(2026, 3, 3)).find("events").is_on


def test_it_is_published_with_notice_and_a_typed_yes(enter: Enter, draft: int) -> None:
    """What takes something away waits; the refusal names the date; then the version is history."""
    benefits_actions.remove_benefit(version_id=draft, code="events", **DEED)
    client = enter("operator")
    page = text_of(client.get(f"{DRAFT}publish/").content.decode())
    assert "2 Apr 2026" in page and "Members lose" in page
    sent = {"effective_on": "2026-03-10", "confirmed": "2", "number": "2"}
    sent |= {"note_en": NOTE["en"], "note_zh_hans": NOTE["zh-hans"], "note_zh_hant": NOTE["zh-hant"]}
    early = client.post(f"{DRAFT}publish/", sent)
    assert early.status_code == 422 and "Choose 2 Apr 2026 or later" in early.content.decode()
    unsure = client.post(f"{DRAFT}publish/", {**sent, "effective_on": "2026-04-02", "confirmed": "yes"})
    assert unsure.status_code == 422
    silent = client.post(f"{DRAFT}publish/", {**sent, "effective_on": "2026-04-02", "note_en": ""})
    assert silent.status_code == 422
    assert client.post(f"{DRAFT}publish/", {**sent, "effective_on": "2026-04-02"})["Location"] == PATH
    page = text_of(client.get(f"{PATH}versions/2/").content.decode())
    assert "New benefits." in page and "Members lose" in page and "To come" in page
    assert client.get(f"{PATH}versions/9/").status_code == 404
    assert client.post(f"{DRAFT}publish/", sent)["Location"] == PATH


# ---- goods


def goods(**changes: str) -> dict[str, str]:
    """Will fill in the form of an article."""
    return {"kind": "member_price", "sku": "tea", "name": "Tea", "price": "9.50", **changes}


def test_an_article_is_added_and_ended(enter: Enter) -> None:
    """What is wrong stands at its field."""
    client = enter("operator")
    assert client.post(f"{PATH}goods/add/", goods())["Location"] == f"{PATH}goods/"
    page = text_of(client.get(f"{PATH}goods/?sku=te").content.decode())
    assert "CN¥9.50" in page and "In force" in page
    for changes in ({"price": ""}, {"kind": "member_only"}, {"kind": "early_access", "price": ""}, {"sku": ""},
                    {"ends_at": "2026-01-01T10:00"}, {"opens_at": "soon"}, {"price": "8"}):  # fmt: skip
        assert client.post(f"{PATH}goods/add/", goods(**changes)).status_code == 422, changes
    number = MemberGoods.objects.get().id
    for _press in range(2):
        assert client.post(f"{PATH}goods/{number}/end/")["Location"] == f"{PATH}goods/"
    assert "No articles yet" in client.get(f"{PATH}goods/").content.decode()


GOOD = "kind,sku,price,starts_at\nmember_price,tea,9.50,2026-03-10 10:00\nmember_only,cup,,\n"
BAD = GOOD + "member_price,pot,,\nmiracle,pan,1,\n"


def test_many_are_added_by_a_file_or_none(enter: Enter) -> None:
    """Bad rows are shown, or answered as a file to mend."""
    client = enter("operator")

    def send(text: str, do: str = "add") -> object:
        file = SimpleUploadedFile("goods.csv", text.encode())
        return client.post(f"{PATH}goods/upload/", {"file": file, "do": do})

    shown = send(BAD)
    assert shown.status_code == 422 and "2 rows cannot be read" in text_of(shown.content.decode())
    errors = send(BAD, "errors").content.decode()
    assert errors.splitlines()[0] == "kind,sku,price,starts_at,error_code,error" and len(errors.splitlines()) == 3
    assert send("name\nx\n").status_code == 422 and send("").status_code == 422
    assert not MemberGoods.objects.exists()
    for _again in range(2):
        assert send(GOOD.replace("member_only,cup,,", "member_only,cup,,2026-03-10 10:00")).status_code == 302
    assert MemberGoods.objects.count() == 2
    assert send("kind,sku,price,starts_at\nmember_price,tea,8,2026-03-10 10:00\n").status_code == 422


# ---- bookings


def test_a_booking_is_answered(enter: Enter, join: Join) -> None:
    """Confirmed and done, or declined with words; by who may."""
    publish(row("talk", "service", {"*": {"booking": True}}), alone=True)
    first, second = book(join("ann").id), book(join("bob").id)
    client = enter("agent")
    assert text_of(client.get("/console/bookings/").content.decode()).count("Confirm the booking") == 2
    mute = client.post(f"/console/bookings/{second}/", {"do": "decline", "answer": ""})
    assert mute.status_code == 422 and "Say why not" in mute.content.decode()
    for sent in ({"do": "confirm", "answer": "At ten"}, {"do": "confirm", "answer": "At ten"}, {"do": "finish"}):
        assert client.post(f"/console/bookings/{first}/", sent)["Location"] == "/console/bookings/"
    client.post(f"/console/bookings/{second}/", {"do": "decline", "answer": "Full"})
    assert set(Booking.objects.values_list("id", "state", "answer")) == {
        (first, "done", "At ten"),
        (second, "declined", "Full"),
    }
    client.post(f"/console/bookings/{second}/", {"do": "confirm"})
    assert "answered meanwhile" in client.get("/console/bookings/").content.decode()
    assert client.post("/console/bookings/999/", {"do": "confirm"}).status_code == 404
    assert enter("auditor").post(f"/console/bookings/{first}/", {"do": "confirm"}).status_code == 403


def test_a_trial_that_has_run_out_is_not_confirmed(enter: Enter, join: Join) -> None:
    """It stays to be answered."""
    shelf.gift("cream", left=0)
    publish(row("talk", "trial", {"*": {"item": "cream"}}), alone=True)
    number = book(join("ann").id)
    answer = enter("agent").post(f"/console/bookings/{number}/", {"do": "confirm"})
    assert answer.status_code == 422 and "has run out" in answer.content.decode()
    assert Booking.objects.get().state == "asked"


# ---- one member


def test_a_member_is_given_something_by_hand(enter: Enter, join: Join) -> None:
    """Once a form, for a reason; his page says what he has and was given."""
    shelf.gift("cream", left=0)
    publish(row("sorry", "gift", {"*": {"item": "cream"}}, occasion="by_hand"))
    ann = raised(join("ann"), "silver")
    client, path = enter("operator"), f"/console/members/{ann.number}/benefits/give/"
    assert "Quarterly coupon (Gold): 20% off, up to 80" in client.get(path).content.decode()
    sent = {"benefit": "quarterly-coupon:gold", "reason": "Late parcel", "form_key": str(uuid.uuid4())}
    for _press in range(2):
        assert client.post(path, sent)["Location"] == f"/console/members/{ann.number}/?panel=benefits"
    page = text_of(client.get(f"/console/members/{ann.number}/?panel=benefits").content.decode())
    assert "Late parcel" in page and "1 left through 31 Mar 2026" in page and page.count("by hand") == 1
    assert "Benefit given: Quarterly coupon" in client.get(f"/console/members/{ann.number}/").content.decode()
    for wrong in ({"reason": ""}, {"benefit": "free-shipping:gold"}, {"benefit": "sorry:gold"}):
        answer = client.post(path, {**sent, "form_key": str(uuid.uuid4()), **wrong})
        assert answer.status_code == 422, wrong
    assert client.get("/console/members/M1/benefits/give/").status_code == 404
    assert enter("agent").get(path).status_code == 403
