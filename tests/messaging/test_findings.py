"""What is wrong with words is said in words: every code has its sentence, in every language."""

import inspect
import re

import pytest
from django.utils import translation

from messaging.rules import content, language
from messaging.rules.fields import CATALOGUE, LANGUAGES, Group
from messaging.rules.language import Finding, Severity
from messaging.wording.fields import ABOUTS, channel_words, example_words, field_words, group_words
from messaging.wording.findings import SENTENCES, finding_words, part_words, problem_words

FACTS = {
    "characters": 7, "max": 5, "what": "{% set %}", "nesting": 5, "field": "nmae", "nearest": "name", "filter": "safe",
    "text": "javascript:", "language": "en", "segments": 4,
}  # fmt: skip


def test_every_code_has_its_sentence() -> None:
    source = inspect.getsource(language) + inspect.getsource(content)
    found = set(re.findall(r'(?:_error\(|Finding\(Severity\.\w+, |_at\("\w+", |_at\(name, )"(\w+)"', source))
    found |= {"button_without_url", "url_without_button"}
    assert found == set(SENTENCES)


@pytest.mark.parametrize("spoken", LANGUAGES)
def test_sentences_say_where_and_what(spoken: str) -> None:
    with translation.override(spoken):
        for code in SENTENCES:
            said = finding_words(Finding(Severity.ERROR, code, 3, FACTS, "subject"))
            assert said.startswith(part_words("subject"))
            assert "3" in said
            assert "%(" not in said
            assert finding_words(Finding(Severity.ERROR, code, 0, {**FACTS, "nearest": ""})) in said or "nmae" in said
        assert problem_words("too_long") != problem_words("shape")


@pytest.mark.parametrize("spoken", LANGUAGES)
def test_every_field_is_explained_with_an_example(spoken: str) -> None:
    assert set(ABOUTS) == set(CATALOGUE)
    with translation.override(spoken):
        for code, field in CATALOGUE.items():
            assert field_words(code)
            assert bool(example_words(code, spoken)) == (not field.items)
        assert all(group_words(group) for group in Group)
        assert len({channel_words(channel) for channel in content.SHAPES}) == len(content.SHAPES)
