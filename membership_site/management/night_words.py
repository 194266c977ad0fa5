"""How commands say what came of a step of the night."""

from kit.enums import RunState
from membership_site.flows.nightly import WAITING, Outcome

STATES = {
    RunState.DONE: ("done", "would be done"),
    RunState.FAILED: ("FAILED", "would fail"),
    RunState.HELD: ("HELD", "would be held"),
    WAITING: ("waits", "would wait"),
}


def in_words(outcome: Outcome, *, dry_run: bool) -> str:
    """Will say a step's outcome in one line: date, step, state, rows changed, counts, and why it stopped."""
    state = STATES[outcome.state][dry_run]
    counts = {name: value for name, value in outcome.detail.items() if isinstance(value, int) and value}
    detail = ", ".join(f"{name} {value}" for name, value in counts.items())
    line = f"{outcome.date} {outcome.step}: {state}, {outcome.rows} rows"
    return line + (f" ({detail})" if detail else "") + (f" - {outcome.error}" if outcome.error else "")
