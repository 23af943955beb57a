"""The live line of a page, as assets/page/common/line.js speaks it; for tests/support/tab.py."""

import asyncio
import contextlib
import json
import secrets
import time
import urllib.request
from collections.abc import AsyncIterator
from http.cookies import SimpleCookie
from typing import Self
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from tests.support.logs import FeedReader
from tests.support.loss_figures import LossReader

WITHIN = 60.0  # seconds that an answer may take


class Lost(Exception):
    """The connection was cut, or the server is not there."""


def cookie_of(address: str) -> dict[str, str]:
    """The cookies of the index page, as a browser would keep them."""
    try:
        asked = urllib.request.Request(address, headers={"Accept": "text/html"})
        with urllib.request.urlopen(asked, timeout=WITHIN) as answer:
            set_cookies = answer.headers.get_all("Set-Cookie", [])
    except OSError as error:
        raise Lost(str(error)) from error
    return {name: morsel.value for said in set_cookies for name, morsel in SimpleCookie(said).items()}


class LiveLine:
    """told: the last complete message; frames, answers: all that were received. seen, bar: of the last message.

    acknowledges: whether it does so all the time, as a browser does, and is told every moment of the run; else only
    what it asks for.
    """

    def __init__(self, key: str, socket: ClientConnection, acknowledges: bool = False):
        self.key, self._socket, self.acknowledges = key, socket, acknowledges
        self.told: dict = {}
        self._feed, self._losses = FeedReader(), LossReader()
        self.seen, self.bar, self.pushed, self.open = "", {}, 0, True
        self._page, self._commands, self._done = secrets.token_hex(16), 0, asyncio.Queue()
        self._waiting: asyncio.Future | None = None
        self._reader = asyncio.create_task(self._read())

    @classmethod
    async def to(cls, address: str, key: str, cookies: dict[str, str], acknowledges: bool = False) -> Self:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
        try:
            socket = await connect(
                f"ws://{urlsplit(address).netloc}/letterspace/live?page={key}", origin=address, compression=None,
                additional_headers=headers, max_size=None, ping_interval=None, open_timeout=WITHIN,
            )  # fmt: skip
        except (OSError, InvalidHandshake, ConnectionClosed) as error:
            raise Lost(str(error)) from error
        return cls(key, socket, acknowledges)

    async def _read(self) -> None:
        with contextlib.suppress(ConnectionClosed):
            async for text in self._socket:
                message = json.loads(text)
                if "did" in message:
                    self._done.put_nowait(message)
                    continue
                self._receive(message)
                if self.acknowledges:
                    await self._socket.send(json.dumps({"ack": self._number}))
        self.open = False
        self._done.put_nowait(None)
        if self._waiting and not self._waiting.done():
            self._waiting.set_exception(Lost("The connection was cut."))

    def _receive(self, message: dict) -> None:
        self._number, self.seen, self.bar = message["n"], message["seen"], message["bar"]
        self.pushed += 1
        if "head" in message:
            self._feed.take(message)
            self.told = message | {"loss": self._losses.receive(message["loss"])}
        if message["hello"] and self._waiting and not self._waiting.done():
            self._waiting.set_result(None)

    @property
    def frames(self) -> list[dict]:
        return self._feed.frames

    @property
    def answers(self) -> list[dict]:
        return self._feed.answers

    async def ask(self) -> float:
        """Ask for the current state of the run; returns how long the answer took, in seconds."""
        began, self._waiting = time.perf_counter(), asyncio.get_running_loop().create_future()
        have = [*self._feed.have, *self._losses.have]
        await self.say("hello", have)
        try:
            await asyncio.wait_for(self._waiting, WITHIN)
        except TimeoutError:
            raise Lost(f"The server did not say within {WITHIN:.0f} s where the run is.") from None
        return time.perf_counter() - began

    async def order(self, name: str, value=None) -> float:
        """Send a command and wait until it was carried out; seconds that it took. One at a time."""
        began, problem = time.perf_counter(), await self.command(name, value)
        assert not problem, f"{name}: {problem}"
        return time.perf_counter() - began

    async def command(self, name: str, value=None) -> str:
        """Send a command and wait for its answer: why it was not carried out, or ""."""
        self._commands += 1
        await self.say("do", [self._page, self._commands, name, value])
        try:
            done = await asyncio.wait_for(self._done.get(), WITHIN)
        except TimeoutError:
            raise Lost(f"The server did not answer the command {name} within {WITHIN:.0f} s.") from None
        if done is None:
            self._done.put_nowait(None)
            raise Lost("The connection was cut.")
        assert done["did"] == self._commands, done
        return done["problem"]

    async def say(self, name: str, value) -> None:
        try:
            await self._socket.send(json.dumps({name: value}))
        except ConnectionClosed as error:
            raise Lost("The connection was cut.") from error

    @contextlib.asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Acknowledge pushed messages."""
        before, self.acknowledges = self.acknowledges, True
        await self.ask()
        yield
        self.acknowledges = before

    def drop(self) -> None:
        """As if the network failed."""
        self._socket.transport.abort()

    async def close(self) -> None:
        await self._socket.close()
        await self._reader
