"""A page that pushes a number over the live line, and connecting to it by Starlette's TestClient."""

import json

from starlette.testclient import TestClient

from core.serving.channel import Look, Page
from core.serving.visitors import COOKIE

PATH, ORIGIN, TOKEN = "/letterspace/live", "http://testserver", "t" * 32


class Counter(Page):
    """Pushes a number that the test sets."""

    def __init__(self, token: str | None = TOKEN):
        super().__init__(token)
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

    def renew(self, pace: float) -> None:
        self.paces.append(pace)


def line(browser: TestClient, page: str, token: str | None = TOKEN, origin: str | None = ORIGIN):
    headers = {"Cookie": f"{COOKIE}={token}"} if token else {}
    return browser.websocket_connect(f"{PATH}?page={page}", headers=headers | ({"Origin": origin} if origin else {}))
