"""What is wrong with words, in words: a finding in, a sentence and how to mend it out."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from messaging.rules.language import FILTERS, Finding

Facts = Mapping[str, Any]

PARTS = {
    "subject": pgettext_lazy("part of a message", "Subject"),
    "preheader": pgettext_lazy("part of a message", "First line in the inbox"),
    "title": pgettext_lazy("part of a message", "Title"),
    "body": pgettext_lazy("part of a message", "Text"),
    "text": pgettext_lazy("part of a message", "Text"),
    "button": pgettext_lazy("part of a message", "Words on the button"),
    "url": pgettext_lazy("part of a message", "Address behind the button"),
    "event": pgettext_lazy("part of a message", "Event"),
    "fields": pgettext_lazy("part of a message", "Fields"),
    "format": pgettext_lazy("part of a message", "Format"),
}


def part_words(part: str) -> str:
    """Will name a part of a message."""
    return str(PARTS.get(part, part))


def finding_words(finding: Finding) -> str:
    """Will say what is wrong, where, and how to mend it."""
    said = SENTENCES[finding.code](finding.facts)
    where = [part_words(finding.part)] if finding.part else []
    if finding.line > 1:
        where.append(_("line %(line)d") % {"line": finding.line})
    return _("%(where)s: %(what)s") % {"where": ", ".join(where), "what": said} if where else said


def problem_words(problem: str) -> str:
    """Will say why what was typed cannot be kept."""
    return _("This is too long. Shorten it.") if problem == "too_long" else _("This cannot be kept. Type it again.")


def _unknown_field(facts: Facts) -> str:
    if facts["nearest"]:
        words = _("there is no field “%(field)s”. Did you mean “%(nearest)s”?")
        return words % {"field": facts["field"], "nearest": facts["nearest"]}
    return _("there is no field “%(field)s”. Choose one from the list.") % {"field": facts["field"]}


def _unknown_filter(facts: Facts) -> str:
    words = _("there is no “|%(filter)s”. Use one of: %(known)s.")
    return words % {"filter": facts["filter"], "known": ", ".join(FILTERS)}


SENTENCES: Mapping[str, Callable[[Facts], str]] = {
    "too_long": lambda facts: _("it is too long. Keep it under %(max)s characters.") % {"max": facts["max"]},
    "cannot_be_read": lambda _facts: _(
        "a tag cannot be read. Check that every {{ has its }} and every {% if %} its {% endif %}."
    ),
    "not_allowed": lambda facts: _("“%(what)s” is not part of the language. Take it out.") % {"what": facts["what"]},
    "too_complicated": lambda facts: (
        _("too much is nested or asked at once. Use at most %(n)s levels.") % {"n": facts["nesting"]}
    ),
    "unknown_field": _unknown_field,
    "can_be_missing": lambda facts: (
        _("not every member has “%(field)s”; who has none gets no message. Add |default(…) or put it into {%% if %%}.")
        % {"field": facts["field"]}
    ),
    "loop_over_list": lambda _facts: _("{% for %} goes over a list, for example {% for one in coupons %}."),
    "list_written": lambda _facts: _("a list cannot be written as it is. Go over it with {% for %}."),
    "unknown_filter": _unknown_filter,
    "bad_filter": lambda facts: (
        _('“|%(filter)s” is used wrongly. Write it like |default("you") or |shorten(20).') % {"filter": facts["filter"]}
    ),
    "filter_of_other_kind": lambda facts: (
        _("“|%(filter)s” is not for this kind of field. Take it out.") % {"filter": facts["filter"]}
    ),
    "not_comparable": lambda _facts: _(
        "these two cannot be compared. Compare numbers with numbers, dates with dates, and texts by == only."
    ),
    "writes_too_much": lambda _facts: _("what it writes could be too long to send. Shorten what stands in {% for %}."),
    "bad_link": lambda facts: (
        _("“%(text)s” is no address that may be linked. Use https://…, /… or a field that is an address.")
        % {"text": facts["text"]}
    ),
    "says_nothing": lambda _facts: _("The template says nothing yet. Write the words of one channel at least."),
    "no_language": lambda facts: _("There are no words in this language. Its members get another language’s."),
    "empty": lambda _facts: _("it is empty. Write something."),
    "long_subject": lambda facts: (
        _("it has more than %(max)s signs, and most inboxes cut it off. Shorten it.") % {"max": facts["max"]}
    ),
    "several_lines": lambda _facts: _("it goes over several lines. Write one."),
    "button_without_url": lambda _facts: _("the button leads nowhere. Give it an address."),
    "url_without_button": lambda _facts: _("the address has no button. Write what stands on it."),
    "bad_url": lambda _facts: _("this is no address. Use https://…, /… or one field that is an address."),
    "bad_event": lambda _facts: _("an event is named in small letters, like tier.raised."),
    "many_segments": lambda facts: (
        _("it goes out as %(segments)s text messages. Shorten it.") % {"segments": facts["segments"]}
    ),
    "not_mjml": lambda _facts: _("it is no MJML. Begin with <mjml>, or choose plain text."),
    "markup_not_allowed": lambda facts: (
        _("“%(what)s” may not stand in a message. Take it out.") % {"what": facts["what"]}
    ),
    "tag_in_markup": lambda _facts: _(
        "a tag stands inside an element, where its value could change the page. Only href takes a field, an address."
    ),
}
"""What each code of a finding says."""
