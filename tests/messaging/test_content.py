"""Contents: reading and keeping them, what they lack, and what they are made into."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.enums import Channel
from messaging.rules import compiling
from messaging.rules.compiling import CannotCompile, FrameWords, compile_content, compile_words
from messaging.rules.content import (
    BadContent,
    Content,
    EmailContent,
    InboxContent,
    PushContent,
    SmsContent,
    WebhookContent,
    content_from,
    findings,
    findings_of,
    has_errors,
    segments_of,
    to_json,
    words_from,
)
from messaging.rules.fields import LANGUAGES, examples
from messaging.wording.rendering import render

FRAME = FrameWords("en", "Fern & Co", "Because you joined.", "Choose", "Unsubscribe")


def mjml(inside: str) -> EmailContent:
    """Will make an e-mail of an operator's own MJML."""
    page = f"<mjml><mj-body><mj-section><mj-column>{inside}</mj-column></mj-section></mj-body></mjml>"
    return EmailContent(subject="A", format="mjml", body=page)


def compiled(words: Any, *, is_marketing: bool = False) -> dict[str, Any]:
    """Will make an e-mail that must have no errors."""
    assert not [one for one in findings_of(Channel.EMAIL, words) if one.severity == "error"]
    return compile_words(words, FRAME, is_marketing=is_marketing)


# ---- reading and keeping

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00\r"), max_size=60)


@given(
    st.dictionaries(
        st.sampled_from(LANGUAGES),
        st.one_of(
            st.builds(EmailContent, TEXT, TEXT, st.sampled_from(["text", "mjml"]), TEXT, TEXT, TEXT),
        ),
    ),
    st.dictionaries(st.sampled_from(LANGUAGES), st.builds(PushContent, TEXT, TEXT, TEXT)),
)
def test_what_is_kept_is_read_alike(emails: Any, pushes: Any) -> None:
    content = Content({channel: by for channel, by in ((Channel.EMAIL, emails), (Channel.PUSH, pushes)) if by})
    assert content_from(to_json(content)) == content


@pytest.mark.parametrize(
    ("kept", "problems"),
    [
        ([], {"": "shape"}),
        ({"fax": {}}, {"fax": "channel"}),
        ({"sms": []}, {"sms": "channel"}),
        ({"sms": {"fr": {}}}, {"sms.fr": "language"}),
        ({"sms": {"en": {"words": "x"}}}, {"sms.en.words": "unknown"}),
        ({"sms": {"en": {"text": 1}}}, {"sms.en.text": "shape"}),
        ({"sms": {"en": {"text": "x" * 1001}}}, {"sms.en.text": "too_long"}),
        ({"inbox": {"en": {"title": "a\x00b"}}}, {"inbox.en.title": "shape"}),
        ({"email": {"en": {"format": "html"}}}, {"email.en.format": "format"}),
    ],
)
def test_what_is_no_content(kept: Any, problems: dict[str, str]) -> None:
    with pytest.raises(BadContent) as bad:
        content_from(kept)
    assert bad.value.problems == problems


def test_words_are_put_in_and_taken_out() -> None:
    words = words_from(Channel.SMS, {"text": "a\r\nb"})
    assert words == SmsContent("a\nb")
    content = Content().with_words(Channel.SMS, "en", words)
    assert content.of(Channel.SMS, "en") == words
    assert content.with_words(Channel.SMS, "en", SmsContent()) == Content()
    with pytest.raises(BadContent):
        words_from(Channel.SMS, {"text": "x" * 2000})


# ---- what it lacks


