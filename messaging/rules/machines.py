"""Messaging's rules of machines that open and click before people do: mail scanners, privacy proxies. Pure."""

import datetime as dt
import re

AT_ONCE = dt.timedelta(seconds=2)
"""Nobody opens a message or follows its link so soon after it was sent."""
MACHINES = re.compile(
    r"bot\b|crawler|spider|scanner|preview|googleimageproxy|yahoomailproxy|ggpht|safelinks|barracuda|proofpoint|"
    r"mimecast|symantec|trendmicro|urldefense|cloudmark|headless|python-|curl/|wget/|go-http-client|java/|okhttp|"
    r"libwww|facebookexternalhit|slackbot|whatsapp",
    re.IGNORECASE,
)
BARE = re.compile(r"Mozilla/5\.0\s*", re.IGNORECASE)
"""Apple's privacy proxy says no more than this."""


def is_machine(user_agent: str, sent_at: dt.datetime | None, at: dt.datetime) -> bool:
    """Will say whether an opening or a click was hardly a person's."""
    if not user_agent.strip() or BARE.fullmatch(user_agent) or MACHINES.search(user_agent):
        return True
    return sent_at is not None and at - sent_at < AT_ONCE
