"""The audit asks a real server about every pinned package, finds what is known, and says when it cannot ask."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from launcher.places import ROOT, free_port

KNOWN = {
    "vulns": [
        {
            "id": "TRIAL-1", "modified": "2026-01-01T00:00:00Z", "published": "2026-01-01T00:00:00Z",
            "summary": "A trial", "details": "A trial", "aliases": [],
            "affected": [
                {
                    "package": {"name": "segno", "ecosystem": "PyPI"},
                    "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "99.0"}]}],
                    "versions": [],
                }
            ],
        }
    ]
}  # fmt: skip


@pytest.fixture
def database() -> Iterator[Any]:
    """A database of vulnerabilities that knows of those it is told of, and notes who was asked about."""

    class Asked(BaseHTTPRequestHandler):
        bad: str = ""
        names: set[str] = set()

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self.names.add(asked["package"]["name"])
            body = json.dumps(KNOWN if asked["package"]["name"] == type(self).bad else {}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Will say nothing."""

    Asked.names, Asked.bad = set(), ""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Asked)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    Asked.address = f"http://127.0.0.1:{server.server_port}"
    yield Asked
    server.shutdown()
    server.server_close()


def audit(address: str, **more: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "AUDIT_DATABASE": address, **more}
    command = [sys.executable, "-m", "launcher.audit"]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_every_pinned_package_is_asked_about(database: Any) -> None:
    done = audit(database.address)
    assert done.returncode == 0, done.stdout + done.stderr
    pinned = {
        line.partition("==")[0].partition("[")[0].lower()
        for line in (ROOT / "requirements" / "base.txt").read_text().splitlines()
        if "==" in line and not line.startswith((" ", "#")) and ";" not in line
    }
    assert pinned <= {name.lower() for name in database.names}


def test_what_is_known_fails(database: Any) -> None:
    database.bad = "segno"
    done = audit(database.address)
    assert done.returncode == 1 and "TRIAL-1" in done.stdout + done.stderr


def test_a_closed_network_is_said(database: Any) -> None:
    nowhere = f"http://127.0.0.1:{free_port()}"
    assert "left out" in audit(nowhere).stdout and audit(nowhere).returncode == 0
    assert audit(nowhere, AUDIT="required").returncode == 1
