"""What a plan lacks, what is wrong at a field of it, and why a deed was refused, each with the way out."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.rules.lacking import Lack
from kit.formats import Formats

LACKS: Mapping[str, object] = {
    "nobody": gettext_lazy("It does not say who gets it. Choose conditions or a saved segment."),
    "no_channel": gettext_lazy("It goes by no channel. Tick at least one."),
    "no_words": gettext_lazy("It has no words. Choose a template."),
    "no_experiment": gettext_lazy("It has more than one variant, but does not say how they are compared."),
    "rest_only_once": gettext_lazy(
        "Only a campaign that goes out once can keep the others waiting for the winner. Send the variants to everybody."
    ),
    "past": gettext_lazy("It was to go out on %(date)s, which is over. Choose another date."),
    "over": gettext_lazy("It was to end with %(date)s, which is over. Choose another date."),
    "no_rhythm": gettext_lazy("It has no rhythm. Say how often and at what time."),
    "no_weekday": gettext_lazy("It goes out every week on no day. Tick at least one."),
    "no_day_left": gettext_lazy("No day is left on which it would go out. Choose other dates."),
    "no_day": gettext_lazy("It goes out every month on no day. Say which one."),
    "no_trigger": gettext_lazy("It does not say what sets it going. Choose a happening."),
    "no_event": gettext_lazy("It does not name the event. Say its name as the shop sends it."),
    "no_days_counted": gettext_lazy("It does not say after how many days. Give their number."),
    "no_days": gettext_lazy("It does not say which days. Give the first and the last one."),
    "no_dates": gettext_lazy("A copy takes no dates along. Choose the first and the last one."),
    "no_name": gettext_lazy("It has no name that members can read. Give it one in English at least."),
}
"""Every code of campaigns.rules.lacking."""

PROBLEMS: Mapping[str, object] = {
    "missing": gettext_lazy("Fill this in."),
    "unknown": gettext_lazy("This is not one of the choices. Choose another."),
    "not_whole": gettext_lazy("Use a whole number, for example 500."),
    "not_a_number": gettext_lazy("Use a number, for example 1.5."),
    "out_of_range": gettext_lazy("This is too small or too large. Look at the limits beside it."),
    "not_text": gettext_lazy("Use a text of one line."),
    "too_long": gettext_lazy("This is too long. Shorten it."),
    "not_yes_or_no": gettext_lazy("Say yes or no."),
    "not_a_date": gettext_lazy("Use a date, for example 2026-03-31."),
    "not_a_time": gettext_lazy("Use a time, for example 10:00."),
    "not_an_object": gettext_lazy("This part cannot be read. Open the step again and fill it in."),
    "not_a_list": gettext_lazy("This part cannot be read. Open the step again and fill it in."),
    "too_many": gettext_lazy("These are too many. Take some away."),
    "twice": gettext_lazy("This stands here twice. Take one away."),
    "before_start": gettext_lazy("The last day is before the first one. Choose a later one."),
}
"""Every code of campaigns.rules.plan."""

REFUSALS: Mapping[str, object] = {
    "UnknownCampaign": gettext_lazy("There is no such campaign. Nothing was done."),
    "NotEditable": gettext_lazy(
        "It has been started or ended, so it is not changed any more. Nothing was saved. Copy it to send another."
    ),
    "EditedMeanwhile": gettext_lazy(
        "Somebody else has changed this campaign meanwhile. Nothing was saved. Look at it as it is now, then try again."
    ),
    "NameMissing": gettext_lazy("Give it a name. Nothing was saved."),
    "NotReady": gettext_lazy("It is not complete yet. Nobody was asked. What is missing stands below."),
    "NothingToReview": gettext_lazy(
        "There is nothing to answer: it was answered, or edited since. Nothing was changed."
    ),
    "OwnCampaign": gettext_lazy(
        "Somebody else has to read it: not who asked, and not who wrote it. Nothing was changed."
    ),
    "WordsMissing": gettext_lazy("Say what should be changed. Nothing was sent back."),
    "NotApproved": gettext_lazy("A second person has to agree to it as it is now. Nothing was started."),
    "NotUnderWay": gettext_lazy("It is not under way, or over by now. Nothing was changed."),
    "NoDayLeft": gettext_lazy("No day is left on which it would go out. Nothing was started. Choose other dates."),
    "WordsNotReady": gettext_lazy(
        "The words of variant %(code)s are not complete. Mend them in their editor. Nothing was started."
    ),
    "SegmentGone": gettext_lazy(
        "The saved segment that it asks for is not there any more. Choose another one. Nobody was addressed."
    ),
    "ControlGroupStands": gettext_lazy(
        "There is such a group already. End it before another one begins; its history is kept. Nothing was changed."
    ),
    "BadShare": gettext_lazy("Choose a share from 0.01% to 15%. Nothing was changed."),
}
"""Every exception of campaigns.actions that a person can bring about, by its class."""


def lack_words(lack: Lack, formats: Formats) -> str:
    """Will say what a plan lacks."""
    facts = {name: formats.cal(value) if name == "date" else value for name, value in lack.facts}
    return _filled(LACKS[lack.code], facts)


def problem_of_plan(code: str) -> str:
    """Will say what is wrong at a field of a plan, and how to mend it."""
    return str(PROBLEMS[code])


def refusal_words(error: Exception) -> str:
    """Will say why a deed of campaigns was refused, in the reader's language."""
    known = REFUSALS.get(type(error).__name__)
    if known is None:
        return _("This could not be done. Nothing was changed. Open the page again and try once more.")
    return _filled(known, vars(error))


def _filled(words: object, facts: Mapping[str, Any]) -> str:
    text = str(words)
    return text % facts if "%(" in text else text
