"""What `make check` runs: every gate besides the tests, all of them even if one fails."""

from __future__ import annotations

import os
import subprocess
import sys
import time

from launcher.places import ROOT
from launcher.processes import say

PYTHON = [sys.executable, "-m"]
MANAGE = [sys.executable, "manage.py"]
CHECKS = {
    "format": [*PYTHON, "ruff", "format", "--check", "."],
    "lint": [*PYTHON, "ruff", "check", "."],
    "templates": [*PYTHON, "djlint", "--lint", "--quiet", "templates"],
    "types": [*PYTHON, "mypy"],
    "imports": [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()"],
    "architecture": [*PYTHON, "pytest", "-q", "tests/architecture"],
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
    failed = []
    for name in wanted or list(CHECKS):
        started_at = time.monotonic()
        environment = os.environ | (PRODUCTION if name == "deploy" else {})
        done = subprocess.run(CHECKS[name], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        say("check", f"{'ok    ' if done.returncode == 0 else 'FAILED'} {name} ({time.monotonic() - started_at:.1f} s)")
        if done.returncode:
            failed.append(name)
            print(done.stdout + done.stderr, flush=True)
    if failed:
        say("check", f"failed: {', '.join(failed)} (again: make check ARGS='{' '.join(failed)}')")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
