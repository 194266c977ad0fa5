"""One member's page: true to the ledger, as of any date, masked until a reason is given, every row once."""

import datetime as dt
import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from insights.models import StageChange
from kit.models import AuditRow
from members import actions as members_actions
from members.actions import ConsentGiven
from members.enums import Channel, Purpose
from members.models import Account, Member
from membership_site.console.pages.member import Panel
from membership_site.console.pages.profile import masked
from membership_site.flows import member_merged
from points import actions as points_actions
from points import queries as points_queries
from points.enums import Wallet
from tests.benefits.coupons import give
from tests.benefits.shelf import cancel, coupon, redeem, reward
from tests.conftest import NOON, enrol
from tests.tiers.published import publish
from tiers import actions as tiers_actions
from tiers import queries as tiers_queries

from .conftest import Join, buy, give_back, happen, queries_of, text_of

pytestmark = pytest.mark.django_db

MOST_QUERIES = 14


@pytest.fixture(scope="module")
def mei(module_programme: None) -> Member:
    """A member with all there is: orders, a return, check-ins, an expiry, consents, tags, a phone, an attribute."""
    noon = NOON
    mei = enrol("mei", noon - dt.timedelta(days=500), reward=True)
    baskets = {480: "280 99.90", 200: "1080", 90: "2200 12", 33: "640", 2: "59"}
    for number, (days, basket) in enumerate(baskets.items()):
        buy("mei", f"A-{number}", basket, noon - dt.timedelta(days=days))
    give_back("A-2", "2", noon - dt.timedelta(days=80))
    for days in range(5):
        happen("mei", "check_in", noon - dt.timedelta(days=days, minutes=5))
    Member.objects.filter(id=mei.id).update(
        birthday=dt.date(1990, 12, 14), region="Hong Kong", language="zh-hant", attributes={"street": "1 Peak Road"}
    )
    mei.identities.create(kind="phone", source="", value="+85291234186")
    members_actions.tag(member_id=mei.id, names=["skincare"], at=noon, actor="test")
    answers = [
        ConsentGiven(Channel.EMAIL, Purpose.MARKETING, given=True, text="May we write to you?"),
        ConsentGiven(Channel.SMS, Purpose.MARKETING, given=False, text="May we text you?"),
    ]
    members_actions.consent(member_id=mei.id, answers=answers, at=noon - dt.timedelta(days=100), actor="import:members")
    _benefits_and_staff(mei, noon)
    return mei


def _benefits_and_staff(mei: Member, noon: dt.datetime) -> None:
    """Will give her coupons, let her redeem one and cancel it, and have the staff write notes and merge another."""
    day = dt.timedelta(days=1)
    coupon()
    reward("tenner", "coupon", price=50)
    for days in (70, 60):
        give(mei.id, "ten", f"gift:{days}", at=noon - days * day)
    taken = redeem(mei.id, reward="tenner", at=noon - 50 * day)
    cancel(taken.id, at=noon - 40 * day)
    author = Account.objects.create_user("author@staff.example", is_staff=True, roles=["agent"], name="An Author")
    for days in (45, 44):
        members_actions.write_note(
            member_id=mei.id,
            text=f"Called {days} days ago",
            form_key=uuid.uuid4(),
            at=noon - days * day,
            actor=f"staff:{author.id}",
        )
    other = enrol("other", noon - 400 * day)
    member_merged.merge(
        survivor_id=mei.id,
        merged_id=other.id,
        reason="one person",
        form_key=uuid.uuid4(),
        at=noon - 30 * day,
        actor="x",
    )
    for days, was, becomes in ((300, "", "new"), (200, "new", "active")):
        StageChange.objects.create(member=mei, changed_on=noon.date() - days * day, was=was, becomes=becomes)


def path_of(member: Member) -> str:
    """Will return the address of a member's page."""
    return f"/console/members/{member.number}/"


def test_the_page_says_what_the_ledger_says(enter: Callable[[str], Client], mei: Member, noon: dt.datetime) -> None:
    """Balance, held points, next expiry, spend, tier, timeline; consents on their panel."""
    client = enter("agent")
    page = text_of(client.get(path_of(mei)).content.decode())
    balance = points_queries.get_balance(mei.id, noon)
    assert f'<dd class="num">{balance.available:,}</dd><dd>{balance.pending} on hold</dd>' in page
    assert "Silver" in page and "Enough to keep Silver" in page and "How it is counted" in page
    assert "What the member is told" in page
    assert "Order A-3" in page and "Check-in" in page
    assert "Return from order A-2" in client.get(path_of(mei) + "?show=orders").content.decode()
    assert "On hold until" in text_of(client.get(path_of(mei) + "?panel=ledger").content.decode())
    profile = text_of(client.get(path_of(mei) + "?panel=profile").content.decode())
    for words in ("Agreed 23 Nov 2025", "No, 23 Nov 2025", "skincare", "An import", "May we write to you?"):
        assert words in profile, words


