"""Markdown with tags of templates in it: read with the tags taken out, so that neither reads the other. Pure."""

import re

from markdown_it import MarkdownIt

from messaging.rules.language import TAG

MARKDOWN = MarkdownIt("commonmark", {"html": False, "xhtmlOut": True})
WORD = re.compile(r"zq[bv]([0-9]+)qz")
BLOCK_LINE = re.compile(r"^[ \t]*((?:zqb[0-9]+qz[ \t]*)+)$", re.MULTILINE)
"""A line of nothing but blocks is a paragraph of its own, so that no list or paragraph swallows half of a pair."""
ALONE = re.compile(r"<p>\s*((?:zqb[0-9]+qz\s*)+)</p>")
ADDRESS = re.compile(r'\b(?:href|src)="([^"]*)"')


class HasOurWord(Exception):
    """A source has one of the words that stand for tags; nothing was made of it."""


class Kept:
    """Tags that were taken out of a source, each standing behind a word that no stage touches."""

    def __init__(self) -> None:
        self.tags: list[str] = []

    def take_out(self, source: str) -> str:
        """Will put a word in each tag's place; a block's differs from a value's. Raises HasOurWord."""
        if WORD.search(source):
            raise HasOurWord("The text has a word of ours in it: zqb1qz. Write it differently.")
        return TAG.sub(self._word, source)

    def _word(self, tag: re.Match[str]) -> str:
        self.tags.append(tag[0])
        return f"zq{'b' if tag[0].startswith('{%') else 'v'}{len(self.tags) - 1}qz"

    def put_back(self, text: str) -> str:
        """Will put the tags back."""
        return WORD.sub(lambda word: self.tags[int(word[1])], text)


def html_of(source: str, kept: Kept) -> str:
    """Will return Markdown as HTML, its tags taken out into `kept`. Raises HasOurWord."""
    apart = BLOCK_LINE.sub(r"\n\n\1\n\n", kept.take_out(source))
    return ALONE.sub(r"\1", MARKDOWN.render(apart))


def addresses_with_tags(source: str) -> list[str]:
    """Will return the addresses of links and pictures that have a tag in them, as they were written."""
    kept = Kept()
    try:
        page = html_of(source, kept)
    except HasOurWord:
        return []
    return [kept.put_back(address) for address in ADDRESS.findall(page) if WORD.search(address)]
