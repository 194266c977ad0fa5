#!/usr/bin/env python
"""Django's commands; where DATABASE_URL or REDIS_URL is not set, on the embedded servers of this checkout."""

import os
import shlex
import sys

from launcher import places, servers


def main() -> int:
    """Will run one command; `env` prints how other programs reach the same servers."""
    places.read_dotenv()
    if not {"DATABASE_URL", "REDIS_URL"} <= os.environ.keys():
        try:
            os.environ.update(servers.ensure())
        except places.Refused as refusal:
            sys.exit(str(refusal))
    if sys.argv[1:] == ["env"]:
        for name in ("DATABASE_URL", "REDIS_URL"):
            print(f"export {name}={shlex.quote(os.environ[name])}")
        return 0
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "membership_site.settings")

    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
    return 0


if __name__ == "__main__":
    sys.exit(main())
