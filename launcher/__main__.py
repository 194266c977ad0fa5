"""The commands of the launcher, as the Makefile calls them."""

from __future__ import annotations

import argparse
import signal
import sys

from launcher import supervisor, throwaway
from launcher.places import Refused, read_dotenv
from launcher.processes import say


def main() -> int:
    """Will run one command and return its exit code; what a person has to mend is told in a sentence."""
    parser = argparse.ArgumentParser(prog="python -m launcher", description=__doc__)
    parser.add_argument("command", choices=["up", "down", "status", "test", "check", "bench", "run", "clean"])
    known, rest = parser.parse_known_args()
    rest = rest[1:] if rest[:1] == ["--"] else rest
    python = [sys.executable, "-m"]
    try:
        match known.command:
            case "test":
                # The whole suite takes all cores, a file at a time each; a part of it is run as it is asked for.
                whole = [] if rest else ["-n", "logical", "--dist", "loadfile", "--no-loadscope-reorder"]
                return throwaway.run([*python, "pytest", *whole, *rest], with_browser=True)
            case "check":
                return throwaway.run([*python, "launcher.checks", *rest])
            case "bench":
                return throwaway.run([*python, "bench", *rest], durable=True)
            case "run":
                return throwaway.run(rest, with_browser=True)
        read_dotenv()
        commands = {
            "up": supervisor.up,
            "down": supervisor.down,
            "status": supervisor.status,
            "clean": supervisor.clean,
        }
        return commands[known.command]()
    except Refused as refusal:
        say("launcher", str(refusal))
        return 1


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main())
