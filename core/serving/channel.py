"""The live line: a websocket beside Streamlit's, over which a page is pushed what is new of its run.

What is to be said is worked out by a `Page` (core/ui/explore/live.py); here is when, to whom, and what may come back.
A page is told the newest moment only: never a queue, so a reader that lags loses moments, not time. The next one is
sent once the last was acknowledged, at the earliest after a pause that grows with what a look costs this server.

From the browser come JSON objects with one name each: {"hello": [frames ...]} with what it has, always answered;
{"ack": n} for message n; {"still": true}, which is said back, as a line can die without a word; what the page itself
knows, as {"cursor": 300}; and {"do": [page, number, name, value]}, a command (core/serving/commands.py), which is
answered with {"did": number, "problem": a sentence or ""}. Each other message to it has its number, n.
"""

import asyncio
import json
import math
import secrets
import threading
import time
import weakref
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import NamedTuple

import anyio
import torch
from starlette.concurrency import run_in_threadpool
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from core import messages
from core.data.plain import is_whole
from core.messages import mark, tr
from core.serving.commands import Command, command_of
from core.serving.incoming import Allowance, parsed, same_origin
from core.serving.visitors import COOKIE

FASTEST, SLOWEST = 0.2, 1.0  # seconds between two looks of one page
SOONER = 0.25  # of that: until the next look after an urgent one, as what begins there goes on at once
SHARE = 0.4  # of one processor core, which all looks together may take
RENEWAL = 20.0  # seconds between two renewals of the leases of a page to which nothing is sent
AT_WORK = 2  # looks that are worked out at a time
REPLACED, WRONG = 4000, 1008  # codes with which a line is closed: another has its place; what came is not allowed
GONE = 1000  # the browser has closed it
WAITING = 16  # commands of one line that wait for those before them
TOO_MANY = mark("Too many commands at once; this one was not carried out.")


class Look(NamedTuple):
    """text: one JSON object, None if there is nothing new. have: what the reader has with it.

    more: seconds after which there may be more to say.
    """

    text: str | None
    have: object
    more: float = math.inf


class Page:
    """What one open page is told.

    token: of its visitor, as the cookie said when it was opened, or None. language: in which it speaks.
    """

    def __init__(self, token: str | None, language: str = messages.ENGLISH):
        self.key, self.token, self.language = secrets.token_urlsafe(24), token, language
        self.lock = threading.Lock()
        self._line: Line | None = None

    def wake(self, urgent: bool = False) -> None:
        """There is something new to look at. For any thread."""
        line = self._line
        if line:
            line.wake(urgent)

    def opened(self, line: "Line | None") -> "Line | None":
        """Another line has this page's place; the one that had it before."""
        before, self._line = self._line, line
        return before

    def closed(self, line: "Line") -> None:
        if self._line is line:
            self._line = None

    # What a page does itself:

    def parse(self, said: object) -> object:
        """What a reader has, of what its browser says: anything."""
        raise NotImplementedError

    def look(self, have: object, always: bool) -> Look:
        """What is new to a reader who has so much; if `always`, the moment that is shown, new or not."""
        raise NotImplementedError

    def hear(self, name: str, value: object) -> bool:
        """What the browser says, with any value. Whether there is anything of that name."""
        raise NotImplementedError

    def carry_out(self, command: Command) -> str:
        """Carry out a command, once. A sentence if that is not possible, else ""."""
        raise NotImplementedError

    def renew(self, pace: float) -> None:
        """Somebody has this page open, and looks every `pace` seconds at most."""
        raise NotImplementedError


class Pages:
    """The open pages of a server, by their keys, as long as somebody else holds them."""

    def __init__(self):
        self._pages: weakref.WeakValueDictionary[str, Page] = weakref.WeakValueDictionary()
        self._lock = threading.Lock()
        self.pace = Pace()

    def add(self, page: Page) -> None:
        with self._lock:
            self._pages[page.key] = page

    def change_key(self, page: Page) -> None:
        """Give a page that is asked for without its cookie another key, for which no cookie is needed.

        Its browser may have deleted the cookie while the page stayed open. Tell the key only over Streamlit's own
        connection, on which the page is known already.
        """
        with self._lock:
            self._pages.pop(page.key, None)
            page.key, page.token = secrets.token_urlsafe(24), None
            self._pages[page.key] = page

    def find(self, key: str | None, token: str | None) -> Page | None:
        """The page with this key, if its visitor asks: by the same cookie, if it was opened with one."""
        with self._lock:
            page = self._pages.get(key)
        return page if page is not None and page.token in (None, token) else None

    def of(self, token: str | None) -> list[Page]:
        """The pages that were opened with this cookie, the newest last."""
        with self._lock:
            return [page for page in self._pages.values() if token is not None and page.token == token]

    def route(self, path: str) -> WebSocketRoute:
        return WebSocketRoute(path, self.serve)

    async def serve(self, socket: WebSocket) -> None:
        page = self.find(socket.query_params.get("page"), socket.cookies.get(COOKIE))
        if page is None or not same_origin(socket.headers.get("origin"), socket.headers.get("host")):
            return await socket.close(WRONG)  # before it was accepted: HTTP 403
        await socket.accept()
        messages.speak(page.language)  # in all tasks and threads that work for this line
        line = Line(socket, page, self.pace)
        if before := page.opened(line):
            before.replace()
        try:
            await line.serve()
        finally:
            page.closed(line)


