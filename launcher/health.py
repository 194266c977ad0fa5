"""Asks the site on this machine whether it is ready: for the supervisor, and for health checks of containers."""

from __future__ import annotations

import http.client
import os
import sys


def why_not_ready(port: int) -> str:
    """Will return what is the matter with the site at `port`, empty if it is ready.

    The request names a host the site allows and says it came by HTTPS, as one through the proxy would.
    """
    allowed = os.environ.get("ALLOWED_HOSTS", "").split(",")[0].strip().lstrip(".*")
    headers = {"Host": allowed or "localhost", "X-Forwarded-Proto": "https"}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/readyz", headers=headers)
        answer = connection.getresponse()
        said = answer.read(500).decode(errors="replace")
    except (OSError, http.client.HTTPException) as error:
        return f"/readyz does not answer ({error})"
    finally:
        connection.close()
    return "" if answer.status == http.HTTPStatus.OK else f"/readyz answers {answer.status}: {said}"


if __name__ == "__main__":
    sys.exit(why_not_ready(int(sys.argv[1])) or 0)
