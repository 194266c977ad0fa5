"""`python -m tests.torture.shop`: a shop that tells of its day, and says everything again until it is answered.

What was answered with a success stands in its journal, a line a call, so that it can be asked again and done again
elsewhere: numbers that only an answer gave - a reservation, a quote's hash - stand there as `{call.field}`.
"""

import argparse
import contextlib
import datetime as dt
import http.client
import json
import random
import re
import signal
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.torture.clockwork import Clock

REFERENCE = re.compile(r"\{(\d+)\.(\w+)\}")
PAUSE_SECONDS = 0.02
PATIENCE_SECONDS = 30
AGAIN = frozenset({"idempotency_key_running"})
MEMBERS_MAX = 40
GOODS = (("OAT-50", "60.25", "skincare"), ("TEA-9", "39.50", "tea"), ("LAMP-1", "349.00", "home"))


def resolved(text: str, answers: dict[int, dict[str, Any]]) -> str:
    """Will put into a text what earlier calls answered."""
    return REFERENCE.sub(lambda found: str(answers[int(found[1])][found[2]]), text)


class Line:
    """A connection to the api that is made anew whenever it breaks."""

    def __init__(self, port: int, key: str) -> None:
        self.port = port
        self.key = key
        self.connection: http.client.HTTPConnection | None = None

    def once(self, method: str, path: str, body: str | None, key: str | None) -> tuple[int, str]:
        """Will send one call; raises OSError or HTTPException where no whole answer came."""
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json", "Accept-Language": "en"}
        if key:
            headers["Idempotency-Key"] = key
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        try:
            self.connection.request(method, path, body=body, headers=headers)
            answer = self.connection.getresponse()
            return answer.status, answer.read().decode()
        except (OSError, http.client.HTTPException):
            self.connection.close()
            self.connection = None
            raise

    def until_answered(self, method: str, path: str, body: str | None, key: str | None) -> tuple[int, str, int]:
        """Will send a call until it is answered by the product, and return how often it was sent as well."""
        tries = 0
        while True:
            tries += 1
            with contextlib.suppress(OSError, http.client.HTTPException):
                status, text = self.once(method, path, body, key)
                if status < 500 and not (status == 409 and json.loads(text).get("code") in AGAIN):
                    return status, text, tries
            time.sleep(min(0.1 * tries, 1))


@dataclass
class Order:
    """What the shop knows of an order of its own."""

    id: str
    member: str
    placed_at: str
    lines: list[dict[str, Any]]
    left: dict[str, int]
    more: dict[str, Any] = field(default_factory=dict)


