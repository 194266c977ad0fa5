"""What `make check` runs: every gate besides the tests, side by side, all of them even if one fails."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from launcher.places import ROOT
from launcher.processes import say

PYTHON = [sys.executable, "-m"]
MANAGE = [sys.executable, "manage.py"]
# In the order in which they begin: those that take long first.
CHECKS = {
    "types": [*PYTHON, "mypy"],
    "architecture": [*PYTHON, "pytest", "-q", "tests/architecture"],
    "format": [*PYTHON, "ruff", "format", "--check", "."],
    "lint": [*PYTHON, "ruff", "check", "."],
    "templates": [*PYTHON, "djlint", "--lint", "--quiet", "templates"],
    "imports": [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()"],
    "migrations": [*MANAGE, "makemigrations", "--check", "--dry-run"],
    "translations": [*MANAGE, "check_translations"],
    "audit": [*PYTHON, "launcher.audit"],
    "deploy": [*MANAGE, "check", "--deploy", "--fail-level", "WARNING"],
}
PRODUCTION = {
    "DEBUG": "False",
    "HTTPS": "True",
    "ALLOWED_HOSTS": "shop.example",
    "CSRF_TRUSTED_ORIGINS": "https://shop.example",
}


def main(wanted: list[str]) -> int:
    """Will run the checks named, or all, print what failing ones say, and return 1 if any failed."""
    names = wanted or list(CHECKS)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        failed = [name for name, passed in zip(names, pool.map(_passes, names), strict=True) if not passed]
    if failed:
        say("check", f"failed: {', '.join(failed)} (again: make check ARGS='{' '.join(failed)}')")
    return 1 if failed else 0


def _passes(name: str) -> bool:
    """Will run one check, and print how it ended; of one that failed, what it says."""
    started_at = time.monotonic()
    environment = os.environ | (PRODUCTION if name == "deploy" else {})
    done = subprocess.run(CHECKS[name], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    passed = done.returncode == 0
    left_out = done.stdout.startswith("left out")
    outcome = "-     " if passed and left_out else "ok    " if passed else "FAILED"
    say("check", f"{outcome} {name} ({time.monotonic() - started_at:.1f} s)")
    if passed and left_out:
        say("check", done.stdout.strip())
    if not passed:
        print(done.stdout + done.stderr, flush=True)
    return passed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
