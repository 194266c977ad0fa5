"""The pages of the ladder: read by all, drafted tier by tier, previewed on everybody, published by those who may."""

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.test import Client

from membership_site.console.pages.ladder_preview import preview_page
from membership_site.flows import ladder_preview, nightly, tasks
from tests.tiers.published import tier_drafts
from tiers import actions as tiers_actions
from tiers import queries as tiers_queries
from tiers.actions import Settings
from tiers.models import LadderPreview, LadderVersion
from tiers.rules import Requirement

from .conftest import Join, buy, crowd, queries_of, text_of

pytestmark = pytest.mark.django_db

TIERS = "/console/tiers/main/"
DRAFT = TIERS + "draft/"
PREVIEW = TIERS + "versions/2/preview/"
Enter = Callable[[str], Client]

TIER = {
    "name_en": "Jade",
    "name_zh_hans": "翡翠卡",
    "name_zh_hant": "翡翠卡",
    "look": "jade",
    "icon": "star",
    "multiplier": "5",
    "reach_spend": "30000",
    "reach_join": "any",
    "keep_spend": "25000",
    "keep_orders": "12",
    "keep_join": "all",
    "re_enter_join": "any",
}


@pytest.fixture
def draft(programme: None, noon: dt.datetime) -> int:
    """A draft whose Silver asks for 200 and whose Gold for more than before, with a notice."""
    deed: dict[str, Any] = {"at": noon, "actor": "staff:1"}
    draft_id = tiers_actions.start_draft(**deed)
    tiers_actions.save_settings(version_id=draft_id, settings=Settings(notice_days=60), **deed)
    silver, gold = Requirement(spend=200), Requirement(spend=9000)  # type: ignore[arg-type]
    rungs = {"silver": {"reach": silver, "keep": silver}, "gold": {"reach": gold, "keep": gold}}
    tiers_actions.save_tiers(version_id=draft_id, tiers=tier_drafts(rungs), **deed)
    return draft_id


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The previews that were sent to the worker."""
    found: list[int] = []
    monkeypatch.setattr(tasks.preview_ladder, "delay", found.append)
    return found


def worked_out(version_id: int, noon: dt.datetime, on: dt.date | None = None) -> LadderPreview:
    """Will ask for a preview and work it out as the worker does."""
    begins = on or noon.date() + dt.timedelta(days=7)
    preview_id, _new = tiers_actions.request_preview(
        version_id=version_id, effective_on=begins, at=noon, actor="staff:1"
    )
    ladder_preview.run(preview_id=preview_id, now=lambda: noon)
    return LadderPreview.objects.get(id=preview_id)


def test_every_role_reads_and_only_some_write(enter: Enter, draft: int) -> None:
    """Agents and auditors read the ladder and its draft; what changes them is neither offered nor allowed."""
    for role in ("operator", "admin", "agent", "auditor", "finance"):
        client = enter(role)
        may = role in ("operator", "admin")
        for path in ("/console/tiers/", TIERS, DRAFT, TIERS + "versions/1/", PREVIEW):
            assert client.get(path).status_code == 200, (role, path)
        page = client.get(DRAFT).content.decode()
        assert ("Take “Gold” out of the draft" in page) is may
        for path in ("tier/", "tier/?code=gold", "settings/", "publish/", "discard/"):
            assert client.get(DRAFT + path).status_code == (200 if may else 403), path
        for path in ("start/", "change/", "discard/", "tier/", "settings/", "preview/", "publish/"):
            if not may:
                assert client.post(DRAFT + path).status_code == 403, path
    assert Client().get(TIERS).status_code == 302
    assert enter("").get(TIERS).status_code == 403


def test_the_ladder_in_force_stands_as_columns(enter: Enter, join: Join, noon: dt.datetime) -> None:
    """Names, thresholds, rate, holders and settings; with the same queries however many members."""
    join("ann")
    buy("ann", "A1", "1200", noon)
    client = enter("agent")
    client.get(TIERS)
    few, page = queries_of(client, TIERS)
    said = text_of(page)
    for words in (
        "Version 1 is in force",
        "银卡",
        "銀卡",
        "CN¥1,000",
        "5 orders",
        "× 2",
        "1 member<",
        "the last 365 days",
    ):
        assert words in said, words
    crowd(join, 12, noon)
    many, _page = queries_of(client, TIERS)
    assert few == many <= 14


def test_a_tier_is_added_changed_moved_and_taken_out_without_scripts(
    enter: Enter, programme: None, noon: dt.datetime
) -> None:
    """Each by a form of its own; what is wrong is said at the field and nothing typed is lost."""
    client = enter("operator")
    assert client.post(DRAFT + "start/")["Location"] == DRAFT
    answer = client.post(DRAFT + "tier/", {**TIER, "name_zh_hant": "", "multiplier": "a lot"})
    page = answer.content.decode()
    assert answer.status_code == 422 and 'value="a lot"' in page and "Use a number, for example 1.5." in page
    assert "Give it a name there too." in page and "翡翠卡" in page
    assert client.post(DRAFT + "tier/", TIER)["Location"] == DRAFT
    version = tiers_queries.find_ladder_draft("main")
    assert version is not None and [tier.code for tier in version.tiers][-1] == "jade"
    rung = version.terms.rungs[-1]
    assert rung.keep.ways() == [("spend", 25000), ("orders", 12)] and rung.keep.join == "all"
    assert rung.reach.ways() == [("spend", 30000)] and rung.re_enter is None
    form = client.get(DRAFT + "tier/?code=jade").context["form"]
    data = {bound.html_name: bound.value() for bound in form if bound.value() not in (None, False)}
    assert client.post(DRAFT + "tier/?code=jade", data).status_code == 302
    assert tiers_queries.find_ladder_draft("main").digest == version.digest
    changed = {**data, "multiplier": "6.5", "has_re_entry": "on", "re_enter_orders": "3"}
    assert client.post(DRAFT + "tier/?code=jade", changed).status_code == 302
    assert client.post(DRAFT + "tier/?code=jade", changed).status_code == 422  # somebody changed it meanwhile
    client.post(DRAFT + "change/", {"do": "down:jade"})
    version = tiers_queries.find_ladder_draft("main")
    assert [tier.code for tier in version.tiers] == ["member", "silver", "gold", "jade", "diamond"]
    assert version.terms.rungs[3].re_enter.orders == 3
    client.post(DRAFT + "change/", {"do": "remove:jade"})
    client.post(DRAFT + "change/", {"do": "remove:jade"})
    page = text_of(client.get(DRAFT).content.decode())
    assert "The draft has changed meanwhile, so nothing was done." in page and "翡翠卡" not in page


def test_settings_are_saved_and_refused_at_the_field(enter: Enter, draft: int) -> None:
    """A rolling window needs its days; another one has none."""
    client = enter("admin")
    form = client.get(DRAFT + "settings/").context["form"]
    data = {bound.html_name: bound.value() for bound in form if bound.value() not in (None, False)}
    for wrong, said in (
        ({"window_days": ""}, "Say how many days count"),
        ({"validity_months": "0"}, "greater than or equal to 1"),
        ({"notice_days": "x"}, "Use a whole number"),
    ):
        answer = client.post(DRAFT + "settings/", {**data, **wrong})
        assert answer.status_code == 422 and said in answer.content.decode()
    saved = {**data, "window": "calendar", "at_end": "one_step", "rounding": "year", "protection_days": "7"}
    assert client.post(DRAFT + "settings/", saved).status_code == 302
    assert client.post(DRAFT + "settings/", saved).status_code == 422  # somebody changed them meanwhile
    page = text_of(client.get(DRAFT).content.decode())
    assert "the calendar year" in page and "one tier down" in page
    assert "The protection does nothing" in client.get(DRAFT + "settings/").content.decode()


def test_what_lint_finds_stands_beside_its_field_and_keeps_it_from_being_published(enter: Enter, draft: int) -> None:
    """In the column, in the form of the tier and in the list; the form to publish is not offered."""
    client = enter("operator")
    form = client.get(DRAFT + "tier/?code=gold").context["form"]
    data = {bound.html_name: bound.value() for bound in form if bound.value() not in (None, False)}
    client.post(DRAFT + "tier/?code=gold", {**data, "reach_spend": "", "multiplier": "1"})
    assert client.get(DRAFT).content.decode().count("Nobody can reach Gold") >= 2
    page = text_of(client.get(DRAFT + "tier/?code=gold").content.decode())
    assert "Nobody can reach Gold" in page and "Gold earns no more points than Silver." in page
    page = client.get(DRAFT + "publish/").content.decode()
    assert "Type the number of this version" not in page and "1 error keeps it from being published" in page


def test_a_preview_is_asked_for_watched_and_read(
    enter: Enter,
    draft: int,
    join: Join,
    noon: dt.datetime,
    sent: list[int],
    django_capture_on_commit_callbacks: Any,
) -> None:
    """Numbers, dates, names; with the same queries however many there are."""
    ann = join("ann")
    buy("ann", "A1", "300", noon)
    client = enter("operator")
    begins = {"effective_on": "2026-03-10"}
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(DRAFT + "preview/", begins)["Location"] == PREVIEW
    page = client.get(PREVIEW).content.decode()
    assert "The preview starts in a moment." in page and 'hx-trigger="every 2s"' in page
    assert client.post(DRAFT + "preview/", {"effective_on": "2026-03-02"}).status_code == 422
    tasks.preview_ladder(sent[0])
    few, page = queries_of(client, PREVIEW)
    said = text_of(page)
    assert "The draft lifts 1 member, from 10 Mar 2026 on. It lets nobody fall." in said and ann.number in said
    assert "every 2s" not in said and "Counted on 3 Mar 2026, as if it began on 10 Mar 2026." in said
    crowd(join, 12, noon)
    worked_out(draft, noon)
    many, page = queries_of(client, PREVIEW)
    assert few == many <= 16
    assert re.search(r"The draft lifts \d+ members", page)
    rows = client.get(PREVIEW.rstrip("/") + ".csv").content.decode()
    assert "member,silver," in rows
    tiers_actions.save_settings(version_id=draft, settings=Settings(notice_days=30), at=noon, actor="staff:1")
    assert "edited after this preview" in client.get(PREVIEW).content.decode()


def test_publishing_asks_for_a_preview_and_a_typed_yes(enter: Enter, draft: int, join: Join, noon: dt.datetime) -> None:
    """From a date on, with what members are told in three languages; later the preview stands beside what happened."""
    join("ann")
    buy("ann", "A1", "300", noon)
    client = enter("operator")
    page = client.get(DRAFT + "publish/")
    said = text_of(page.content.decode())
    assert "It was not previewed yet" in said and "nobody falls under it before" in said
    form = {
        "number": "2", "seen": page.context["form"].initial["seen"], "effective_on": "2026-03-10", "confirmed": "2",
        "note_en": "", "note_zh_hans": "", "note_zh_hant": "",
    }  # fmt: skip
    answer = client.post(DRAFT + "publish/", form)
    assert answer.status_code == 422 and "Preview the draft on all members first" in answer.content.decode()
    worked_out(draft, noon)
    for wrong, words in (
        ({"confirmed": "3"}, "Type 2"), ({"effective_on": "2026-03-01"}, "Choose 3 Mar 2026 or later"),
        ({"seen": "0"}, "Somebody changed the draft meanwhile"),
    ):  # fmt: skip
        answer = client.post(DRAFT + "publish/", {**form, **wrong})
        assert answer.status_code == 422 and words in answer.content.decode()
    assert client.post(DRAFT + "publish/", form)["Location"] == TIERS
    version = LadderVersion.objects.get(id=draft)
    assert version.published_at and "To reach Silver: CN¥200" in version.note["en"]
    assert "升级" not in version.note["en"] and version.note["zh-hans"] and version.note["zh-hant"]
    said = text_of(client.get(TIERS).content.decode())
    assert "Version 2 is published and holds from 10 Mar 2026 on." in said and "To come" in said
    assert "From the first night in force on" in client.get(PREVIEW).content.decode()
    client.post(DRAFT + "publish/", form)
    assert "Nothing more was published" in client.get(TIERS).content.decode()


def test_what_was_foretold_stands_beside_what_happened(enter: Enter, draft: int, join: Join, noon: dt.datetime) -> None:
    """A fortnight later: Ann rose as foretold, Bob bought meanwhile and rose besides."""
    for name, amount in (("ann", "300"), ("bob", "50")):
        join(name)
        buy(name, f"{name}1", amount, noon)
    worked_out(draft, noon, noon.date())
    note = dict.fromkeys(("en", "zh-hans", "zh-hant"), "x")
    tiers_actions.publish(
        version_id=draft, effective_on=noon.date(), note=note, is_previewed=True, at=noon, actor="staff:1"
    )
    client = enter("auditor")
    assert "From the first night in force on" in client.get(PREVIEW).content.decode()
    nightly.run_step(name="recalculate_tiers", as_of=noon.date())
    with time_machine.travel(noon + dt.timedelta(days=14), tick=False):
        buy("bob", "bob2", "500", noon + dt.timedelta(days=10))
        client = enter("auditor")
        client.get(PREVIEW)
        count, page = queries_of(client, PREVIEW)
    said = text_of(page)
    assert "From 3 Mar 2026 to the end of 16 Mar 2026" in said and count <= 18
    page_of = preview_page(tiers_queries.get_ladder_version(draft), noon + dt.timedelta(days=14), names_members=True)
    assert page_of.since is not None
    [moved] = page_of.since.rows
    assert (moved.was.name, moved.tier.name, moved.foretold, moved.happened) == ("Member", "Silver", 1, 2)
    assert (
        not preview_page(tiers_queries.get_ladder_version(draft), noon + dt.timedelta(days=14), names_members=False)
        .outcome.ups[0]
        .examples
    )


def test_an_old_version_is_drafted_again_and_a_draft_discarded(enter: Enter, draft: int, noon: dt.datetime) -> None:
    """Rolling back is a draft like an old version."""
    client = enter("admin")
    worked_out(draft, noon)
    tiers_actions.publish(
        version_id=draft, effective_on=noon.date(), note=dict.fromkeys(("en", "zh-hans", "zh-hant"), "x"), at=noon,
        actor="staff:1",
    )  # fmt: skip
    assert "Draft a version like this one" in client.get(TIERS + "versions/1/").content.decode()
    assert "Draft a version like this one" not in client.get(TIERS + "versions/2/").content.decode()
    client.post(DRAFT + "start/", {"copy": "1"})
    version = tiers_queries.find_ladder_draft("main")
    assert version is not None and version.terms.rungs[1].reach.spend == 1000
    client.post(DRAFT + "start/", {"copy": "2"})
    assert "There is a draft already" in client.get(DRAFT).content.decode()
    assert "changes of the draft are lost" in client.get(DRAFT + "discard/").content.decode()
    client.post(DRAFT + "discard/")
    assert "is discarded" in client.get(TIERS).content.decode()
    assert client.get(DRAFT)["Location"] == TIERS
    for path in ("/console/tiers/club/", TIERS + "versions/9/", TIERS + "versions/9/preview/"):
        assert client.get(path).status_code == 404


@pytest.mark.parametrize("language", ["en", "zh-hans", "zh-hant"])
def test_it_speaks_every_language(enter: Enter, draft: int, join: Join, noon: dt.datetime, language: str) -> None:
    """All pages, with and without a preview."""
    client = enter("operator")
    client.cookies["django_language"] = language
    for times in range(2):
        for path in (TIERS, DRAFT, PREVIEW, DRAFT + "tier/", DRAFT + "settings/", DRAFT + "publish/"):
            assert client.get(path).status_code == 200, path
        join(f"ann{times}")
        buy(f"ann{times}", f"A{times}", "6000", noon)
        worked_out(draft, noon)


def test_another_ladder_is_begun_published_and_stood_on(enter: Enter, join: Join, noon: dt.datetime) -> None:
    """A club beside the main ladder: its first version needs no preview; the night places everybody on it."""
    join("ann")
    buy("ann", "A1", "10", noon)
    client = enter("operator")
    assert "/console/tiers/new/" in client.get(TIERS).content.decode()
    assert enter("auditor").get("/console/tiers/new/").status_code == 403
    for name, code, words in (
        ("", "club", "Give it a name."),
        ("Club", "The Club", "Use small letters"),
        ("Club", "main", "is taken"),
        ("Club", "new", "is taken"),
    ):
        refused = client.post("/console/tiers/new/", {"name": name, "code": code})
        assert refused.status_code == 422 and words in text_of(refused.content.decode())
    assert [row.code for row in tiers_queries.list_ladders()] == ["main"]
    begun = client.post("/console/tiers/new/", {"name": "Club", "code": "club"})
    assert begun.status_code == 302 and begun["Location"] == "/console/tiers/club/draft/"
    page = text_of(client.get(begun["Location"]).content.decode())
    assert "It is the first version of this ladder" in page and "Preview on all members" not in page
    page = client.get("/console/tiers/club/draft/publish/").content.decode()
    assert "It is the first of its ladder." in text_of(page) and "If you publish, the ladder holds" in text_of(page)
    today = noon.date().isoformat()
    seen = re.search(r'name="seen" value="([^"]+)"', page)
    assert seen is not None
    sent = {"effective_on": today, "confirmed": "1", "number": "1", "seen": seen[1]}
    refused = client.post("/console/tiers/club/draft/publish/", sent)
    assert refused.status_code == 422 and "Write what members are told" in refused.content.decode()
    notes = {"note_en": "A club.", "note_zh_hans": "俱乐部。", "note_zh_hant": "俱樂部。"}
    assert client.post("/console/tiers/club/draft/publish/", sent | notes).status_code == 302
    assert tiers_queries.ladders_in_force(noon.date()) == ["main", "club"]
    nightly.run_step(name="recalculate_tiers", as_of=noon.date())
    assert tiers_queries.count_on_ladder("club") == {"member": 1}
    assert "Version 1 is in force" in text_of(client.get("/console/tiers/club/").content.decode())
