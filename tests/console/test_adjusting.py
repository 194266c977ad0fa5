"""Points by hand in the console: the dialog and its page, refusals at the field, approvals, and who may do what."""

import datetime as dt
import re
import uuid
from collections.abc import Callable

import pytest
from django.test import Client

from kit.models import AuditRow
from members.models import Account, Member
from membership_site.console.forms.adjustments import AdjustForm, WriteOffForm
from points import actions as points_actions
from points import queries as points_queries
from points.enums import EntryKind, RequestState, Wallet
from points.models import Adjustment, Entry
from tests.points.test_adjusting import ask, owing

from .conftest import Join, queries_of, text_of

pytestmark = pytest.mark.django_db

APPROVALS = "/console/approvals/"
Enter = Callable[[str], Client]


@pytest.fixture
def mei(join: Join) -> Member:
    """A member with 100 points."""
    return join("mei", reward=True)


def path_of(member: Member, page: str = "adjust/") -> str:
    """Will return the address of a page of a member."""
    return f"/console/members/{member.number}/{page}"


def sent(**fields: str) -> dict[str, str]:
    """Will return a form as it is sent, with a key of its own."""
    return {"points": "50", "reason": "Late delivery", "note": "", "form_key": str(uuid.uuid4()), **fields}


def account(role: str) -> Account:
    """Will return the log-in that enter() made for a role."""
    return Account.objects.get(email=f"{role}@staff.example")


def waiting(member: Member, by: Account, at: dt.datetime, points: int = 5000) -> int:
    """Will let a request wait; returns its id."""
    return ask(member.id, points, by.id, at).id


# ---- the form


def test_points_are_added_from_the_members_page(enter: Enter, mei: Member, noon: dt.datetime) -> None:
    """The dialog is there, the form's own key in it; what was booked is told, kept, and stands in the ledger."""
    client = enter("agent")
    page = client.get(path_of(mei, "")).content.decode()
    assert 'data-open="adjust"' in page and f'action="{path_of(mei)}"' in page
    key = re.search(r'name="form_key" value="([^"]+)"', page)
    assert key
    answer = client.post(path_of(mei), sent(form_key=key[1], note="by phone"), follow=True)
    shown = text_of(answer.content.decode())
    assert answer.redirect_chain == [(f"{path_of(mei, '')}?panel=ledger#ledger", 302)]
    assert "Booked: +50. The member has 150 now." in shown and "Adjusted by our team" in shown
    assert "We added 50 points. Reason: Late delivery." in shown
    again = client.post(path_of(mei), sent(form_key=key[1], note="by phone"), follow=True)
    assert "Booked: +50" in again.content.decode() and Adjustment.objects.count() == 1
    other = client.post(path_of(mei), sent(form_key=key[1], points="60"))
    assert other.status_code == 422 and "sent before with other content" in other.content.decode()
    fresh = re.search(r'name="form_key" value="([^"]+)"', other.content.decode())
    assert fresh and fresh[1] != key[1] and 'value="60"' in other.content.decode()


@pytest.mark.parametrize(
    ("written", "points"),
    [("+500", 500), ("−2,000", -2000), ("－40", -40), (" 7 ", 7), ("1 000", 1000), ("-1", -1), ("10000000", 10**7)],
)
def test_numbers_are_read_as_people_write_them(written: str, points: int) -> None:
    """Signs of all alphabets, separators."""
    form = AdjustForm(sent(points=written))
    assert form.is_valid() and form.cleaned_data["points"] == points


@pytest.mark.parametrize("written", ["", "0", "1.5", "1e3", "ten", "+-1", "--1", "10000001", "9" * 40, "²", "١"])
def test_complaint_18_what_is_no_whole_number_is_refused_at_the_field(enter: Enter, mei: Member, written: str) -> None:
    """And what was typed stays; a write-off takes no negative one either."""
    answer = enter("agent").post(path_of(mei), sent(points=written))
    page = answer.content.decode()
    assert answer.status_code == 422 and 'id="adjust_points_error"' in page and "data-focus" in page
    assert not Adjustment.objects.exists() and not WriteOffForm(sent(points=written)).is_valid()
    assert not WriteOffForm(sent(points="-5")).is_valid()


