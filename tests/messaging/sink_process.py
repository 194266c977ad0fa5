"""`python -m tests.messaging.sink_process FILE`: a mail server that notes whom each message was for, and no more."""

import asyncio
import re
import sys

from aiosmtpd.smtp import SMTP

ID = re.compile(rb"^Message-ID: <([^@>]+)@", re.MULTILINE)


class Writes:
    """Writes a line for each message it takes, before it says that it took it."""

    def __init__(self, file):
        self.file = file

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        found = ID.search(envelope.content)
        self.file.write(f"{found[1].decode()} {envelope.rcpt_tos[0]}\n")
        return "250 taken"


async def listen(file):
    """Will listen until it is killed; prints its port."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Writes(file), loop=loop), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    with open(sys.argv[1], "a", buffering=1) as lines:  # noqa: PTH123
        asyncio.run(listen(lines))
