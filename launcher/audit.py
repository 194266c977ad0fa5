"""Asks the public database of vulnerabilities about every package that runs in production, as pinned.

Where the network is closed nothing can be asked: it says so and lets pass, unless AUDIT=required.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from urllib.parse import urlsplit

from launcher.places import ROOT

DATABASE = "https://api.osv.dev"
SECONDS = 5


def main() -> int:
    """Will print what is known of our packages and return 1 if anything is, or if it had to be asked and cannot be."""
    database = os.environ.get("AUDIT_DATABASE", DATABASE)
    if not answers(database):
        required = os.environ.get("AUDIT") == "required"
        print(f"{'not done' if required else 'left out'}: {database} cannot be reached from here")
        return 1 if required else 0
    command = [sys.executable, "-m", "pip_audit", "--disable-pip", "--require-hashes", "--progress-spinner", "off"]
    command += ["-r", "requirements/base.txt", "--vulnerability-service", "osv", "--osv-url", f"{database}/v1/query"]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def answers(address: str) -> bool:
    """Will tell whether anybody listens at an address."""
    parts = urlsplit(address)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        socket.create_connection((parts.hostname or "", port), SECONDS).close()
    except OSError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
