"""Messages as the staff keep them: seen by all, written, shown as a member reads them, published by operators."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from kit.models import AuditRow
from members.enums import Purpose
from members.models import Member
from membership_site.flows import starter_templates
from messaging import actions
from messaging.enums import Channel
from messaging.models import Template, TemplateVersion, Topic, Trial
from messaging.queries import templates as queries
from messaging.rules.content import SmsContent
from tests.conftest import NOON

from .conftest import Join, queries_of, text_of

pytestmark = pytest.mark.django_db
Enter = Callable[[str], Client]
LIST = "/console/messages/templates/"
BY: dict[str, Any] = {"at": NOON, "actor": "staff:1"}


@pytest.fixture
def templates(programme: None) -> None:
    """The starter's topics and templates."""
    starter_templates.load(at=NOON, actor="test")


def said(answer: Any) -> str:
    """Will return what an answer says, in one line."""
    return text_of(answer.content.decode())


def of(code: str) -> queries.TemplateRow:
    """Will return a template of the starter."""
    row = queries.find_template(code)
    assert row is not None
    return row


def words(code: str, channel: str = "inbox", language: str = "en") -> str:
    """Will return the address of an editor."""
    return f"{LIST}{of(code).id}/{channel}/{language}/"


def test_the_list_takes_as_many_queries_for_many(enter: Enter, programme: None) -> None:
    client = enter("operator")
    assert "No service messages" in said(client.get(LIST))
    assert "No offers yet" in said(client.get(LIST))
    asked = set()
    for number in range(3):
        actions.create_template(name=f"Hello {number}", purpose=Purpose.SERVICE, code=f"hello-{number}", **BY)
        count, page = queries_of(client, LIST)
        asked.add(count)
        assert f"Hello {number}" in page
    assert len(asked) == 1
    assert asked.pop() <= 7


def test_pages_of_the_starter(enter: Enter, templates: None) -> None:
    """Every page, by who may write and who may only look; topics and fields too."""
    for role in ("operator", "agent"):
        client = enter(role)
        page = said(client.get(LIST))
        assert "Welcome to a new member" in page
        assert "win_back" in page
        page = said(client.get(f"{LIST}{of('welcome').id}/"))
        assert "This is what is sent." in page
        assert ("Draft other words" in page) == (role == "operator")
        page = said(client.get(words("welcome")))
        assert "These words are published and stay as they are." in page
        assert "Welcome to Fernway Circle" in page
        assert "points that can be spent" in said(client.get("/console/messages/fields/?language=zh-hans"))
        assert "Coupons, double points" in said(client.get("/console/messages/topics/"))
    assert "没有" not in said(enter("operator").get(f"{LIST}?show=archived"))
    for path in (f"{LIST}999999/", f"{LIST}{of('welcome').id}/fax/en/", f"{LIST}{of('welcome').id}/sms/fr/"):
        assert enter("operator").get(path).status_code == 404


def test_a_template_is_written_and_published(enter: Enter, templates: None) -> None:
    client = enter("operator")
    assert client.post(f"{LIST}new/", {"name": ""}).status_code == 422
    answer = client.post(f"{LIST}new/", {"name": "Tea week", "about": "offers"})
    row = Template.objects.get(name="Tea week")
    assert answer["Location"] == f"{LIST}{row.id}/email/en/"
    assert (row.purpose, row.topic.code) == ("marketing", "offers")
    sms = f"{LIST}{row.id}/sms/en/"
    page = said(client.get(f"{LIST}{row.id}/"))
    assert "To mend before it can be published" in page
    assert client.get(sms).content.decode().count("(if you like)") == 1
    assert client.post(sms, {"seen": "", "text": "Tea for {{ frist_name }}"})["Location"] == sms
    page = said(client.get(sms))
    assert "Text: there is no field “frist_name”. Did you mean “first_name”?" in page
    refused = client.post(f"{LIST}{row.id}/publish/", {"seen": ""})
    assert refused.status_code == 422
    assert "The draft has errors." in said(refused)
    seen = re.search(r'name="seen" value="(\w+)"', client.get(sms).content.decode())
    assert seen
    client.post(sms, {"seen": seen[1], "text": 'Tea for {{ first_name|default("you") }}'})
    assert "Tea for Wei" in said(client.get(sms))
    digest = re.search(r'name="seen" value="(\w+)"', client.get(f"{LIST}{row.id}/").content.decode())
    assert digest
    client.post(f"{LIST}{row.id}/publish/", {"seen": digest[1]})
    version = TemplateVersion.objects.get(template=row)
    assert version.compiled == {"sms": {"en": {"text": 'Tea for {{ first_name|default("you") }}'}}}
    client.post(f"{LIST}{row.id}/draft/")
    assert "so there is nothing to publish" in said(client.post(f"{LIST}{row.id}/publish/", {"seen": ""}))
    client.post(f"{LIST}{row.id}/change/", {"do": "discard"})
    assert TemplateVersion.objects.filter(template=row).count() == 1


