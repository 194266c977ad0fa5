"""The site's metrics for Prometheus: what waits, how long nights took, how the doors answer, whether the proof held.

Everything is read when it is asked for - from the database, the broker and the sums of kit.counters - so that any
process of the site can answer for all of them.
"""

import hmac
from collections.abc import Iterator

from celery import current_app
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector
from redis.exceptions import RedisError

from kit import clock, counters, jobs
from kit.enums import RunState
from membership_site.middleware import SECONDS_BUCKETS
from messaging import queries as messaging_queries

QUEUE = "celery"


@require_safe
@never_cache
def show(request: HttpRequest) -> HttpResponse:
    """Will answer whoever bears METRICS_TOKEN; without such a token there is no such page."""
    token = settings.METRICS_TOKEN
    given = request.headers.get("Authorization", "")
    if not token or not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
        return HttpResponseNotFound("There is no such page.", content_type="text/plain")
    registry = CollectorRegistry()
    registry.register(_Site())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)


class _Site(Collector):
    """Reads everything once."""

    def collect(self) -> Iterator[Metric]:
        """Will yield each metric; what the broker would have to say is left out while it is away."""
        yield from _outbox()
        yield from _nights()
        try:
            yield _queue()
            yield from _doors(dict(counters.read()))
        except (RedisError, OSError):
            return


def _outbox() -> Iterator[Metric]:
    count = GaugeMetricFamily("membership_outbox_messages", "Messages not over, by state.", labels=["channel", "state"])
    oldest = GaugeMetricFamily(
        "membership_outbox_oldest_seconds", "For how long the oldest has been due.", labels=["channel", "state"]
    )
    for row in messaging_queries.backlog(clock.now()):
        count.add_metric([row.channel, row.state], row.count)
        oldest.add_metric([row.channel, row.state], row.oldest_seconds)
    yield count
    yield oldest


def _nights() -> Iterator[Metric]:
    seconds = GaugeMetricFamily("membership_step_seconds", "How long a step took of late.", labels=["step"])
    behind = GaugeMetricFamily("membership_step_days_behind", "Finished dates without this step.", labels=["step"])
    state = GaugeMetricFamily(
        "membership_step_state", "1 for the state of a step's last run.", labels=["step", "state"]
    )
    violations = GaugeMetricFamily("membership_proof_violations", "What the last proof of a night found not to hold.")
    last = clock.last_finished_date(clock.now())
    for run in jobs.last_runs():
        if run.finished_at:
            seconds.add_metric([run.step], (run.finished_at - run.started_at).total_seconds())
        is_done = run.state == RunState.DONE
        behind.add_metric([run.step], (last - run.business_date).days + (0 if is_done else 1))
        state.add_metric([run.step, run.state], 1)
        if "violations" in run.detail:
            violations.add_metric([], run.detail["violations"])
    yield from (seconds, behind, state, violations)


def _queue() -> Metric:
    with current_app.connection_for_read() as connection:
        waiting = connection.default_channel.client.llen(QUEUE)  # type: ignore[attr-defined]
    return GaugeMetricFamily("membership_tasks_waiting", "Tasks that no worker has taken yet.", value=waiting)


def _doors(sums: dict[tuple[str, ...], float]) -> Iterator[Metric]:
    requests = CounterMetricFamily("membership_requests", "Answers, by door and kind.", labels=["door", "status"])
    took = HistogramMetricFamily("membership_request_seconds", "How long answers took, by door.", labels=["door"])
    refusals = CounterMetricFamily("membership_api_refusals", "Calls that were refused, by code.", labels=["code"])
    messages = CounterMetricFamily("membership_messages", "What became of messages.", labels=["channel", "outcome"])
    for (name, *labels), amount in sorted(sums.items()):
        plain = {"requests": requests, "refusals": refusals, "messages": messages}.get(name)
        if plain is not None:
            plain.add_metric(labels, amount)
        if name == "seconds":
            took.add_metric(labels, _buckets(sums, labels[0]), sum_value=amount)
    yield from (requests, took, refusals, messages)


def _buckets(sums: dict[tuple[str, ...], float], door: str) -> list[tuple[str, float]]:
    """Will return how many answers took at most so long, each bucket with all smaller ones."""
    total, found = 0.0, []
    for edge in (*map(str, SECONDS_BUCKETS), "+Inf"):
        total += sums.get(("took", door, edge), 0)
        found.append((edge, total))
    return found
