"""A visitor of the page in streamlit.testing: finds controls by the words on them."""

import json
import pathlib
import re

from streamlit.testing.v1 import AppTest

from core.config import KNOB
from core.engine.snapshot import Snapshot
from core.keeping.library import Library
from core.serving.client import Client
from core.serving.commands import Command
from core.ui.explore.commands import bar
from core.ui.explore.live import Live
from tests.support.bar import offered
from tests.support.logs import Copy
from tests.support.loss_figures import LossReader
from tests.support.waiting import eventually

APP = pathlib.Path(__file__).parent.parent.parent / "core" / "ui" / "main.py"
CONTROLS = (
    "slider", "select_slider", "selectbox", "toggle", "number_input", "pills", "segmented_control", "text_input",
)  # fmt: skip


class Visitor:
    """Opens the page, by a link with these parameters. `look` draws it again, as it does by itself in a browser."""

    def __init__(self, **link: str):
        self.at, self._sent = AppTest.from_file(str(APP), default_timeout=60), 0
        for name, value in link.items():
            self.at.query_params[name] = value
        self.look()

    def look(self) -> None:
        self.at.run()
        self._sound()

    def _sound(self) -> None:
        assert not self.at.exception, [e.message for e in self.at.exception]

    @property
    def client(self) -> Client:
        return self.at.session_state["visitor"].client

    @property
    def library(self) -> Library:
        return self.at.session_state["visitor"].library

    @property
    def snapshot(self) -> Snapshot:
        return self.client.snapshot

    # ------------------------------------------------------------ what is on the page

    def control(self, label: str):
        """The one control with this label."""
        found = [w for kind in CONTROLS for w in self.at.get(kind) if w.label == label]
        assert len(found) == 1, f"{len(found)} controls are called {label!r}"
        return found[0]

    def buttons(self) -> list[str]:
        """All that can be pressed: the bar's buttons, and Streamlit's."""
        return [*self._bar(), *(button.label for button in self.at.button)]

    def _bar(self) -> dict[str, tuple[str, object]]:
        """The commands of the bar, by the labels of their buttons; none on a page without it."""
        return offered(bar(self.live)) if self.shows("bar") else {}

    def button(self, label: str):
        assert label in self.buttons()
        return next(button for button in self.at.button if button.label == label)

    def _views(self, kind: str) -> list[dict]:
        panels = [panel.proto for panel in self.at.get("bidi_component")]
        return [json.loads(panel.json)[0] for panel in panels if panel.id.endswith(f"-view_{kind}")]

    @property
    def all_views(self) -> list[dict]:
        """The data of all panels."""
        return [json.loads(element.proto.json)[0] for element in self.at.get("bidi_component")]

    def shows(self, kind: str) -> bool:
        return bool(self._views(kind))

    def view(self, kind: str) -> dict:
        """The last data of the panel of this kind."""
        (data,) = self._views(kind)
        return data

    @property
    def live(self) -> Live:
        return self.at.session_state["live"]

    @property
    def told(self) -> dict:
        """The message that a browser that has nothing yet would get now, with its lists and its figure put together."""
        told = json.loads(self.live.look(self.live.parse(None), always=True).text)
        if "head" not in told:
            return told
        lists = {name: Copy().take(told[name]) for name in ("frames", "answers")}
        epochs = {"epoch": told["frames"][0], "asked": told["answers"][0]}
        return told | lists | epochs | {"loss": LossReader().receive(told["loss"])}

    def asked(self, kind: str) -> dict:
        """What the panel of this kind shows of the question that is asked of every network."""
        return self.told["question"][kind]

    @property
    def head(self) -> dict:
        """The run at this very moment, as the panels show it."""
        return self.told["head"]

    @property
    def step(self) -> int:
        return self.head["step"]

    @property
    def status(self) -> str:
        return self.told["status"]["text"]

    @property
    def notes(self) -> list[str]:
        """Notes about a link that could not be used as it was."""
        return [text.value for text in self.at.text]

    @property
    def parameters(self) -> int:
        """The count that the sidebar shows."""
        (shown,) = [m[1] for h in self.at.get("html") if (m := re.search(r"([\d,]+) parameters", h.proto.body))]
        return int(shown.replace(",", ""))

    # ------------------------------------------------------------ what a visitor does

    def press(self, *labels: str) -> None:
        for label in labels:
            if label in (bar := self._bar()):
                self.send(*bar[label])
            else:
                self.button(label).click().run()
                self._sound()

    def send(self, name: str, value=None) -> None:
        """Send a command over the live line; then the page is drawn again, as a browser sees to it if it changed."""
        assert self.answer(name, value) == ""
        self.look()

    def answer(self, name: str, value=None) -> str:
        """Send a command over the live line; the sentence that says why it was not carried out, or ""."""
        self._sent += 1
        return self.live.carry_out(Command("0" * 32, self._sent, name, value))

    def set(self, label: str, value) -> None:
        if label == "Speed" and self.shows("bar"):
            return self.send("speed", value)
        control, moved = self.control(label), [name for name in self.live.sliders if KNOB[name].label == label]
        control.set_value(value)
        if self.shows("bar") and moved:
            return self.send("knob", [*moved, value, self.live.sliders[moved[0]].key])
        control.run()
        self._sound()

    def until(self, condition, within: float = 30.0):
        """Wait until `condition()` is true; returns its value. The controls show it, too.

        Meanwhile a page with a live line is drawn again when a browser would have it drawn, and others all the time.
        """

        def looked():
            if not self.shows("time") or self.view("time")["seen"] != self.live.seen:
                self.look()
            return condition()

        value = eventually(looked, within)
        self.look()  # the condition may have become true after the controls were drawn
        return value