def test_nobody_loses_what_he_wrote(enter: Enter, templates: None) -> None:
    client = enter("operator")
    client.post(f"{LIST}{of('welcome').id}/draft/")
    draft = of("welcome").draft_id
    assert draft
    sms = words("welcome", "sms")
    actions.save_words(version_id=draft, channel=Channel.SMS, language="en", words=SmsContent("Other"), was=None, **BY)
    refused = client.post(sms, {"seen": "", "text": "Mine"})
    assert refused.status_code == 422
    assert "Somebody changed these words meanwhile." in said(refused)
    assert "Mine" in refused.content.decode()
    assert "Somebody changed the draft" in said(client.post(f"{LIST}{of('welcome').id}/publish/", {"seen": "0"}))
    too_long = client.post(sms, {"seen": "", "text": "x" * 1001})
    assert too_long.status_code == 422
    assert "This is too long. Shorten it." in said(too_long)


def test_an_email_is_shown_in_a_frame_that_can_do_nothing(enter: Enter, templates: None) -> None:
    client = enter("operator")
    page = client.get(words("welcome", "email"))
    assert "frame-src 'self'" in page["Content-Security-Policy"]
    frame = re.search(r'<iframe class="mailpage" sandbox src="([^"]+)"', page.content.decode())
    assert frame
    shown = client.get(frame[1])
    assert shown["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert shown["X-Frame-Options"] == "SAMEORIGIN"
    assert "Your number is" not in shown.content.decode()
    assert "You are a member now" in shown.content.decode()
    assert enter("agent").get(frame[1]).status_code == 404


def test_it_is_shown_as_a_member_reads_it_and_noted(enter: Enter, templates: None, join: Join) -> None:
    ann = join("ann")
    Member.objects.filter(id=ann.id).update(name="Ann <b>Lee</b>")
    for role, noted in (("agent", 1), ("operator", 2)):
        page = said(enter(role).post(words("birthday") + "look/", {"member": ann.number}))
        assert "Happy birthday, Ann" in page
        assert AuditRow.objects.filter(deed="message.previewed", subject=f"member:{ann.id}").count() == noted
    client = enter("operator")
    typed = {"title": "Dear {{ name }}", "body": "{{ tier_until }}", "member": ann.number}
    page = said(client.post(words("birthday") + "look/", typed, headers={"HX-Request": "true"}))
    assert "so the message would not be sent to him" in page
    assert "not every member has “name”" in page
    typed["body"] = "x"
    raw = client.post(words("birthday") + "look/", typed, headers={"HX-Request": "true"}).content.decode()
    assert "Dear Ann &lt;b&gt;Lee&lt;/b&gt;" in raw
    typed["member"] = "nobody"
    assert "No member has this number." in said(client.post(words("birthday") + "look/", typed))
    typed |= {"body": "{{ x }}", "member": ""}
    assert "as soon as what is wrong is mended" in said(client.post(words("birthday") + "look/", typed))


def test_templates_are_archived_renamed_and_copied(enter: Enter, templates: None) -> None:
    client, row = enter("operator"), of("win_back")
    path = f"{LIST}{row.id}/change/"
    client.post(path, {"do": "archive"})
    assert of("win_back").is_archived
    assert "Win back" in said(client.get(f"{LIST}?show=archived"))
    client.post(path, {"do": "unarchive"})
    client.post(path, {"do": "rename", "name": "Come back"})
    assert of("win_back").name == "Come back"
    answer = client.post(path, {"do": "copy", "name": "Come back soon"})
    assert Template.objects.get(name="Come back soon").code is None
    assert client.get(answer["Location"]).status_code == 200
    assert client.post(path, {"do": "copy", "name": ""}).status_code == 422
    assert client.post(path, {"do": "nothing"}).status_code == 302


def test_topics_are_made_and_changed(enter: Enter, templates: None) -> None:
    client = enter("operator")
    typed = {"code": "tea", "name_en": "Tea", "name_zh_hans": "茶", "name_zh_hant": "茶", "position": "50"}
    client.post("/console/messages/topics/new/", typed)
    assert Topic.objects.get(code="tea").names == {"en": "Tea", "zh-hans": "茶", "zh-hant": "茶"}
    assert client.post("/console/messages/topics/new/", {**typed, "code": "offers"}).status_code == 422
    assert client.post("/console/messages/topics/new/", {**typed, "code": "x" * 50}).status_code == 422
    client.post("/console/messages/topics/tea/", {**typed, "about_en": "All about tea."})
    topic = queries.find_topic("tea")
    assert topic is not None
    assert (topic.is_active, topic.abouts) == (False, {"en": "All about tea."})
    assert client.get("/console/messages/topics/none/").status_code == 404


@pytest.mark.parametrize("role", ["agent", "auditor", "finance"])
def test_who_only_looks_changes_nothing(enter: Enter, templates: None, role: str) -> None:
    client, row = enter(role), of("welcome")
    for path in ("draft/", "publish/", "change/"):
        assert client.post(f"{LIST}{row.id}/{path}", {"do": "archive"}).status_code == 403
    actions.start_template_draft(template_id=row.id, **BY)
    client.post(words("welcome", "sms"), {"seen": "", "text": "Mine"})
    for path in ("/console/messages/topics/new/", "/console/messages/topics/offers/", f"{LIST}new/"):
        assert client.post(path, {}).status_code == 403
    draft = queries.find_version(of("welcome").draft_id or 0)
    assert draft is not None
    assert draft.content.of(Channel.SMS, "en") is None


def test_a_test_goes_to_whoever_asks_for_it(enter: Enter, templates: None, join: Join) -> None:
    """To the log-in's own address; as a member only for who may see members; what is wrong stands at its field."""
    ann = join("ann")
    path = f"{LIST}{of('win_back').id}/test/"
    client = enter("operator")
    page = said(client.get(path))
    assert "operator@staff.example, your own address, and to nobody else" in page
    assert "Send a test to yourself" in said(client.get(f"{LIST}{of('win_back').id}/"))
    refused = client.post(path, {"language": "en", "member": "M99"})
    assert refused.status_code == 422
    assert "No member has this number." in said(refused)
    assert not Trial.objects.exists()
    done = client.post(path, {"language": "zh-hans", "member": ann.number}, follow=True)
    assert "The test is on its way to operator@staff.example." in said(done)
    assert "To be sent" in said(done)
    [trial] = Trial.objects.all()
    assert (trial.account.email, trial.language, trial.member_id) == ("operator@staff.example", "zh-hans", ann.id)
    author = enter("campaign_author")
    assert "Written as the member" not in said(author.get(path))
    author.post(path, {"language": "en", "member": ann.number})
    assert Trial.objects.latest("id").member_id is None
    for _ in range(actions.TRIALS_AN_HOUR):
        answer = client.post(path, {"language": "en", "member": ""})
    assert answer.status_code == 422
    assert "You have sent 20 tests within an hour. Nothing was sent. The next one can go at 13:00." in said(answer)
    assert enter("agent").get(path).status_code == 403
    assert client.get(f"{LIST}999999/test/").status_code == 404
