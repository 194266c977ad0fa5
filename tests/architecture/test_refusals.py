"""Every check can refuse: each is shown a small good house, which passes, and one bad file, which does not."""

from pathlib import Path

import pytest
from django.db import models
from django.test.utils import isolate_apps

from . import names, schema
from .samples import BAD, GOOD
from .test_house import CHECKS
from .tree import Tree

ALL = {check.__name__: check for check in (*CHECKS, *names.CHECKS)}


def house_of(root: Path, files: dict[str, str]) -> Tree:
    """Will write files below a folder and read them as a checkout."""
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    return Tree(root)


def test_good_house_passes_every_check(tmp_path: Path) -> None:
    tree = house_of(tmp_path, GOOD)
    assert [str(found) for check in ALL.values() for found in check(tree)] == []


@pytest.mark.parametrize(("check", "path", "text", "said"), BAD, ids=[f"{check}-{said}" for check, _, _, said in BAD])
def test_bad_file_is_refused(tmp_path: Path, check: str, path: str, text: str, said: str) -> None:
    found = list(ALL[check](house_of(tmp_path, GOOD | {path: text})))
    assert found, f"{check} let {path} pass"
    assert any(said in str(f) for f in found), "\n".join(map(str, found))


def test_every_check_has_a_bad_file() -> None:
    assert set(ALL) == {check for check, _, _, _ in BAD}


@pytest.mark.parametrize(
    ("room", "target", "said"),
    [
        ("points", "orders", "same floor"),
        ("points", "tiers", "stands above"),
        ("kit", "members", "stands above"),
        ("tiers", "members", ""),
        ("tiers", "tiers", ""),
        ("members", "contenttypes", ""),
    ],
)
def test_foreign_keys_up_or_sideways_are_refused(room: str, target: str, said: str) -> None:
    found = list(schema.relations_go_down(iter([(room, f"{room}.Thing.other", target)])))
    assert ([said in sentence for sentence in found]) == ([True] if said else [])


def test_relations_are_read_from_the_registry() -> None:
    with isolate_apps("orders", "points") as registry:

        class Low(models.Model):  # noqa: DJ008
            class Meta:
                app_label = "orders"

        class High(models.Model):  # noqa: DJ008
            low = models.ForeignKey(Low, on_delete=models.CASCADE)
            many = models.ManyToManyField(Low)

            class Meta:
                app_label = "points"

        assert registry
        found = set(schema.relations(registry))
    assert {("points", "points.High.low", "orders"), ("points", "points.High.many", "orders")} <= found
    assert len(list(schema.relations_go_down(iter(found)))) >= 2
