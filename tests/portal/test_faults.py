"""Pages nobody wants to see say what happened, what did not, and what to do."""

import logging
import re
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.views.csrf import csrf_failure
from django.views.defaults import permission_denied

from membership_site import faults


def said(answer: Any) -> str:
    """Will return what a page says, in one line."""
    return " ".join(answer.content.decode().split())


@pytest.fixture
def request_of_nobody(rf: RequestFactory) -> HttpRequest:
    """A request before any middleware saw it, as after a fault in one."""
    return rf.get("/points/")


def test_a_fault_has_a_number_that_stands_in_the_log(
    request_of_nobody: HttpRequest, caplog: pytest.LogCaptureFixture
) -> None:
    """No session and no database are needed to say it."""
    with caplog.at_level(logging.ERROR):
        answer = faults.server_error(request_of_nobody)
    assert answer.status_code == 500
    number = re.search(r"tell us this number: (\w+)", said(answer))
    assert number
    assert number.group(1) in caplog.text
    assert "no points moved" in said(answer)


@pytest.mark.django_db
def test_a_page_that_is_not_there(client: Client) -> None:
    """The way back is on it."""
    answer = client.get("/nowhere/")
    assert answer.status_code == 404
    assert "There is no page here" in said(answer)
    assert 'href="/"' in said(answer)


def test_a_refusal_gives_its_reason(request_of_nobody: HttpRequest) -> None:
    """The reason of whoever refused, else a general one."""
    assert "Only auditors" in said(permission_denied(request_of_nobody, PermissionDenied("Only auditors.")))
    assert "Nothing was changed" in said(permission_denied(request_of_nobody, PermissionDenied()))


def test_a_form_that_was_too_old(request_of_nobody: HttpRequest) -> None:
    """A post without its token is told what to do."""
    answer = csrf_failure(request_of_nobody)
    assert answer.status_code == 403
    assert "The form was too old" in said(answer)