@pytest.mark.parametrize(
    ("channel", "words", "found"),
    [
        (Channel.EMAIL, EmailContent("A", "", "text", "B"), []),
        (Channel.EMAIL, EmailContent(), ["subject:empty", "body:empty"]),
        (Channel.EMAIL, EmailContent("A" * 71, "", "text", "B"), ["subject:long_subject"]),
        (Channel.EMAIL, EmailContent("A\nBcc: x", "", "text", "B"), ["subject:several_lines"]),
        (Channel.EMAIL, EmailContent("A", "", "text", "B", "Go"), ["button:button_without_url"]),
        (Channel.EMAIL, EmailContent("A", "", "text", "B", "", "/a/"), ["button:url_without_button"]),
        (Channel.EMAIL, EmailContent("A", "", "text", "B", "Go", "javascript:x"), ["url:bad_url"]),
        (Channel.EMAIL, EmailContent("A", "", "text", "B", "Go", "//evil.example"), ["url:bad_url"]),
        (Channel.EMAIL, EmailContent("A", "", "text", "B", "Go", "{{ points }}"), ["url:bad_url"]),
        (Channel.EMAIL, EmailContent("A", "", "text", "B", "Go", "{{ inbox_url }}"), []),
        (Channel.EMAIL, EmailContent("A", "{{ x }}", "text", "B"), ["preheader:unknown_field"]),
        (Channel.EMAIL, EmailContent("A", "", "text", "[x]({{ inbox_url }}) <https://a.example/>"), []),
        (Channel.EMAIL, EmailContent("A", "", "text", "[x]({{ number }})"), ["body:bad_link"]),
        (Channel.EMAIL, EmailContent("A", "", "text", "[x](https://a.example/{{ number }})"), ["body:bad_link"]),
        (Channel.EMAIL, EmailContent("A", "", "text", "[x][1]\n\n[1]: {{ number }}"), ["body:bad_link"]),
        (Channel.EMAIL, EmailContent("A", "", "text", "![x](https://a.example/{{ number }})"), ["body:bad_link"]),
        (Channel.INBOX, InboxContent("A", "B", "Go", "/coupons/"), []),
        (Channel.SMS, SmsContent("积" * 202), ["text:many_segments"]),
        (Channel.PUSH, PushContent("A"), ["body:empty"]),
        (Channel.WEBHOOK, WebhookContent("tier.raised", "points tier"), []),
        (Channel.WEBHOOK, WebhookContent("Tier raised", "x"), ["event:bad_event", "fields:unknown_field"]),
        (Channel.WEBHOOK, WebhookContent(), ["event:empty"]),
    ],
)
def test_lacks(channel: Channel, words: Any, found: list[str]) -> None:
    assert [f"{one.part}:{one.code}" for one in findings_of(channel, words)] == found


def test_languages_without_words_are_named() -> None:
    content = Content({Channel.SMS: {"en": SmsContent("a")}, Channel.WEBHOOK: {"en": WebhookContent("x")}})
    found = findings(content)
    assert [(place, one.code) for place, ones in found.items() for one in ones] == [
        ((Channel.SMS, "zh-hans"), "no_language"),
        ((Channel.SMS, "zh-hant"), "no_language"),
    ]
    assert not has_errors(found)
    assert has_errors(findings(Content()))


@pytest.mark.parametrize(
    ("inside", "found"),
    [
        ("<mj-text>Hi {{ number }} <b>x</b><br/></mj-text>", []),
        ('<mj-button href="https://a.example/">x</mj-button>', []),
        ('<mj-button href="{{ inbox_url }}">x</mj-button>', []),
        ('<mj-button href="{{ number }}">x</mj-button>', ["bad_link"]),
        ('<mj-button href="https://a.example/{{ number }}">x</mj-button>', ["bad_link"]),
        ('<mj-button href="{% if points %}x{% endif %}">x</mj-button>', ["bad_link"]),
        ('<mj-image src="{{ inbox_url }}"/>', ["bad_link"]),
        ('<mj-image src="http://a.example/a.png"/>', ["bad_link"]),
        ('<mj-text color="{{ number }}">x</mj-text>', ["tag_in_markup"]),
        ("<mj-text {{ number }}>x</mj-text>", ["tag_in_markup"]),
        ('<mj-text><a href="https://a.example" onclick="x()">x</a></mj-text>', ["markup_not_allowed"]),
        ('<mj-text><p style="x">x</p></mj-text>', ["markup_not_allowed"]),
        ("<mj-text><script>x</script></mj-text>", ["markup_not_allowed"] * 2),
        ("<mj-text><iframe></iframe></mj-text>", ["markup_not_allowed"] * 2),
        ("<mj-raw>x</mj-raw>", ["markup_not_allowed"] * 2),
        ('<mj-include path="/etc/passwd"/>', ["markup_not_allowed"]),
        ("<mj-style>x</mj-style>", ["markup_not_allowed"] * 2),
        ('<mj-font href="https://a.example/a.css"/>', ["markup_not_allowed"]),
        ("<!-- [if mso]> -->", ["markup_not_allowed"]),
        ("<mj-text>{% if points < 3 %}x{% endif %}</mj-text>", []),
        ("<mj-text><{{ number }}></mj-text>", ["markup_not_allowed"]),
    ],
)
def test_an_operators_own_markup(inside: str, found: list[str]) -> None:
    assert [one.code for one in findings_of(Channel.EMAIL, mjml(inside)) if one.code != "no"] == found