@pytest.mark.parametrize("panel", list(Panel))
def test_one_row_and_a_long_life_take_the_same_queries(
    enter: Callable[[str], Client], join: Join, mei: Member, noon: dt.datetime, panel: Panel
) -> None:
    """However long the history is, on each panel, for who sees most; a past date included."""
    new, client = join("new", at=noon, reward=True), enter("admin")
    for name in ("new", "mei"):
        buy(name, f"N-{name}", "60", noon)
    asked: dict[str, Any] = {"note": "", "points": 9000, "reason": "sorry"}
    for member in (new, mei):
        staff = Account.objects.get(email="admin@staff.example")
        asked |= {"member_id": member.id, "requested_by": staff.id, "form_key": uuid.uuid4()}
        points_actions.request_adjustment(**asked, at=noon, actor="test")
    client.get(path_of(mei))  # published versions are read once by a process
    few, _ = queries_of(client, f"{path_of(new)}?panel={panel}")
    for days in reversed(range(60)):
        happen("mei", "review", noon - dt.timedelta(days=days))
    many, _ = queries_of(client, f"{path_of(mei)}?panel={panel}")
    assert few <= many <= MOST_QUERIES
    for more in range(60):
        happen("mei", "survey", noon - dt.timedelta(days=more))
        give(mei.id, "ten", f"gift:more-{more}", at=noon - dt.timedelta(days=more))
    assert queries_of(client, f"{path_of(mei)}?panel={panel}")[0] == many
    past = f"{path_of(mei)}?panel={panel}&as_of=2026-01-01&wallet=growth&show=all"
    assert queries_of(client, past)[0] <= MOST_QUERIES


def test_each_ladder_has_its_own_progress(enter: Callable[[str], Client], mei: Member, noon: dt.datetime) -> None:
    """The tier held on each is said at once, its progress a link away, for as many queries."""
    client, day = enter("admin"), dt.timedelta(days=1)
    client.get(path_of(mei))
    alone, page = queries_of(client, path_of(mei))
    assert "Main ladder" not in page
    publish(noon.date() - day, ladder="club", rungs={"silver": {"names": {"en": "Rower"}}}, validity_months=3)
    tiers_actions.join(member_id=mei.id, cause="join", at=noon, actor="t", ladder="club")
    client.get(path_of(mei) + "?ladder=club")
    both, page = queries_of(client, path_of(mei))
    assert "Main ladder: Silver" in page and "club: Member" in page and "to Rower" not in page
    other, page = queries_of(client, path_of(mei) + "?ladder=club&show=points")
    assert "to Rower" in page and 'href="?show=points#tier"' in page
    assert 'href="?ladder=club&amp;show=points#tier" aria-current="true"' in page
    assert max(both, other) <= alone <= MOST_QUERIES


def test_tabs_lead_to_every_panel_and_keep_the_date(enter: Callable[[str], Client], mei: Member) -> None:
    """What an address asks for is what the tab says it is; what is known of today alone says so and leads there."""
    client = enter("agent")
    for query in ("", "&as_of=2026-01-01"):
        for panel in Panel:
            page = client.get(f"{path_of(mei)}?panel={panel}{query}").content.decode()
            tabs = page[page.index('<nav class="views whole"') :].partition("</nav>")[0]
            links = [link.replace("&amp;", "&") for link in re.findall(r'href="([^"]+)"', tabs)]
            assert len(links) == len(Panel) and tabs.count("aria-current") == 1
            current = re.search(r'href="([^"]+)" aria-current="page"', tabs)
            assert current
            named = f"panel={panel}" in current[1]
            assert named is not (panel is Panel.OVERVIEW)
            assert all(("as_of=2026-01-01" in link) is bool(query) for link in links)
            only_now = "Known as of today alone" in page
            assert only_now is (bool(query) and panel in (Panel.BENEFITS, Panel.NOTES))
    back = client.get(f"{path_of(mei)}?panel=benefits&as_of=2026-01-01").content.decode()
    assert 'href="?panel=benefits">Show today' in back