def test_refusals_of_the_ledger_stand_at_the_field(enter: Enter, mei: Member, noon: dt.datetime) -> None:
    """More than can be taken; no reason; no key; one's own points."""
    client = enter("agent")
    answer = client.post(path_of(mei), sent(points="-101"))
    page = text_of(answer.content.decode())
    assert answer.status_code == 422 and "The member can spend 100 points, so no more can be taken." in page
    assert page.index('id="adjust_points_error"') > 0 and not Adjustment.objects.exists()
    for missing in ("reason", "form_key"):
        assert client.post(path_of(mei), sent(**{missing: ""})).status_code == 422
    Member.objects.filter(id=mei.id).update(account_id=account("agent").id)
    own = client.post(path_of(mei), sent())
    assert own.status_code == 422 and "nobody books them for himself" in own.content.decode()
    owing(mei.id, 150, noon)
    debt = client.post(path_of(mei), sent(points="-1"))
    assert "The member owes 50 points, so there is nothing to take." in debt.content.decode()
    assert not Adjustment.objects.exists()


def test_a_common_reason_is_kept_as_such_and_read_in_each_language(enter: Enter, mei: Member) -> None:
    """Own words stay as they are written."""
    client = enter("agent")
    client.post(path_of(mei), sent())
    client.post(path_of(mei), sent(reason="A <b>gift</b> for you"))
    assert list(Adjustment.objects.order_by("id").values_list("reason", flat=True)) == [
        "Late delivery",
        "A <b>gift</b> for you",
    ]
    page = client.get(path_of(mei, "")).content.decode()
    assert "A &lt;b&gt;gift&lt;/b&gt; for you" in page
    assert '<option value="Late delivery">' in page


# ---- the effect


@pytest.mark.parametrize(
    ("query", "words", "verb"),
    [
        ("points=%2B50", ["Points: 100 → 150", "used through 31 Mar 2027", "1,950 more today"], "Add 50 points"),
        ("points=-40", ["Points: 100 → 60", "soonest go first", "1,960 more today"], "Take 40 points"),
        ("points=501", ["Points: 100 → 601", "above what one person may book at once"], "Ask for approval"),
        ("points=-101", ["The member can spend 100 points"], "Book points"),
        ("points=", ["up to 500 at once and 2,000 more today"], "Book points"),
        ("points=x%00", ["up to 500 at once"], "Book points"),
        ("points=5&kind=write_off", ["The member owes 0 points"], "Book points"),
        ("points=&kind=write_off", ["second person always decides"], "Ask for approval"),
        ("points=5&kind=nonsense", ["Points: 100 → 105"], "Add 5 points"),
    ],
)
def test_the_effect_is_told_before(enter: Enter, mei: Member, query: str, words: list[str], verb: str) -> None:
    """In numbers, with the button's words; nothing is booked by it."""
    before = Entry.objects.count()
    answer = enter("agent").get(f"{path_of(mei, 'adjust/effect/')}?{query}")
    said = text_of(answer.content.decode())
    assert all(sentence in said for sentence in words), said
    assert f'<span id="adjust-verb" hx-swap-oob="true">{verb}</span>' in said
    assert Entry.objects.count() == before and not Adjustment.objects.exists()


def test_the_day_runs_out(enter: Enter, mei: Member) -> None:
    """What one person may book that day goes down to nothing, and then a second person decides."""
    client = enter("agent")
    for left in ("1,500", "1,000", "500"):
        client.post(path_of(mei), sent(points="500"))
        assert f"{left} more today" in client.get(path_of(mei)).content.decode()
    said = client.get(f"{path_of(mei, 'adjust/effect/')}?points=500").content.decode()
    assert "With that you have booked all" in said
    client.post(path_of(mei), sent(points="499"))
    said = client.get(f"{path_of(mei, 'adjust/effect/')}?points=2").content.decode()
    assert "You may book 1 more alone today" in said
    client.post(path_of(mei), sent(points="1"))
    assert "a second person decides on more" in client.get(path_of(mei)).content.decode()