@pytest.mark.parametrize(
    ("text", "segments"),
    [("a" * 160, 1), ("a" * 161, 2), ("€" * 80, 1), ("€" * 81, 2), ("积" * 70, 1), ("积" * 71, 2), ("😀" * 36, 2)],
)
def test_segments(text: str, segments: int) -> None:
    assert segments_of(text) == segments


# ---- what it is made into

LETTER = EmailContent(
    subject="{{ points|points }} until {{ tier_until|default('then') }}",
    preheader="A & B",
    body=(
        "Hello {{ first_name|default('there') }} <b>\n\n{% if points > 10 %}\nMany & more.\n{% endif %}\n\n"
        "{% for c in coupons %}\n- {{ c.name }}\n{% endfor %}\n\n"
        "[Shop](https://shop.example/?a=1&b=2) [Again](https://shop.example/?a=1&b=2) [Box]({{ inbox_url }}) "
        "&#123;&#123; points.mro }} &#123;% set a %}"
    ),
    button="See {{ points }}",
    url="/points/",
)


def test_an_email_in_the_houses_frame() -> None:
    made = compiled(LETTER, is_marketing=True)
    assert made["links"] == {"1": "https://shop.example/?a=1&b=2", "2": "/points/"}
    assert made["subject"] == LETTER.subject
    html = made["html"]
    assert html.count('href="{{ links.l1 }}"') == 2
    assert html.count('href="{{ links.l2 }}"') == 1
    assert 'href="{{ inbox_url }}"' in html
    assert 'href="{{ unsubscribe_url }}"' in html
    assert 'src="{{ open_url }}"' in html
    assert "&lt;b&gt;" in html
    assert "Fern &amp; Co" in html
    assert "prefers-color-scheme: dark" in html
    assert re.search(r'<html[^>]* lang="en"', html)
    assert "https://shop.example" not in html
    assert made["text"].endswith("Choose: {{ preferences_url }} · Unsubscribe: {{ unsubscribe_url }}\n")


def test_what_looks_like_a_tag_and_was_none_stays_text() -> None:
    values = {**examples("en"), "links": {"l1": "https://x/1", "l2": "https://x/2"}, "points": 20}
    said = render(compiled(LETTER), values, "en")
    assert "&#123;{ points.mro }}" in said["html"]
    assert "{{ points.mro }}" in said["text"]
    assert "{% set a %}" in said["text"]


def test_the_text_says_the_same() -> None:
    values = {**examples("en"), "links": {"l1": "https://x/1", "l2": "https://x/2"}, "points": 20}
    said = render(compiled(LETTER), values, "en")["text"]
    assert said == (
        "Fern & Co\n\nHello Wei <b>\n\nMany & more.\n\n- 20% off, up to 50\n\n- 20% off, up to 50\n\n"
        "Shop: https://x/1 Again: https://x/1 Box: https://shop.example/inbox/ {{ points.mro }} {% set a %}\n\n"
        "See 20: https://x/2\n\nBecause you joined.\n\nChoose: https://shop.example/messages/\n"
    )


def test_a_service_message_has_nothing_to_unsubscribe_from() -> None:
    assert "unsubscribe_url" not in str(compiled(LETTER))


def test_an_operators_own_mjml_is_framed_by_its_links_only() -> None:
    made = compiled(mjml('<mj-text>Hi {{ number }}</mj-text><mj-button href="https://a.example/">Go</mj-button>'))
    assert made["links"] == {"1": "https://a.example/"}
    assert "{{ preferences_url }}" in made["html"]
    assert made["text"].startswith("Hi {{ number }}\n")


def test_what_cannot_be_made() -> None:
    with pytest.raises(CannotCompile, match="MJML cannot be read"):
        compile_words(mjml("<mj-text>"), FRAME, is_marketing=False)
    with pytest.raises(CannotCompile, match="word of ours"):
        compile_words(EmailContent("A", "", "text", "zqb1qz"), FRAME, is_marketing=False)


def test_no_stage_fetches_anything() -> None:
    page = '<html><head><link rel="stylesheet" href="file:///etc/passwd"></head><body><p>x</p></body></html>'
    assert "root:" not in compiling.INLINER.inline(page)


def test_other_channels_are_made_as_they_are() -> None:
    content = Content(
        {
            Channel.INBOX: {"en": InboxContent(" A ", "B")},
            Channel.WEBHOOK: {"en": WebhookContent("a.b", "points  tier")},
        }
    )
    assert compile_content(content, {"en": FRAME}, is_marketing=False) == {
        "inbox": {"en": {"title": "A", "body": "B", "button": "", "url": ""}},
        "webhook": {"en": {"json": '{"event": "a.b", "fields": ["points", "tier"]}'}},
    }