class Shop:
    """One shop with members of its own, whose days do not depend on what other shops do."""

    def __init__(self, name: str, line: Line, journal: Path, clock: Clock, seed: int) -> None:
        self.name = name
        self.line = line
        self.journal = journal.open("a", buffering=1)
        self.clock = clock
        self.chance = random.Random(seed)
        self.calls = 0
        self.answers: dict[int, dict[str, Any]] = {}
        self.members: list[str] = []
        self.orders: list[Order] = []
        self.redeemed: list[int] = []
        self.held: list[tuple[int, str, list[dict[str, Any]]]] = []

    # ---- calls

    def call(self, method: str, path: str, body: dict[str, Any] | None = None, *, keyed: bool = True) -> int:
        """Will make a call until it is answered, and return its number, 0 if it was refused; a success is noted."""
        self.calls += 1
        number = self.calls
        template = None if body is None else json.dumps(body)
        key = str(uuid.UUID(int=self.chance.getrandbits(128))) if keyed else None
        sent = None if template is None else resolved(template, self.answers)
        asked = self.clock.now().isoformat()
        status, text, tries = self.line.until_answered(method, resolved(path, self.answers), sent, key)
        if status >= 300:
            return 0
        self.answers[number] = json.loads(text)
        noted = {
            "number": number,
            "asked": asked,
            "at": self.clock.now().isoformat(),
            "method": method,
            "path": path,
            "body": template,
            "key": key,
            "status": status,
            "text": text,
            "tries": tries,
        }
        self.journal.write(json.dumps(noted) + "\n")
        return number

    def _recently(self, minutes: int = 600) -> str:
        return (self.clock.now() - dt.timedelta(seconds=self.chance.randrange(60 * minutes))).isoformat()

    # ---- what happens in a shop

    def join(self) -> None:
        """Will register somebody new."""
        who = f"{self.name}-{len(self.members) + 1}"
        consent = {"channel": "email", "purpose": "marketing", "given": True, "text": "Send me offers."}
        body = {"external_id": who, "email": f"{who}@example.com", "name": who.title(), "consents": [consent]}
        if self.call("POST", "/api/v1/members", body):
            self.members.append(who)

    def order(self) -> None:
        """Will tell of a paid order."""
        order = Order(f"{self.name}-o{self.calls}", self._somebody(), self._recently(), self._goods(), {})
        self._state(order)
        self.orders.append(order)

    def change(self) -> None:
        """Will tell of an order anew: with other units, or cancelled."""
        if not self.orders:
            return
        order = self.chance.choice(self.orders)
        if self.chance.random() < 0.3:
            self._state(order, status="cancelled")
            self.orders.remove(order)
            return
        order.lines = [{**line, "quantity": self.chance.randint(1, 4)} for line in order.lines]
        self._state(order)

    def refund(self) -> None:
        """Will take back some units of an order."""
        order = self.chance.choice(self.orders) if self.orders else None
        line = next((line for line, left in order.left.items() if left), None) if order else None
        if order is None or line is None:
            return
        units = self.chance.randint(1, order.left[line])
        body = {"refunded_at": self.clock.now().isoformat(), "lines": [{"line_id": line, "quantity": units}]}
        keyed = self.chance.random() < 0.5
        if self.call("PUT", f"/api/v1/orders/web/{order.id}/refunds/r{self.calls}", body, keyed=keyed):
            order.left[line] -= units

    def event(self) -> None:
        """Will tell of something a member did."""
        kind = self.chance.choice(["check_in", "review", "share", "survey", "profile_completed", "visited"])
        body = {
            "event_id": f"{self.name}-e{self.calls}",
            "source": "web",
            "type": kind,
            "member": {"external_id": self._somebody()},
            "occurred_at": self._recently(60),
            "properties": {"photo": self.chance.random() < 0.5} if kind == "review" else {},
        }
        self.call("POST", "/api/v1/events", body)

    def checkout(self) -> None:
        """Will quote a cart and hold it; what becomes of it is decided later."""
        who, goods = self._somebody(), self._goods()
        cart = {"currency": "CNY", "lines": goods, "shipping": "8.00"}
        asked = {"member": {"external_id": who}, "cart": cart, "points": self.chance.choice(["max", 0, 100])}
        quote = self.call("POST", "/api/v1/checkout/quotes", asked, keyed=False)
        if not quote:
            return
        body = {**asked, "quote_hash": f"{{{quote}.quote_hash}}", "ttl_seconds": self.chance.choice([60, 900, 86_400])}
        if held := self.call("POST", "/api/v1/checkout/reservations", body):
            self.held.append((held, who, goods))

    def settle(self) -> None:
        """Will pay for a cart that is held, give it up, or forget it."""
        if not self.held:
            return
        held, who, goods = self.held.pop(self.chance.randrange(len(self.held)))
        path = f"/api/v1/checkout/reservations/{{{held}.reservation}}"
        fate = self.chance.random()
        if fate < 0.2:
            return
        if fate < 0.4:
            self.call("DELETE", path, keyed=self.chance.random() < 0.5)
            return
        order = Order(f"{self.name}-c{self.calls}", who, self.clock.now().isoformat(), goods, {})
        done = self.call("POST", f"{path}/confirm", {"source": "web", "order_id": order.id})
        if done:
            order.more = {"points_paid": self.answers[done]["points_used"]}
            self._state(order)
            self.orders.append(order)

    def redeem(self) -> None:
        """Will let somebody have a reward."""
        body = {"member": {"external_id": self._somebody()}, "reward": self.chance.choice(["trial", "reward-10"])}
        if done := self.call("POST", "/api/v1/redemptions", body):
            self.redeemed.append(done)

    def give_back(self) -> None:
        """Will take a reward back."""
        if self.redeemed:
            done = self.redeemed.pop(self.chance.randrange(len(self.redeemed)))
            self.call("POST", f"/api/v1/redemptions/{{{done}.redemption}}/cancel", {})

    def live(self, step: Any) -> None:
        """Will do one thing of a day, and another until somebody says stop."""
        deeds = [self.order] * 6 + [self.change, self.refund, self.refund, self.checkout, self.checkout, self.settle]
        deeds += [self.settle] + [self.event] * 4 + [self.redeem, self.redeem, self.give_back]
        while not step():
            is_new = not self.members or (len(self.members) < MEMBERS_MAX and self.chance.random() < 0.1)
            (self.join if is_new else self.chance.choice(deeds))()
            time.sleep(self.chance.random() * PAUSE_SECONDS)

    # ---- leaves

    def _somebody(self) -> str:
        return self.chance.choice(self.members)

    def _goods(self) -> list[dict[str, Any]]:
        chosen = self.chance.sample(GOODS, self.chance.randint(1, len(GOODS)))
        return [
            {"line_id": str(place), "sku": sku, "category": category, "quantity": self.chance.randint(1, 3),
             "unit_price": price}
            for place, (sku, price, category) in enumerate(chosen, 1)
        ]  # fmt: skip

    def _state(self, order: Order, status: str = "paid") -> None:
        body = {
            "member": {"external_id": order.member},
            "placed_at": order.placed_at,
            "updated_at": self.clock.now().isoformat(),
            "status": status,
            "currency": "CNY",
            "lines": order.lines,
            **order.more,
        }
        if self.call("PUT", f"/api/v1/orders/web/{order.id}", body, keyed=self.chance.random() < 0.5):
            order.left = {line["line_id"]: line["quantity"] for line in order.lines}


def main() -> None:
    """Will live until SIGTERM comes, and finish the call it is at."""
    parser = argparse.ArgumentParser()
    for name in ("--name", "--key", "--journal", "--clock"):
        parser.add_argument(name, required=True)
    for name in ("--port", "--seed"):
        parser.add_argument(name, type=int, required=True)
    given = parser.parse_args()
    stopped: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _frame: stopped.append(number))
    line = Line(given.port, given.key)
    shop = Shop(given.name, line, Path(given.journal), Clock(Path(given.clock)), given.seed)
    shop.live(lambda: bool(stopped))


if __name__ == "__main__":
    main()
