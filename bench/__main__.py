"""`python -m bench [names]`: measures what is wanted, a bench or all whose names begin so, and prints a line each."""

import os
import sys
from collections.abc import Callable, Iterator

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "membership_site.settings")


def results(wanted: Callable[[str], bool]) -> Iterator[object]:
    """Will yield the result of each bench that is wanted; the imports come last, for they empty the tables."""
    from bench import codes, freeze, importing, ladder, ledger, night, pages, quote, replay, segments, send
    from bench.measure import Result, scale

    yield from night.measure(wanted)
    yield from ledger.measure(wanted)
    yield from ladder.measure(wanted)
    yield from replay.measure(wanted)
    yield from codes.measure(wanted)
    yield from quote.measure(wanted)
    yield from send.measure(wanted)
    yield from segments.measure(wanted)
    yield from freeze.measure(wanted)
    yield from pages.measure(wanted)
    if wanted("import"):
        for name, ours, limit, goal in importing.measure(scale()):
            yield Result(name, ours, limit, goal)


def main(names: list[str]) -> int:
    """Will print a line per bench; returns 1 where a name is unknown."""
    from django.core.management import call_command

    def wanted(bench: str) -> bool:
        return not names or any(bench == name or bench.startswith(f"{name}-") for name in names)

    django.setup()
    call_command("migrate", verbosity=0)
    found = 0
    for result in results(wanted):
        print(result, flush=True)
        found += 1
    if not found:
        print(f"No bench is called {' or '.join(names)}.", file=sys.stderr)
    return 0 if found else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