def test_without_script_the_effect_is_a_button(enter: Enter, mei: Member) -> None:
    """It books nothing and keeps what was typed."""
    page = text_of(enter("agent").post(path_of(mei), sent(points="700", look="1")).content.decode())
    assert "Points: 100 → 800" in page and "Ask for approval" in page and 'value="700"' in page
    assert not Adjustment.objects.exists()


# ---- undo, reinstate, write off


def test_repairdesk_1047_a_mistaken_grant_is_voided_from_the_profile(enter: Enter, mei: Member) -> None:
    """The button stands at the entry, once."""
    client = enter("agent")
    client.post(path_of(mei), sent(points="400"))
    first = Adjustment.objects.get()
    undo = path_of(mei, f"undo/{first.id}/")
    assert f'href="{undo}"' in client.get(path_of(mei, "?panel=ledger")).content.decode()
    page = text_of(client.get(undo).content.decode())
    assert "Adjusted by our team, +400 on 3 Mar 2026: Late delivery" in page
    assert "Points: 500 → 100" in page and "Take 400 points" in page and "Points given by mistake" in page
    done = client.post(undo, sent(reason="Points given by mistake"), follow=True)
    assert "Booked: −400. The member has 100 now." in done.content.decode()
    assert f'href="{undo}"' not in done.content.decode()
    again = client.get(undo).content.decode()
    assert "This cannot be undone" in again and 'id="adjust_reason"' not in again
    refused = client.post(undo, sent())
    assert refused.status_code == 422 and Adjustment.objects.count() == 2
    assert client.get(path_of(mei, "undo/999/")).status_code == 404


def test_undo_belongs_to_the_members_page(enter: Enter, join: Join, mei: Member) -> None:
    """Another member's adjustment is not found there."""
    client = enter("agent")
    client.post(path_of(mei), sent())
    bob = join("bob")
    assert client.get(path_of(bob, f"undo/{Adjustment.objects.get().id}/")).status_code == 404


def test_expired_points_are_reinstated_from_their_entry(enter: Enter, join: Join, noon: dt.datetime) -> None:
    """While the window is open, once, with the date through which they can be used."""
    bob = join("bob")
    january = noon - dt.timedelta(days=60)
    for points, lot, at in (
        (120, (dt.date(2026, 1, 1), dt.date(2026, 2, 28)), january),
        (1, (dt.date(2026, 3, 3), dt.date(2027, 3, 31)), noon),
    ):
        points_actions.credit(
            member_id=bob.id,
            wallet=Wallet.POINTS,
            source_key=f"event:test:{points}",
            points=points,
            lot=lot,
            explanation=[{"code": "event", "type": "review", "points": points, "growth": 0}],
            policy_id=points_queries.policy_on(at.date()).id,
            at=at,
            actor="test",
        )
    key = Entry.objects.get(kind=EntryKind.EXPIRY).source_key
    client = enter("agent")
    assert "Reinstate, until 29 Apr" in client.get(path_of(bob, "?panel=ledger")).content.decode()
    page = text_of(client.get(path_of(bob, f"reinstate/?key={key}")).content.decode())
    assert "Points: 1 → 121" in page and "They can be used through 10 Mar 2026." in page
    done = client.post(path_of(bob, f"reinstate/?key={key}"), sent(reason="Goodwill"), follow=True)
    shown = text_of(done.content.decode())
    assert "Booked: +120." in shown and "Reinstate, until" not in shown
    assert "120 points that expired on 28 Feb 2026 came back; they can be used through 10 Mar 2026." in shown
    for wrong in (key, "x", "", "expiry:%00"):
        assert "cannot come back" in client.get(path_of(bob, f"reinstate/?key={wrong}")).content.decode()


