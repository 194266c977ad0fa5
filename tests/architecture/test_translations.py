"""The site speaks all its languages: the catalogues are whole, and what checks and refreshes them can be trusted."""

import gettext
from pathlib import Path

import pytest
from django.conf import settings

from kit import translations

PYTHON = """from django.utils.translation import gettext as _, ngettext, pgettext_lazy

WORDS = (_("Points"), pgettext_lazy("verb", "Open"), ngettext("%(n)s day", "%(n)s days", 2), _("a" "b"))
"""
TEMPLATE = """{% load i18n %}
<p title="{% translate 'My <b>code</b>' %}">
    {# Translators: on the card #}
  {% blocktranslate count n=days trimmed %}
      {{ n }} night in {{ town }}
    {% plural %}{{ n }} nights in {{ town }}{% endblocktranslate %}
 {{ _("Keep it") }} {% translate "Open" context "state" %} {{ a|default:_("None yet") }}
</p>
"""
TRANSLATED = {
    "Points": "积分",
    "Open": "打开",
    "%(n)s day": "%(n)s天",
    "ab": "甲乙",
    "My <b>code</b>": "我的<b>码</b>",
    "%(n)s night in %(town)s": "在%(town)s住%(n)s晚",
    "Keep it": "保留",
    "None yet": "暂无",
}


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    for path, text in {"shop/words.py": PYTHON, "shop/tests/x.py": PYTHON, "templates/card.html": TEMPLATE}.items():
        (tmp_path / path).parent.mkdir(parents=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    refresh(tmp_path)
    return tmp_path


def refresh(root: Path) -> None:
    """Will extract, refresh and compile the simplified catalogue."""
    translations.refresh(root, "zh_Hans", translations.messages(root))
    translations.compile_catalogue(root, "zh_Hans")


def write(root: Path, changes: dict[str, str]) -> None:
    """Will fill in the catalogue's translations, in the order they stand, and compile."""
    path = translations.catalogue_path(root, "zh_Hans")
    text = path.read_text(encoding="utf-8")
    for english, chinese in (TRANSLATED | changes).items():
        for empty in ('msgstr ""', 'msgstr[0] ""'):
            for plural in ("", f'msgid_plural "{english.replace("day", "days").replace("night", "nights")}"\n'):
                filled = empty.replace('""', f'"{chinese}"')
                text = text.replace(f'msgid "{english}"\n{plural}{empty}', f'msgid "{english}"\n{plural}{filled}')
    path.write_text(text, encoding="utf-8")
    translations.compile_catalogue(root, "zh_Hans")


def said(root: Path) -> str:
    """Will return all that is wrong with the catalogue."""
    return "\n".join(translations.findings(root, "zh_Hans", translations.messages(root)))


def test_messages_are_found_in_python_and_templates(shop: Path) -> None:
    found = {(message.context, message.id) for message in translations.messages(shop) if message.id}
    assert found == {
        (None, "Points"),
        ("verb", "Open"),
        ("state", "Open"),
        (None, ("%(n)s day", "%(n)s days")),
        (None, "ab"),
        (None, "My <b>code</b>"),
        (None, ("%(n)s night in %(town)s", "%(n)s nights in %(town)s")),
        (None, "Keep it"),
        (None, "None yet"),
    }


def test_whole_catalogue_passes_and_gettext_reads_it(shop: Path) -> None:
    assert said(shop).count("is not translated") == 9
    write(shop, {})
    assert said(shop) == ""
    with translations.catalogue_path(shop, "zh_Hans").with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    assert compiled.gettext("Points") == "积分"
    assert compiled.pgettext("state", "Open") == "打开"
    assert compiled.ngettext("%(n)s day", "%(n)s days", 5) == "%(n)s天"


def test_refreshing_twice_changes_nothing_and_keeps_translations(shop: Path) -> None:
    write(shop, {})
    files = [translations.catalogue_path(shop, "zh_Hans").with_suffix(suffix) for suffix in (".po", ".mo")]
    before = [file.read_bytes() for file in files]
    refresh(shop)
    assert [file.read_bytes() for file in files] == before
    (shop / "shop/words.py").write_text(PYTHON.replace('"Points"', '"Growth"'), encoding="utf-8")
    assert "'Growth' of shop/words.py is not in the catalogue" in said(shop)
    assert "'Points' is used nowhere" in said(shop)
    refresh(shop)
    assert said(shop) == "'Growth' of shop/words.py is not translated."


@pytest.mark.parametrize(
    ("english", "chinese", "wanted"),
    [
        ("%(n)s day", "%(m)s天", "the placeholders"),
        ("%(n)s day", "天", "wanted %(n)s, found none"),
        ("My <b>code</b>", "我的码", "the markup"),
        ("Points", "积分 ", "begins or ends with a space"),
        ("Points", "积分, 等级", "full-width sign"),
        ("Points", "积分.", "full-width sign"),
        ("Points", "Fernway, 积分", "full-width sign"),
        ("Points", "積分", "積, which is not simplified"),
    ],
)
def test_badly_set_translation_is_refused(shop: Path, english: str, chinese: str, wanted: str) -> None:
    write(shop, {english: chinese})
    assert wanted in said(shop)
    assert len(said(shop).splitlines()) == 1


@pytest.mark.parametrize("chinese", ["积分：example.com", "100积分", "见《规则》。", "积分（1.5倍）", "GB18030、UTF-8"])
def test_well_set_translation_passes(shop: Path, chinese: str) -> None:
    write(shop, {"Points": chinese})
    assert said(shop) == ""


def test_fuzzy_commented_out_and_stale_are_refused(shop: Path) -> None:
    write(shop, {})
    path = translations.catalogue_path(shop, "zh_Hans")
    whole = path.read_text(encoding="utf-8")
    path.write_text(whole.replace('msgid "Points"', '#, fuzzy\nmsgid "Points"'), encoding="utf-8")
    assert "'Points' of shop/words.py is marked fuzzy" in said(shop)
    assert "is not what the .po file says" in said(shop)
    path.write_text(whole.replace('msgid "Points"\n', '#~ msgid "Points"\n#~ '), encoding="utf-8")
    assert "'Points' of shop/words.py is commented out" in said(shop)


def test_broken_catalogue_is_named_and_left_alone(shop: Path) -> None:
    path = translations.catalogue_path(shop, "zh_Hans")
    path.write_text("<<<<<<< HEAD\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    broken = path.read_bytes()
    with pytest.raises(translations.BrokenCatalogue, match=r"django.po cannot be read"):
        refresh(shop)
    assert path.read_bytes() == broken


def test_traditional_catalogue_refuses_simplified_signs(shop: Path) -> None:
    message = next(message for message in translations.messages(shop) if message.id == "Points")
    assert list(translations.faults(message, "積分等級着", "zh_Hant")) == []
    assert "which is not traditional" in "".join(translations.faults(message, "积分", "zh_Hant"))


def test_site_is_translated() -> None:
    template = translations.messages(settings.BASE_DIR)
    found = [
        f"{locale}: {sentence}"
        for locale in translations.locales()
        for sentence in translations.findings(settings.BASE_DIR, locale, template)
    ]
    assert not found, "\n".join(found)
