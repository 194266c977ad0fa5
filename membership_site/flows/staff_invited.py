"""Somebody of the staff is invited: the link by which he chooses a password goes to him by mail."""

import datetime as dt

from messaging import jobs as messaging_jobs


def send_link(*, address: str, subject: str, text: str, language: str, at: dt.datetime) -> bool:
    """Will send the mail as MESSAGE_EMAIL says; False where somebody has to hand the link over himself."""
    return messaging_jobs.hand_over_letter(address=address, subject=subject, text=text, language=language, at=at)