def test_a_debt_is_written_off_by_two(enter: Enter, mei: Member, noon: dt.datetime) -> None:
    """The button is there while something is owed; a second person always decides."""
    agent, finance = enter("agent"), enter("finance")
    assert "Write off debt" not in agent.get(path_of(mei, "")).content.decode()
    assert "The member owes nothing." in agent.get(path_of(mei, "write-off/")).content.decode()
    owing(mei.id, 300, noon)
    assert "Write off debt" in agent.get(path_of(mei, "")).content.decode()
    assert 'value="200"' in agent.get(path_of(mei, "write-off/")).content.decode()
    too_much = agent.post(path_of(mei, "write-off/"), sent(points="201"))
    assert too_much.status_code == 422 and "The member owes 200 points" in too_much.content.decode()
    asked = agent.post(path_of(mei, "write-off/"), sent(points="200"), follow=True)
    assert "It waits for a second person" in asked.content.decode()
    card = text_of(finance.get(APPROVALS).content.decode())
    assert "Write off a debt" in card and "Owed: 200 → 0" in card
    request = Adjustment.objects.get()
    done = finance.post(f"{APPROVALS}{request.id}/", {"answer": "approve", "note": ""}, follow=True)
    assert "Booked: +200" in done.content.decode()
    assert points_queries.get_balance(mei.id, noon).debt == 0


# ---- approvals


def test_a_second_person_agrees_or_refuses_with_words(enter: Enter, mei: Member, noon: dt.datetime) -> None:
    """Who asks, for whom, the effect, the reason; one's own is shown and not decidable; both stand in the audit log."""
    operator, finance = enter("operator"), enter("finance")
    asked = operator.post(path_of(mei), sent(points="5000", note="Parcel lost"), follow=True)
    assert "It waits for a second person; nothing is booked yet." in asked.content.decode()
    request = Adjustment.objects.get()
    own = text_of(operator.get(APPROVALS).content.decode())
    assert "You asked for it; another person decides." in own and "Agree and book" not in own
    assert 'class="cnt"' not in own
    refused = operator.post(f"{APPROVALS}{request.id}/", {"answer": "approve", "note": ""}, follow=True)
    assert "another person decides" in refused.content.decode()
    card = text_of(finance.get(APPROVALS).content.decode())
    for words in ("Operator Person asked", "Mei", "+5,000", "Points: 100 → 5,100", "Late delivery", "Parcel lost"):
        assert words in card, words
    assert 'class="cnt">1</span>' in card
    wordless = finance.post(f"{APPROVALS}{request.id}/", {"answer": "refuse", "note": " "})
    assert wordless.status_code == 422 and f'id="decide-{request.id}-note_error"' in wordless.content.decode()
    assert Adjustment.objects.get().state == RequestState.WAITING
    done = finance.post(f"{APPROVALS}{request.id}/", {"answer": "approve", "note": "Seen"}, follow=True)
    shown = text_of(done.content.decode())
    assert "Booked: +5,000. The member has 5,100 now." in shown and "Nothing waits" in shown
    assert "Finance Person" in shown and "Seen" in shown
    log = enter("auditor").get("/console/audit/").content.decode()
    assert "Agreed to points booked by hand" in log and "Asked to book points by hand" in log
    late = enter("admin").post(f"{APPROVALS}{request.id}/", {"answer": "refuse", "note": "No"}, follow=True)
    assert "Somebody has agreed meanwhile" in late.content.decode()
    assert enter("admin").post(f"{APPROVALS}999/", {"answer": "approve"}).status_code == 404
    assert enter("admin").post(f"{APPROVALS}{request.id}/", {"answer": "x"}).status_code == 422


