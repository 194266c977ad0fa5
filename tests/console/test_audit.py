"""The audit log: every deed once, filters that find, bad ones that do not break."""

import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site
from django.test import Client

from kit import audit
from kit.models import AuditRow
from members.queries.privacy import LOOKED
from membership_site.console.pages.audit import DEED_WORDS
from membership_site.console.pages.keeping import looked_words
from membership_site.portal.pages.privacy import WHAT
from tests.architecture import house

from .conftest import Join, open_staff, queries_of, text_of

pytestmark = pytest.mark.django_db

AUDIT = "/console/audit/"
MOST_QUERIES = 12


def fill(count: int, noon: dt.datetime, member_id: int) -> None:
    """Will write deeds of two people about one member and other things."""
    for index in range(count):
        audit.record(
            at=noon - dt.timedelta(days=count - index),
            actor="staff:1" if index % 2 else "api:shop",
            deed="member.revealed" if index % 2 else "job.approve",
            subject=f"member:{member_id}" if index % 3 == 0 else f"thing:{index}",
            was={"a": 1},
            becomes=[f"n{index}"],
            reason="<i>why</i>",
            origin="192.0.2.1",
        )


def test_every_deed_once_with_the_same_queries(enter: Callable[[str], Client], join: Join, noon: dt.datetime) -> None:
    """Paged by key, latest first."""
    ann = join("ann")
    client = enter("auditor")
    fill(1, noon, ann.id)
    one, _ = queries_of(client, AUDIT)
    fill(100, noon, ann.id)
    many, page = queries_of(client, AUDIT)
    assert one <= many <= MOST_QUERIES and many - one <= 1  # staff's names, once any of them did something
    found: list[str] = []
    while True:
        found += re.findall(r">(n\d+)</ins>", page)
        link = re.search(r'rel="next" href="([^"]+)"', page)
        if not link:
            break
        page = client.get(AUDIT + link[1].replace("&amp;", "&")).content.decode()
    assert found == [becomes[0] for becomes in AuditRow.objects.order_by("-id").values_list("becomes", flat=True)]
    assert "<i>why" not in page


def test_filters_find(enter: Callable[[str], Client], join: Join, noon: dt.datetime) -> None:
    """By who, deed, member and date."""
    ann = join("ann")
    person = open_staff("agent")
    fill(12, noon, ann.id)
    audit.record(at=noon, actor=f"staff:{person.pk}", deed="view.saved", subject="view:members")
    client = enter("admin")

    def count(**filters: str) -> int:
        return client.get(AUDIT, filters).content.decode().count("<tr>") - 1

    assert count() == 13
    assert count(who="agent person") == AuditRow.objects.filter(actor=f"staff:{person.pk}").count()
    assert count(who="api:shop") == 6 and count(deed="view.saved") == 1
    assert count(about=ann.number.lower()) == 4 and count(about="thing:1") == 1
    assert count(first="2026-03-03", last="2026-03-03") == 1 and count(last="2026-02-20") == 2
    page = text_of(client.get(AUDIT).content.decode())
    assert f'<a href="/console/members/{ann.number}/">{ann.number} Ann</a>' in page and "The shop, by API" in page
    assert "No deed matches" in client.get(AUDIT, {"who": "nobody"}).content.decode()


@pytest.mark.parametrize("name", ["who", "deed", "about", "first", "last", "before"])
@pytest.mark.parametrize(
    "value", ["<script>x", "\x00", "x" * 5000, "2026-99-99", "~9", "~" + "9" * 18, "'; --", "0001-01-01"]
)
def test_bad_filters_are_never_a_fault(enter: Callable[[str], Client], programme: None, name: str, value: str) -> None:
    """What was typed comes back as text."""
    answer = enter("auditor").get(AUDIT, {name: value})
    assert answer.status_code == 200 and "<script>x" not in answer.content.decode()


def test_whence_a_deed_of_the_staff_came_is_kept(
    enter: Callable[[str], Client], join: Join, noon: dt.datetime, settings: Any
) -> None:
    """Of whatever page, as the outermost of our proxies heard it; where members are is nobody's business for ever."""
    settings.PROXY_COUNT = 1
    ann, client = join("ann"), enter("operator")
    far = {"X-Forwarded-For": "10.9.9.9, 198.51.100.7"}
    client.post(f"/console/members/{ann.number}/tags/", {"name": "tea", "deed": "put"}, headers=far)
    client.post(f"/console/members/{ann.number}/reveal/", {"reason": "She asks by phone"}, headers=far)
    client.post("/console/members/views/", {"name": "Mine", "query": "q=a"}, headers=far)
    kept = AuditRow.objects.filter(deed__in=["member.tagged", "member.revealed", "view.saved"])
    assert list(kept.values_list("origin", flat=True)) == ["198.51.100.7"] * 3
    audit.record(at=noon, actor="member", deed="member.edited", subject=f"member:{ann.id}")
    assert AuditRow.objects.get(deed="member.edited").origin == ""


def test_every_deed_has_words() -> None:
    """Whatever is written down somewhere in the house is said in words, and no code of ours is shown."""
    written = set()
    for path in sorted(Path(site.BASE_DIR).glob("*/**/*.py")):
        if path.relative_to(site.BASE_DIR).parts[0] in {*house.ROOMS, house.SITE}:
            written |= set(re.findall(r'\bdeed="([a-z_]+\.[a-z_]+|[a-z]+_api_key)"', path.read_text()))
    assert len(written) > 80
    assert written <= set(DEED_WORDS)
    assert set(LOOKED) <= written, "members are told of deeds that nobody writes down"
    assert {looked_words(deed) for deed in LOOKED}.isdisjoint(LOOKED) and set(LOOKED) <= set(WHAT)
