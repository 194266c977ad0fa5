"""What holds when the launcher itself is killed, and in a folder whose name has spaces and Chinese in it."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from launcher import throwaway
from launcher.places import ROOT, state_folder
from tests.setup.product import Product, eventually

pytestmark = pytest.mark.slow


@pytest.fixture
def elsewhere() -> Iterator[Path]:
    """A copy of this checkout in an awkward place, with the packages of this one."""
    with throwaway.folder(state_folder()) as folder:
        copy = folder / "my shop 会员"
        shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".*", "var", "__pycache__", "docs"))
        (copy / ".venv").symlink_to(Path(sys.prefix))
        (copy / "state of it").mkdir()
        yield copy


def test_a_killed_launcher_leaves_nothing_behind_and_starts_again(elsewhere: Path) -> None:
    product = Product(elsewhere / "state of it", elsewhere)
    for folder in (elsewhere, product.state):
        folder.chmod(0o711)
    product.start()
    assert product.process is not None
    os.kill(product.process.pid, signal.SIGKILL)
    product.process.wait()
    eventually(lambda: product.processes() == [])

    product.start()
    made = product.run("make", "status", f"PYTHON={sys.executable}")
    assert f"http://127.0.0.1:{product.port} (ready" in made.stdout, made.stdout + made.stderr
    assert product.run("make", "down", f"PYTHON={sys.executable}").returncode == 0
    assert product.process.wait(30) == 0
    assert product.processes() == []