def test_who_asked_withdraws_from_the_card_and_from_the_members_page(
    enter: Enter, mei: Member, noon: dt.datetime
) -> None:
    """The button is his alone; it leads back to where it stood, and the request is kept as withdrawn."""
    agent, finance = enter("agent"), enter("finance")
    first, second = (waiting(mei, account("agent"), noon, points) for points in (5000, 6000))
    mine, others = path_of(mei, ""), text_of(finance.get(path_of(mei, "")).content.decode())
    page = text_of(agent.get(mine).content.decode())
    assert "Waits for a second person" in page and "+5,000" in page and f"{APPROVALS}{first}/withdraw/" in page
    assert "Agent Person asked" in others and "Withdraw the request" not in others
    assert "Withdraw the request" not in finance.get(APPROVALS).content.decode()
    assert agent.get(APPROVALS).content.decode().count("Withdraw the request") == 2
    assert "Waits for a second person" not in agent.get(f"{mine}?as_of=2026-02-20").content.decode()
    done = agent.post(f"{APPROVALS}{first}/withdraw/", {"member": mei.number}, follow=True)
    assert done.redirect_chain == [(mine, 302)] and "Withdrawn. Nothing was booked." in done.content.decode()
    again = agent.post(f"{APPROVALS}{first}/withdraw/", {"member": "../x"}, follow=True)
    assert again.redirect_chain == [(APPROVALS, 302)] and "Withdrawn. Nothing was booked." in again.content.decode()
    late = finance.post(f"{APPROVALS}{first}/", {"answer": "approve", "note": ""}, follow=True)
    assert "Who asked has withdrawn it meanwhile" in late.content.decode()
    other = enter("admin").post(f"{APPROVALS}{second}/withdraw/", follow=True)
    assert "only who asked withdraws it" in other.content.decode()
    assert agent.post(f"{APPROVALS}999/withdraw/").status_code == 404
    assert agent.get(f"{APPROVALS}{second}/withdraw/").status_code == 405
    finance.post(f"{APPROVALS}{second}/", {"answer": "approve", "note": ""})
    late = agent.post(f"{APPROVALS}{second}/withdraw/", follow=True)
    assert "Somebody has agreed meanwhile" in late.content.decode()
    assert "Waits for a second person" not in agent.get(mine).content.decode()
    assert ">Withdrawn<" in agent.get(APPROVALS).content.decode()
    assert "Withdrew points asked for by hand" in enter("auditor").get("/console/audit/").content.decode()


def test_what_has_become_impossible_is_said_and_waits_on(enter: Enter, mei: Member, noon: dt.datetime) -> None:
    """On the card before, and at the card after a press."""
    enter("agent")
    finance = enter("finance")
    points_actions.request_adjustment(
        member_id=mei.id,
        points=900,
        reason="Goodwill",
        requested_by=account("finance").id,
        form_key=uuid.uuid4(),
        at=noon,
        actor="test",
    )
    points_actions.approve(
        adjustment_id=Adjustment.objects.get().id, decided_by=account("agent").id, at=noon, actor="test"
    )
    request = waiting(mei, account("agent"), noon, -1000)
    ask(mei.id, -1, account("agent").id, noon)
    card = text_of(finance.get(APPROVALS).content.decode())
    assert "The member can spend 999 points, so no more can be taken." in card
    answer = finance.post(f"{APPROVALS}{request}/", {"answer": "approve", "note": ""})
    assert answer.status_code == 422 and points_queries.waiting().count == 1
    assert f'id="decide-{request}-note_error"' in answer.content.decode()


def test_what_waits_is_on_the_overview_of_who_may_decide(enter: Enter, mei: Member, noon: dt.datetime) -> None:
    """Not for who asked, and not for who may not."""
    finance = enter("finance")
    enter("operator")
    waiting(mei, account("operator"), noon)
    assert "1 request waits for approval" in finance.get("/console/").content.decode()
    for role in ("operator", "agent", "auditor"):
        assert "waits for approval" not in enter(role).get("/console/").content.decode(), role


