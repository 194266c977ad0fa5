"""The page on which somebody of the staff sends a template's words to himself."""

import datetime as dt
from dataclasses import dataclass

from members.queries import entering as entering_queries
from membership_site.console.access import Person
from membership_site.console.pages.messages import LANGUAGE_NAMES
from membership_site.console.pages.words import State
from messaging import queries as messaging_queries
from messaging.enums import Channel
from messaging.queries import templates as queries
from messaging.rules.content import Content
from messaging.wording.outcomes import STATES, TONES

KEPT = dt.timedelta(days=1)
"""So long the page shows what became of tests."""


@dataclass(frozen=True)
class TrialLine:
    """A test that was sent lately."""

    language: str
    at: dt.datetime
    state: State
    detail: str


@dataclass(frozen=True)
class TrialPage:
    """A template with the languages in which it has an e-mail, and the address that a test goes to."""

    id: int
    name: str
    purpose: str
    is_draft: bool
    number: int
    address: str
    languages: tuple[tuple[str, str], ...]
    content: Content
    lines: tuple[TrialLine, ...]


def trial_page(template_id: int, person: Person, at: dt.datetime) -> TrialPage:
    """Will assemble the page: of the draft where there is one. Four queries; raises UnknownTemplate."""
    row = queries.get_template(template_id)
    version = queries.find_version(row.draft_id or row.published_id or 0)
    account = entering_queries.find_account(person.id)
    if version is None or account is None:
        raise queries.UnknownTemplate("There is no such template.")
    return TrialPage(
        id=row.id,
        name=row.name,
        purpose=row.purpose,
        is_draft=version.is_draft,
        number=version.number,
        address=account.email or "",
        languages=tuple(
            (code, name) for code, name in LANGUAGE_NAMES.items() if version.content.of(Channel.EMAIL, code)
        ),
        content=version.content,
        lines=tuple(
            TrialLine(
                LANGUAGE_NAMES.get(one.language, one.language),
                one.at,
                State(str(STATES[one.state]), TONES.get(one.state, "")),
                one.detail,
            )
            for one in messaging_queries.trials_of(person.id, row.id, at - KEPT)
        ),
    )