@pytest.mark.parametrize("wallet", list(Wallet))
def test_the_ledger_is_paged_through_once(
    enter: Callable[[str], Client], mei: Member, noon: dt.datetime, wallet: Wallet
) -> None:
    """Every entry once, in the order of the statement."""
    for days in range(45):
        happen("mei", "review", noon - dt.timedelta(days=days % 15, minutes=days))
    client, query, found = enter("agent"), f"?panel=ledger&wallet={wallet}", []
    for _page in range(20):
        page = client.get(path_of(mei) + query).content.decode()
        found += re.findall(r'<span class="key1">([^<]+)</span>', page)
        link = re.search(r'rel="next" href="(\?[^"]+)#ledger"', page)
        if not link:
            break
        query = link[1].replace("&amp;", "&")
    rows = points_queries.list_statement(mei.id, wallet=wallet, limit=500)
    assert found == [row.source_key for row in rows] and len(found) > 40


@pytest.mark.parametrize("show", ["all", "orders", "points", "tier", "benefits", "consents", "staff"])
def test_the_timeline_is_paged_through_once(
    enter: Callable[[str], Client], mei: Member, noon: dt.datetime, show: str
) -> None:
    """Everything once, latest first, however the pages fall."""
    for days in reversed(range(20)):
        happen("mei", "review", noon - dt.timedelta(days=days))
    client, query, found = enter("agent"), f"?show={show}", []
    for _page in range(20):
        page = client.get(path_of(mei) + query).content.decode()
        timeline = page[page.index('id="timeline"') :].partition("</ol>")[0]
        found += re.findall(r'<b>(?:<a [^>]+>)?([^<]+<.*?)<time datetime="([^"]+)"', timeline, re.DOTALL)
        link = re.search(r'rel="next" href="(\?[^"]+)#timeline"', page)
        if not link:
            break
        query = link[1].replace("&amp;", "&")
    assert [at for _, at in found] == sorted((at for _, at in found), reverse=True)
    expected = {"orders": 6, "points": 27, "tier": 4, "benefits": 6, "consents": 2, "staff": 3, "all": 48}
    assert len(found) >= expected[show] and len(set(found)) == len(found)


def test_as_of_a_date_is_what_was_then(enter: Callable[[str], Client], mei: Member, noon: dt.datetime) -> None:
    """Points and tier put together again from entries and decisions equal what was read at the time."""
    page = text_of(enter("agent").get(path_of(mei) + "?as_of=2025-09-01").content.decode())
    assert "As it stood at the end of 1 Sept 2025" in page
    assert "Order A-1" in page and "Order A-2" not in page
    coupons = path_of(mei) + "?panel=coupons"
    then = text_of(enter("agent").get(coupons + "&as_of=2025-09-01").content.decode())
    assert "The member has redeemed nothing yet." in then
    later = text_of(enter("agent").get(coupons + "&as_of=2026-01-15").content.decode())
    rewards = later[later.index('id="rewards"') :]
    assert "50 points" in rewards[: rewards.index("</section>")]
    assert "cancelled" not in rewards[: rewards.index("</section>")]
    assert "Give a coupon" not in later
    today = text_of(enter("agent").get(coupons).content.decode())
    rewards = today[today.index('id="rewards"') :]
    assert "cancelled" in rewards[: rewards.index("</section>")]
    now = points_queries.get_balance(mei.id, noon)
    assert points_queries.get_balance_as_of(mei.id, noon) == now
    assert tiers_queries.get_standing_as_of(mei.id, noon) == tiers_queries.get_standing(mei.id, noon)
    for panel, words in {
        "overview": "No tier yet",
        "ledger": "No entries",
        "coupons": "The member has no coupons.",
        "messages": "No message was written",
        "profile": "are today’s; the other panels are of the date",
    }.items():
        before = enter("agent").get(f"{path_of(mei)}?panel={panel}&as_of=2020-01-01").content.decode()
        assert words in before, panel


@pytest.mark.parametrize(
    ("show", "words"),
    [
        ("benefits", ["Coupon given: 10 off", "Coupon made void: 10 off", "Redeemed: Hand cream", "50 points"]),
        ("benefits", ["Redemption cancelled: Hand cream", "changed my mind"]),
        ("staff", ["Note by An Author", "Called 45 days ago", "was merged into this one", "one person"]),
        ("tier", ["Stage: New", "Stage: Active"]),
    ],
)
def test_the_timeline_tells_of_every_room(
    enter: Callable[[str], Client], mei: Member, show: str, words: list[str]
) -> None:
    """By what it is called on the other pages, under its own filter."""
    page = text_of(enter("agent").get(f"{path_of(mei)}?show={show}").content.decode())
    timeline = page[page.index('id="timeline"') :]
    for said in words:
        assert said in timeline[: timeline.index("</section>")], said


