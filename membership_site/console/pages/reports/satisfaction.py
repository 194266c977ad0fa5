"""How members are: what they answered when messages asked whether they are satisfied and would recommend us."""

import datetime as dt
from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kit import clock
from membership_site import charts, formats
from membership_site.console.forms.reports import CampaignsAsked
from membership_site.console.pages.reports import tables
from membership_site.console.pages.reports.tables import Cell, Column, Definition, Legend, Report, Row, Section
from messaging import queries as messaging_queries
from messaging.enums import Question
from messaging.rules.answers import Tally
from messaging.wording.answers import mean_words, question_name, question_words, tally_words

Months = Mapping[dt.date, Mapping[Question, Tally]]


def satisfaction_report(asked: CampaignsAsked, today: dt.date) -> Report:
    """Will answer what members said in a period, by month and by question. Four queries."""
    since, before = clock.day_start(asked.starts_on), clock.day_end(asked.ends_on)
    months = tables.anew(lambda: messaging_queries.answers_by_month(since, before))
    sections = tuple(_section(question, months) for question in Question)
    return Report(answer=_answer(months), sections=sections, definitions=_definitions())


def _whole(question: Question, months: Months) -> Tally:
    scores: dict[int, int] = {}
    for asked in months.values():
        for score, number in asked.get(question, Tally(question)).scores.items():
            scores[score] = scores.get(score, 0) + number
    return Tally(question, scores)


def _answer(months: Months) -> tuple[str, ...]:
    said = []
    for question in Question:
        whole = _whole(question, months)
        if whole.answers:
            words = ngettext(
                "%(question)s: %(score)s, by %(n)s answer.", "%(question)s: %(score)s, by %(n)s answers.", whole.answers
            )
            facts = {"question": question_name(question), "score": tally_words(whole, formats)}
            said.append(words % {**facts, "n": formats.num(whole.answers)})
    return tuple(said) or (
        _(
            "Nobody has answered in the period. A message asks when its words have a link to the field "
            "satisfaction_url or recommendation_url."
        ),
    )


def _section(question: Question, months: Months) -> Section:
    is_promoters = question is Question.RECOMMENDATION
    columns = (
        Column("month", _("Month"), is_number=False),
        Column("answers", _("Answers")),
        Column("score", _("NPS") if is_promoters else _("Satisfied")),
        Column("mean", _("Mean")),
    )
    rows = tuple(_row(month, asked[question]) for month, asked in months.items() if question in asked)
    return Section(
        title=question_name(question),
        words=question_words(question),
        table=tables.Table(question.value, columns, rows) if rows else None,
        chart=_chart(question, months),
        legend=(Legend("s1", _("NPS") if is_promoters else _("Satisfied")),),
        empty=_("Nobody has answered this in the period"),
    )


def _row(month: dt.date, tally: Tally) -> Row:
    mean = tally.mean
    return Row(
        (
            tables.month(month),
            tables.number(tally.answers),
            _score(tally),
            Cell(mean_words(tally, formats), f"{mean:.3f}") if mean is not None else tables.nothing(),
        )
    )


def _score(tally: Tally) -> Cell:
    if tally.question is Question.SATISFACTION:
        return tables.share(tally.satisfied)
    if tally.net_promoters is None:
        return tables.nothing()
    return tables.signed(round(tally.net_promoters * 100))


def _chart(question: Question, months: Months) -> str:
    """Will draw the share that is satisfied, or promoters less those who warn, month by month."""
    found = [(month, asked[question]) for month, asked in months.items() if question in asked]
    is_share = question is Question.SATISFACTION
    values = [(one.satisfied or 0.0) if is_share else (one.net_promoters or 0.0) * 100 for _month, one in found]
    if not any(values):
        return ""
    names = [formats.cal(month, "yMMM") for month, _one in found]
    said = [tally_words(one, formats) for _month, one in found]
    return charts.bars(
        names,
        [values],
        label=_("%(question)s By month.") % {"question": question_words(question)},
        tips=[f"{name}\n{words}" for name, words in zip(names, said, strict=True)],
        word=formats.pct if is_share else _points,
        every=tables.label_every(len(names)),
    )


def _points(value: float) -> str:
    return formats.num(round(value))


def _definitions() -> tuple[Definition, ...]:
    return (
        Definition(_("Answers"), _("The last answer of each message; who thinks better of it counts once.")),
        Definition(_("Satisfied"), _("The share of answers of 4 and 5 on a scale from 1 to 5.")),
        Definition(
            _("NPS"),
            _("The share of answers of 9 and 10 less that of 0 to 6, on a scale from 0 to 10: from −100 to 100."),
        ),
    )
