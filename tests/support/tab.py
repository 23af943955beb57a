"""A visitor's tab without a browser: it speaks to a real Streamlit server over its websocket, as the page does.

What a browser sends is a BackMsg, with the state of every widget on the page; what it gets, ForwardMsgs
(streamlit/proto). Here is what it takes to use the page: controls found by their labels, the
data of the components, fragments that look again.
"""

import asyncio
import contextlib
import json
import time
from collections.abc import Callable
from typing import Self
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Common_pb2 import FileUploaderState, FileURLsRequest, UploadedFileInfo
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg, RunIdentity
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from tests.support.bar import moved, offered
from tests.support.live_line import LiveLine, Lost, cookie_of
from tests.support.question import Question
from tests.support.screen import Screen, control, state_of
from tests.support.uploading import put

WITHIN = 60.0  # seconds that an answer may take
EVENTS = "$$STREAMLIT_INTERNAL_KEY_{id}__events"  # the widget through which a component says something
WHOLE = ""  # instead of a fragment's id: the whole page


class Tab(Screen):
    """One tab with the page open, from `open` to `close`. Every verb waits for the answer; seconds that it took.

    cookies: what the browser sends with the handshake; shared between a browser's tabs. acknowledges: as of a LiveLine.
    """

    def __init__(self, address: str, page: str = "", query: str = "", cookies: dict[str, str] | None = None):
        super().__init__()
        self.address, self.page, self.query = address, page, query
        self.cookies = {} if cookies is None else cookies
        self.every: dict[str, float] = {}  # fragment -> seconds between two looks
        self.session, self.acknowledges = "", False
        self._messages: dict[str, ForwardMsg] = {}  # large ones, by hash: the server does not send them again
        self._questions: list[Question] = []
        self._script, self._begun, self._drawing = "", 0, RunIdentity()
        self._socket: ClientConnection | None = None
        self._reader: asyncio.Task | None = None
        self._place: asyncio.Future | None = None  # where a file is to be sent
        self.live: LiveLine | None = None

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *_) -> None:
        await self.close()

    # ------------------------------------------------------------ the connection

    async def open(self) -> float:
        """Connect, again to the same session if there was one, and draw the page."""
        began = time.perf_counter()
        if not self.cookies:
            self.cookies |= await asyncio.to_thread(cookie_of, self.address)
        url = urlsplit(self.address)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        tokens = ["streamlit", "PLACEHOLDER_AUTH_TOKEN", *([self.session] if self.session else [])]
        try:
            self._socket = await connect(
                f"ws://{url.netloc}/_stcore/stream", origin=self.address, subprotocols=tokens, compression=None,
                additional_headers=headers, max_size=None, ping_interval=None,
                open_timeout=WITHIN,
            )  # fmt: skip
        except (OSError, InvalidHandshake) as error:
            raise Lost(str(error)) from error
        self._reader = asyncio.create_task(self._read(self._socket))
        await self.run()
        return time.perf_counter() - began

    async def close(self) -> None:
        """Close the tab: the browser says goodbye."""
        if self.live:
            await self.live.close()
        if self._socket:
            await self._socket.close()
            await self._reader

    async def drop(self) -> None:
        """The network fails: the connections are gone without a word."""
        if self.live:
            self.live.drop()
        self._socket.transport.abort()
        await self._reader

    async def _read(self, socket: ClientConnection) -> None:
        with contextlib.suppress(ConnectionClosed):
            async for frame in socket:
                self._receive(ForwardMsg.FromString(frame))
        for question in self._questions:
            question.settle(None)
        self._questions.clear()

    # ------------------------------------------------------------ what the server says

    def _receive(self, message: ForwardMsg) -> None:
        kind, metadata = message.WhichOneof("type"), message.metadata
        if kind == "ref_hash":
            message = self._messages[message.ref_hash]
            kind = message.WhichOneof("type")
        elif metadata.cacheable:
            self._messages[message.hash] = message
        if kind == "delta":
            self.draw(tuple(metadata.delta_path), message.delta, self._drawing.script_run_id)
        elif kind == "new_session":
            self._begun, self._drawing = self._begun + 1, metadata.run
            self.session = message.new_session.initialize.session_id
            self._script = message.new_session.page_script_hash
        elif kind == "script_finished":
            self._finished(message.script_finished)
        elif kind == "file_urls_response":
            self._place.set_result(message.file_urls_response.file_urls[0])
        elif kind == "auto_rerun":
            self.every[message.auto_rerun.fragment_id] = message.auto_rerun.interval
        elif kind == "stop_auto_rerun":
            for fragment in message.stop_auto_rerun.fragment_ids:
                self.every.pop(fragment, None)

    def _finished(self, status: int) -> None:
        early = status == ForwardMsg.FINISHED_EARLY_FOR_RERUN  # broken off, or another run follows at once
        if status == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
            self.problems.append("The page's script could not be compiled.")
        if not early:
            self.clear(self._drawing.script_run_id, self._drawing.fragment_ids)
        for question in list(self._questions):
            if self._answers(question, early):
                self._questions.remove(question)
                question.settle(time.perf_counter() - question.asked)

    def _answers(self, question: Question, early: bool) -> bool:
        """Whether the run that is over is the answer. A look at a fragment while the whole is drawn is passed over."""
        run, drawn = self._drawing.script_run_id, self._drawing.fragment_ids
        if question.by_itself and not drawn:
            return not early
        if question.begun == self._begun:
            return False  # it was on its way when the question came
        if early:
            return question.by_itself and self.is_new(question.fragment, run)
        return question.fragment in drawn or not drawn

    # ------------------------------------------------------------ what a visitor does

    @property
    def url(self) -> str:
        """The query that stands in the browser's line: what assets/page/common/address.js makes of the last look."""
        if not (self.has("time") and self.live and self.live.told):
            return self.query
        told = self.told
        step = told["goal"] or told["head"]["step"]
        return "&".join(filter(None, [told["address"], f"step={step}" if told["address"] and step else ""]))

    async def ask(self, *triggers: WidgetState, fragment: str = WHOLE, by_itself: bool = False) -> Question:
        """Ask for the page, or one fragment of it, to be drawn."""
        message = BackMsg()
        asked = message.rerun_script
        asked.query_string, asked.page_name, asked.page_script_hash = self.url, self.page, self._script
        asked.fragment_id, asked.is_auto_rerun = fragment, by_itself
        asked.cached_message_hashes.extend(self._messages)
        asked.context_info.url, asked.context_info.locale = f"{self.address}/{self.page}", "en"
        asked.widget_states.widgets.extend([*self._states.values(), *triggers])
        question = Question(fragment, by_itself, self._begun, time.perf_counter())
        self._questions.append(question)
        try:
            await self._socket.send(message.SerializeToString())
        except ConnectionClosed as error:
            raise Lost("The connection was cut.") from error
        return question

    async def run(self, *triggers: WidgetState, fragment: str = WHOLE, by_itself: bool = False) -> float:
        """Ask, and wait for the answer."""
        question = await self.ask(*triggers, fragment=fragment, by_itself=by_itself)
        try:
            took = await asyncio.wait_for(question.answer, WITHIN)
        except TimeoutError:
            raise Lost(f"The server did not draw the page within {WITHIN:.0f} s.") from None
        if took is None:
            raise Lost("The connection was cut.")
        await self._follow()
        return took

    async def _follow(self) -> None:
        """Open the live line of a page that has one, and be told where the run is."""
        if not self.has("time"):
            return
        key = self.view("time")["line"]
        if self.live is None or self.live.key != key or not self.live.open:
            if self.live:
                await self.live.close()
            self.live = await LiveLine.to(self.address, key, self.cookies, self.acknowledges)
        await self.live.ask()

    async def look(self) -> float:
        """Ask where the run is; if its page has to be drawn again, have it drawn."""
        self.component("time")
        took = await self.live.ask()
        if self.live.seen != self.view("time")["seen"]:
            await self.run()
        return took

    async def tell(self, name: str, value) -> None:
        """What the page's script says over the live line; heard before the next look."""
        await self.live.say(name, value)

    @property
    def told(self) -> dict:
        """What the last look told of the run."""
        self.component("time")
        return self.live.told

    @property
    def step(self) -> int:
        return self.told["head"]["step"]

    @property
    def training(self) -> bool:
        return self.told["training"]

    def buttons(self) -> list[str]:
        """All that can be pressed: the bar's buttons, and Streamlit's."""
        return [*self._bar(), *super().buttons()]

    def _bar(self) -> dict[str, tuple[str, object]]:
        """The commands of the bar, by the labels of their buttons; none on a page without it."""
        return offered(self.live.bar) if self.has("bar") and self.live and self.live.bar else {}

    async def press(self, label: str) -> float:
        if label in (bar := self._bar()):
            return await self.order(*bar[label])
        for button in self.elements("button"):
            if button.label == label and not button.disabled:
                return await self.run(WidgetState(id=button.id, trigger_value=True))
        raise LookupError(f"No button says {label!r}; there are {', '.join(self.buttons())}. {self.text()}")

    async def order(self, name: str, value=None) -> float:
        """Send a command, then look what became of it; seconds until it was carried out."""
        took = await self.live.order(name, value)
        await self.look()
        return took

    async def set(self, label: str, value) -> float:
        """Move a control. value: as the page shows it ("1,000", "max") for a choice, else a number, text or bool."""
        if label == "Speed" and self.has("bar"):
            return await self.order("speed", value)
        for shown in self._elements.values():
            widget = control(shown.element)
            if widget is not None and getattr(widget, "label", None) == label:
                self._states[widget.id] = state_of(shown.element, value)
                if self.has("time") and (change := moved(self.view("time")["knobs"], widget, value)):
                    return await self.order("knob", change)
                return await self.run(fragment=shown.fragment)
        raise LookupError(f"No control is called {label!r}.")

    async def say(self, kind: str, event: str, value) -> float:
        """What the script of a panel says: `setTriggerValue(event, value)`."""
        shown = self.component(kind)
        said = json.dumps([{"event": event, "value": value}])
        panel = shown.element.bidi_component.id
        self._states[panel] = WidgetState(id=panel, json_value="{}")  # without it the server passes events over
        trigger = WidgetState(id=EVENTS.format(id=panel), json_trigger_value=said)
        return await self.run(trigger, fragment=shown.fragment)

    async def upload(self, label: str, name: str, raw: bytes) -> float:
        """Put a file into an uploader: sent by HTTP to where the server says, then named in the uploader's state."""
        for shown in self._elements.values():
            uploader = shown.element.file_uploader
            if uploader.label == label:
                self._place = asyncio.get_running_loop().create_future()
                asked = FileURLsRequest(request_id=name, file_names=[name], session_id=self.session)
                await self._socket.send(BackMsg(file_urls_request=asked).SerializeToString())
                place = await asyncio.wait_for(self._place, WITHIN)
                try:
                    await asyncio.to_thread(put, self.address, place.upload_url, name, raw)
                except OSError as error:
                    raise Lost(f"The file was not taken: {error}") from error
                file = {"name": name, "size": len(raw), "file_id": place.file_id, "file_urls": place}
                state = FileUploaderState(uploaded_file_info=[UploadedFileInfo(**file)])
                self._states[uploader.id] = WidgetState(id=uploader.id, file_uploader_state_value=state)
                return await self.run(fragment=shown.fragment)
        raise LookupError(f"No uploader is called {label!r}.")

    async def until(self, condition: Callable[[], object], within: float = 30.0, every: float = 0.1):
        """Look again and again until `condition()` is true; what it gave. AssertionError after `within` seconds."""
        end = time.monotonic() + within
        while not (value := condition()):
            assert time.monotonic() < end, f"still not so after {within} s: {condition}"
            await asyncio.sleep(every)
            await self.look()
        return value

    async def sit(self, seconds: float) -> dict[str, list[float]]:
        """Leave the page open: every fragment looks as often as the server said, answered or not, as a browser does,
        and what is pushed is acknowledged at once.

        fragment -> seconds that its answered looks took. One that was broken off is answered with the next.
        """
        asked: dict[str, list[Question]] = {fragment: [] for fragment in self.every}

        async def looks(fragment: str) -> None:
            while interval := self.every.get(fragment):
                await asyncio.sleep(interval)
                asked[fragment].append(await self.ask(fragment=fragment, by_itself=True))

        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds), self.live.listening():
                await asyncio.gather(*map(looks, asked))
                await asyncio.sleep(seconds)
        answered = lambda questions: [q.answer.result() for q in questions if q.answer.done() and q.answer.result()]
        return {fragment: answered(questions) for fragment, questions in asked.items()}
