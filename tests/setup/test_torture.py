"""A short trial of the whole product: traffic while everything is killed, and nothing is lost. See tests/torture."""

import subprocess
import sys

import pytest

from launcher.places import ROOT

pytestmark = pytest.mark.slow


def test_nothing_is_lost_while_everything_is_killed() -> None:
    """The seed is fixed, so that the same harm is done; what meets what is chance all the same."""
    command = [sys.executable, "-m", "tests.torture", "--seconds", "25", "--seed", "7"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr[-3000:]
    assert done.stdout.strip().endswith("0 claims do not hold")
