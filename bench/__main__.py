"""`python -m bench [names]`: measures what is wanted - a bench, or all whose names begin so - and prints a line each."""

import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "membership_site.settings")
django.setup()

from bench import GROUPS, load  # noqa: E402  (Django first)


def main(names: list[str]) -> int:
    """Will print a line per bench; returns 1 where a name is unknown."""

    def wanted(bench: str) -> bool:
        return not names or any(bench == name or bench.startswith(f"{name}-") for name in names)

    found = 0
    for group in GROUPS:
        for result in load(group)(wanted):
            print(result, flush=True)
            found += 1
    if not found:
        print(f"No bench is called {' or '.join(names)}.", file=sys.stderr)
    return 0 if found else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