@pytest.mark.parametrize(
    ("role", "may_ask", "may_decide"),
    [
        ("operator", True, True),
        ("agent", True, False),
        ("auditor", False, False),
        ("finance", False, True),
        ("admin", True, True),
        ("", False, False),
    ],
)
def test_each_role_may_what_it_may(
    enter: Enter, mei: Member, noon: dt.datetime, role: str, may_ask: bool, may_decide: bool
) -> None:
    """Every address, by every method it takes."""
    other = Account.objects.create_user("other@staff.example", None, is_staff=True, roles=["agent"])
    request, booked = waiting(mei, other, noon), ask(mei.id, 5, other.id, noon).id
    client = enter(role)
    for page in ("adjust/", "adjust/effect/", "write-off/", "reinstate/", f"undo/{booked}/"):
        assert client.get(path_of(mei, page)).status_code == (200 if may_ask else 403), page
    assert client.post(path_of(mei), sent()).status_code == (302 if may_ask else 403)
    approvals = client.get(APPROVALS)
    assert approvals.status_code == (200 if role else 403)
    assert ("Agree and book" in approvals.content.decode()) is may_decide
    decided = client.post(f"{APPROVALS}{request}/", {"answer": "approve", "note": ""})
    assert decided.status_code == (302 if may_decide else 403)
    assert client.post(f"{APPROVALS}{request}/withdraw/").status_code == (302 if may_ask else 403)
    if role:
        shown = client.get(path_of(mei, "?panel=ledger")).content.decode()
        assert ('data-open="adjust"' in shown) is may_ask and (f"undo/{booked}/" in shown) is may_ask


def test_the_past_and_who_has_not_joined_are_not_adjusted(enter: Enter, mei: Member, noon: dt.datetime) -> None:
    """The page of a past date offers nothing; who never joined has no wallet."""
    client = enter("agent")
    assert 'data-open="adjust"' not in client.get(path_of(mei, "?as_of=2026-02-20")).content.decode()
    stranger = Member.objects.create(number="M99", name="Nobody")
    assert 'data-open="adjust"' not in client.get(path_of(stranger, "")).content.decode()
    answer = client.post(path_of(stranger), sent())
    assert answer.status_code == 422 and "has not joined yet" in answer.content.decode()
    assert client.get("/console/members/M404/adjust/").status_code == 404


def test_one_request_and_many_take_the_same_queries(enter: Enter, join: Join, mei: Member, noon: dt.datetime) -> None:
    """Of approvals, of the member's page, of a request's page."""
    finance, agent = enter("finance"), enter("agent")
    person = account("agent")
    waiting(mei, person, noon)
    ask(mei.id, 5, person.id, noon)
    paths = ((finance, APPROVALS), (agent, path_of(mei, "")), (agent, path_of(mei)))
    for client, path in paths:
        client.get(path)  # versions of the ladder are read once a process
    few = [queries_of(client, path)[0] for client, path in paths]
    for index in range(12):
        waiting(join(f"m{index}"), person, noon, 600 + index)
        ask(mei.id, 5 + index, person.id, noon + dt.timedelta(minutes=index))
    many = [queries_of(client, path)[0] for client, path in paths]
    assert few == many and few[0] <= 16 and few[1] <= 66 and few[2] <= 20, (few, many)


def test_decisions_are_paged_through_once(enter: Enter, mei: Member, noon: dt.datetime) -> None:
    """Every one, latest first."""
    finance = enter("finance")
    enter("agent")
    for index in range(45):
        ask(mei.id, 1 + index, account("agent").id, noon - dt.timedelta(minutes=index // 2))
    found, query = [], ""
    for _page in range(5):
        page = finance.get(APPROVALS + query).content.decode()
        found += re.findall(r'<b class="md">\+(\d+)</b>', page)
        link = re.search(r'rel="next" href="([^"]+)"', page)
        if not link:
            break
        query = link[1].replace("&amp;", "&")
    assert sorted(map(int, found)) == list(range(1, 46)) and len(found) == 45
    assert AuditRow.objects.filter(deed="points.booked").count() == 45