class Pace:
    """How often pages may look: all of them together take a SHARE of a core, however long a look takes.

    cost: seconds of a look, smoothed. readers: lines that are open. turns: AT_WORK looks at a
    time, not counted among the threads in which commands wait to be carried out.
    """

    def __init__(self):
        self.cost, self.readers, self.turns = 0.0, 0, anyio.CapacityLimiter(AT_WORK)

    def took(self, seconds: float) -> None:
        self.cost += 0.1 * (seconds - self.cost)

    @property
    def seconds(self) -> float:
        return min(max(FASTEST, self.cost * self.readers / SHARE), SLOWEST)


class Line:
    """One connection, in the event loop that accepted it; `wake` is for any thread."""

    def __init__(self, socket: WebSocket, page: Page, pace: Pace):
        self._socket, self._page, self._pace = socket, page, pace
        self._loop, self._stirred = asyncio.get_running_loop(), asyncio.Event()
        self._sent = self._acknowledged = 0  # numbers of messages
        self._hello: object = None  # what a reader who asks for an answer has
        self._asks = self._new = self._urgent = self._over = False
        self._commands: asyncio.Queue[Command] = asyncio.Queue(WAITING)
        self._due, self._have = 0.0, None  # when the next look may be, and what the reader has after the last

    def wake(self, urgent: bool = False) -> None:
        if self._new and (self._urgent or not urgent):
            return  # the next look, which is still to come, will see it
        self._new, self._urgent = True, self._urgent or urgent
        with suppress(RuntimeError):  # the server has ended
            self._loop.call_soon_threadsafe(self._stirred.set)

    def replace(self) -> None:
        """Another line has taken the place of this one."""
        self._over = True
        self._stirred.set()

    async def serve(self) -> None:
        ended: list[int | Exception] = []

        async def part(speak: Callable[[], Awaitable[int]]) -> None:
            try:
                ended.append(await speak())
            except WebSocketDisconnect:
                ended.append(GONE)
            except Exception as error:
                ended.append(error)
            parts.cancel_scope.cancel()

        self._pace.readers += 1
        try:
            async with anyio.create_task_group() as parts:
                parts.start_soon(part, self._send)
                parts.start_soon(part, self._hear)
                parts.start_soon(part, self._carry_out)
        finally:
            self._pace.readers -= 1
        first = ended[0]
        if isinstance(first, Exception):
            raise first
        if first != GONE:
            with suppress(WebSocketDisconnect):  # it may have gone meanwhile
                await self._socket.close(first)

    # ------------------------------------------------------------ to the browser

    async def _send(self) -> int:
        """Until the line is replaced; the code with which it is to be closed."""
        while await self._until_due():
            asked, hello, urgent = self._asks, self._hello, self._urgent
            have = self._page.parse(hello) if asked else self._have
            self._asks = self._new = self._urgent = False
            look, took = await anyio.to_thread.run_sync(_look, self._page, have, asked, limiter=self._pace.turns)
            began = time.monotonic() - took
            self._pace.took(took)
            self._have = look.have
            if look.more < math.inf:
                self._loop.call_later(look.more, self.wake)
            if look.text is None:
                continue
            self._sent += 1
            self._due = began + self._pace.seconds * (SOONER if urgent else 1.0)
            await self._socket.send_text(f'{{"n":{self._sent},"hello":{json.dumps(asked)},{look.text[1:]}')
        return REPLACED

    async def _until_due(self) -> bool:
        """Wait for the next look; False if there will be none."""
        while not self._over:
            self._page.renew(self._pace.seconds)
            now, wait = time.monotonic(), RENEWAL
            if self._asks:
                return True
            if self._new and self._have is not None and self._acknowledged == self._sent:
                if self._urgent or now >= self._due:
                    return True
                wait = min(RENEWAL, self._due - now)
            self._stirred.clear()
            with anyio.move_on_after(wait):
                await self._stirred.wait()
        return False

    # ------------------------------------------------------------ commands

    async def _carry_out(self) -> int:
        """The commands of the browser, one after the other, in the order in which they came."""
        while True:
            command = await self._commands.get()
            await self._answer(command, await run_in_threadpool(self._page.carry_out, command))

    async def _answer(self, command: Command, problem: str) -> None:
        await self._socket.send_text(json.dumps({"did": command.number, "problem": problem}))

    async def _order(self, said: object) -> bool:
        command = command_of(said)
        if command and self._commands.full():
            await self._answer(command, tr(TOO_MANY))
        elif command:
            self._commands.put_nowait(command)
        return command is not None

    # ------------------------------------------------------------ from the browser

    async def _hear(self) -> int:
        """Until the browser has gone, or says what is not allowed; the code with which to close."""
        allowance = Allowance()
        while True:
            message = await self._socket.receive()
            if message["type"] == "websocket.disconnect":
                return GONE
            said = parsed(message.get("text"))
            if said is None or not allowance.take() or not await self._take(*said):
                return WRONG

    async def _take(self, name: str, value: object) -> bool:
        """Whether that may be said."""
        if name == "ack":
            if not is_whole(value, 0, self._sent):
                return False
            self._acknowledged = max(self._acknowledged, value)
        elif name == "hello":
            self._asks, self._hello = True, value
        elif name == "still":
            await self._socket.send_text('{"still":true}')
        elif name == "do":
            return await self._order(value)
        else:
            return await run_in_threadpool(self._page.hear, name, value)
        self._stirred.set()
        return True


def _look(page: Page, have: object, always: bool) -> tuple[Look, float]:
    """A look, and how many seconds it took."""
    began = time.monotonic()
    torch.set_num_threads(1)  # the setting is per thread
    return page.look(have, always), time.monotonic() - began