@pytest.mark.parametrize(
    "query",
    [
        *(f"as_of={value}" for value in ("x", "2026-13-01", "9999-12-31", "1900-01-01", "%00", "2999-01-01", "-1")),
        *(
            f"before={value}"
            for value in ("x", "~", "2026-01-01~1", "2026-01-01T00:00:00Z~x", "0001-01-01T00:00:00Z~1")
        ),
        *(f"before=2026-01-01T00:00:00Z~{'9' * 30}", "before=9999-12-31T23:59:59-14:00~1", "until=x"),
        *("panel=x", "panel=LEDGER", "panel=ledger&before=x", "ladder=x", "panel=%00"),
        *("until=0001-01-01T00:00:00%2B00:00", "until=9999-12-31T23:59:59-23:59", "wallet=gold", "show=%3Cb%3E"),
    ],
)
def test_bad_addresses_are_never_a_fault(enter: Callable[[str], Client], mei: Member, query: str) -> None:
    """They show the present, the first page, points, all."""
    assert enter("agent").get(f"{path_of(mei)}?{query}").status_code == 200


@pytest.mark.parametrize("number", ["M1", "nobody", "m-1", "x" * 200])
def test_nobody_has_this_number(enter: Callable[[str], Client], programme: None, number: str) -> None:
    """A page that says so."""
    assert enter("agent").get(f"/console/members/{number}/").status_code == 404
    assert enter("agent").get(f"/console/members/{number}/reveal/").status_code == 404


def test_a_number_may_be_typed_in_lower_case(enter: Callable[[str], Client], mei: Member) -> None:
    """As it is heard on the phone."""
    assert enter("agent").get(path_of(mei).lower()).status_code == 200


# ---- masked until a reason is given

SECRETS = ("mei@example.com", "+85291234186", "91234186", "1 Peak Road", "1990")


@pytest.mark.parametrize("role", ["operator", "agent", "admin"])
def test_contacts_are_shown_with_a_reason_for_a_while(
    enter: Callable[[str], Client], mei: Member, noon: dt.datetime, role: str
) -> None:
    """Nothing of them is on any panel before; the audit log has who, whom, why and from where."""
    client, profile = enter(role), path_of(mei) + "?panel=profile"
    for panel in Panel:
        page = client.get(f"{path_of(mei)}?panel={panel}").content.decode()
        assert not [secret for secret in SECRETS if secret in page]
    for reason in ("", "   ", "x"):
        refused = client.post(path_of(mei) + "reveal/", {"reason": reason})
        assert refused.status_code == 422 and not AuditRow.objects.filter(deed="member.revealed").exists()
    done = client.post(path_of(mei) + "reveal/", {"reason": "She asks by phone <b>"}, REMOTE_ADDR="192.0.2.7")
    assert done.status_code == 302 and done["Location"] == f"{profile}#profile"
    page = client.get(profile).content.decode()
    assert "mei@example.com" in page and "+85291234186" in page and "1 Peak Road" in page and "1990" in page
    assert "Shown to you until 12:10" in page
    row = AuditRow.objects.get(deed="member.revealed")
    assert (row.deed, row.subject, row.reason) == ("member.revealed", f"member:{mei.id}", "She asks by phone <b>")
    assert row.origin == "192.0.2.7" and row.actor.startswith("staff:")
    session = client.session
    session["revealed"] = {str(mei.id): (noon - dt.timedelta(seconds=1)).isoformat()}
    session.save()
    page = client.get(profile).content.decode()
    assert not [secret for secret in SECRETS if secret in page]


def test_an_auditor_sees_masks_and_no_way_round(enter: Callable[[str], Client], mei: Member) -> None:
    """Neither the button nor the form."""
    client = enter("auditor")
    page = client.get(path_of(mei) + "?panel=profile").content.decode()
    assert not [secret for secret in SECRETS if secret in page] and "reveal" not in page
    assert client.post(path_of(mei) + "reveal/", {"reason": "I would like to"}).status_code == 403
    assert not AuditRow.objects.filter(deed="member.revealed").exists()


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        ("email", "ann@example.com", "a••••@example.com"),
        ("email", "x@y.example", "x••••@y.example"),
        ("phone", "+85291234186", "+85 •••• 4186"),
        ("phone", "12345", "••••45"),
    ],
)
def test_masks(kind: str, value: str, shown: str) -> None:
    """Enough to tell two apart on the phone, not enough to write or call."""
    assert masked(kind, value) == shown
