"""Killing what works on the database, and comparing what is left: for tests with real commits."""

import multiprocessing
import random
import time
from collections.abc import Callable, Collection
from typing import Any

from django.apps import apps
from django.db import connection, connections

OUR_ROOMS = ("kit", "members", "orders", "points", "tiers")
OWN = {"id", "order_id", "member_id", "received_at", "recorded_at", "created_at", "date_joined"}
"""What a row has of its own, however it was written: numbers, and the instants of writing."""

FORK = multiprocessing.get_context("fork")


def everything(but: Collection[str] = (), own: Collection[str] = ()) -> dict[str, list[tuple[Any, ...]]]:
    """Will return all rows of our tables in the order they were written, without what is their own."""
    rows = {}
    for model in apps.get_models():
        if model.__module__.split(".")[0] in OUR_ROOMS and model.__name__ not in but:
            kept = [field.attname for field in model._meta.concrete_fields if field.attname not in {*OWN, *own}]
            rows[model.__name__] = [tuple(row) for row in model.objects.order_by("pk").values_list(*kept)]
    return rows


def killed_when(
    work: Callable[[Any], None], is_time: Callable[[int], bool], chance: random.Random, *, within: float = 0.02
) -> int:
    """Will do work in a process of its own and kill -9 it a moment after it is time; returns its exit code.

    The work gets a counter to count what it has done, which `is_time` reads.
    """
    count = FORK.RawValue("i", 0)
    connections.close_all()
    process = FORK.Process(target=_alone, args=(work, count))
    process.start()
    while process.is_alive() and not is_time(count.value):
        time.sleep(0.001)
    time.sleep(chance.random() * within)
    process.kill()
    process.join()
    _end_what_is_left_open()
    return int(process.exitcode or 0)


def _alone(work: Callable[[Any], None], count: Any) -> None:
    """Will work on a connection of its own, whatever the parent had open when it forked."""
    connections["default"].connection = None
    work(count)


def _end_what_is_left_open() -> None:
    """Will see to it that the server is through with whoever was killed: it may still be at his last statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid, 30000) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'"
        )
