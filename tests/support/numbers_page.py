"""A page that pushes a number over the live line, and connecting to it by Starlette's TestClient."""

import json
import threading

from starlette.testclient import TestClient

from core.serving.channel import Look, Page
from core.serving.commands import Command, Ledger
from core.serving.visitors import COOKIE

PATH, ORIGIN, TOKEN = "/letterspace/live", "http://testserver", "t" * 32


class Counter(Page):
    """Pushes a number that the test sets, and notes commands: those begun, and (name, value) of those carried out.

    gate: a command waits for it.
    """

    def __init__(self, token: str | None = TOKEN, ledger: Ledger | None = None):
        super().__init__(token)
        self.ledger, self.gate = ledger or Ledger(), threading.Event()
        self.begun, self.carried_out = [], []
        self.gate.set()
        self.number, self.told, self.looks, self.heard, self.paces = 0, None, 0, [], []

    def set(self, number: int, urgent: bool = False) -> None:
        self.number = number
        self.wake(urgent)

    def parse(self, said: object) -> object:
        return said if isinstance(said, int) else 0

    def look(self, have: object, always: bool) -> Look:
        self.looks += 1
        same, self.told = self.number == self.told, self.number
        text = None if same and not always else json.dumps({"number": self.number, "have": have})
        return Look(text, self.number)

    def hear(self, name: str, value: object) -> bool:
        self.heard.append((name, value))
        return name == "cursor"

    def carry_out(self, command: Command) -> str:
        return self.ledger.carry_out(command, lambda: self._act(command))

    def _act(self, command: Command) -> str:
        self.begun.append(command.name)
        assert self.gate.wait(60)
        self.carried_out.append((command.name, command.value))
        return "No nonsense." if command.name == "nonsense" else ""

    def renew(self, pace: float) -> None:
        self.paces.append(pace)


def line(browser: TestClient, page: str, token: str | None = TOKEN, origin: str | None = ORIGIN):
    headers = {"Cookie": f"{COOKIE}={token}"} if token else {}
    return browser.websocket_connect(f"{PATH}?page={page}", headers=headers | ({"Origin": origin} if origin else {}))
