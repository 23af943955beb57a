"""The elements that a server has sent to a page, and its controls; for tests/support/tab.py."""

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass

import streamlit  # noqa: F401 (its protocol cannot be imported before it)
from streamlit.proto.Delta_pb2 import Delta
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.Slider_pb2 import Slider
from streamlit.proto.WidgetStates_pb2 import WidgetState


@dataclass(frozen=True)
class Shown:
    """An element, and which run of which fragment drew it."""

    element: Element
    fragment: str
    run: str


class Screen:
    """Elements by their places. problems: exceptions that were shown in place of the page, or ended it."""

    def __init__(self):
        self.problems: list[str] = []
        self._elements: dict[tuple[int, ...], Shown] = {}
        self._states: dict[str, WidgetState] = {}

    def draw(self, path: tuple[int, ...], delta: Delta, run: str) -> None:
        self._elements.pop(path, None)
        if delta.WhichOneof("type") != "new_element":
            return
        element = delta.new_element
        self._elements[path] = Shown(element, delta.fragment_id, run)
        if element.WhichOneof("type") == "exception":
            self.problems.append(element.exception.message)
        widget = control(element)
        if widget and (widget.id not in self._states or getattr(widget, "set_value", False)):
            self._states[widget.id] = state_of(element, VALUES[element.WhichOneof("type")](widget))

    def clear(self, run: str, fragments: Collection[str]) -> None:
        """Remove what this run, of these fragments or (without any) of the whole page, did not draw again."""
        left = lambda shown: shown.run != run and (not fragments or shown.fragment in fragments)
        self._elements = {path: shown for path, shown in self._elements.items() if not left(shown)}
        if not fragments:
            present = {widget.id for shown in self._elements.values() if (widget := control(shown.element))}
            self._states = {id: state for id, state in self._states.items() if id in present}

    def is_new(self, fragment: str, run: str) -> bool:
        """Whether this run has drawn something of the fragment."""
        return any(shown.fragment == fragment and shown.run == run for shown in self._elements.values())

    # ------------------------------------------------------------ what is there

    def elements(self, kind: str) -> list:
        """Everything of this kind that is on the page, in the order of the page."""
        shown = [self._elements[path].element for path in sorted(self._elements)]
        return [getattr(element, kind) for element in shown if element.WhichOneof("type") == kind]

    def buttons(self) -> list[str]:
        return [button.label for button in self.elements("button") if not button.disabled]

    def text(self) -> str:
        """Plain text on the page: notes about a link or file."""
        return "\n".join(text.body for text in self.elements("text"))

    def has(self, kind: str) -> bool:
        """Whether there is a panel of this kind."""
        return any(_is_view(shown.element, kind) for shown in self._elements.values())

    def component(self, kind: str) -> Shown:
        """The panel of this kind; LookupError if there is none."""
        for shown in self._elements.values():
            if _is_view(shown.element, kind):
                return shown
        raise LookupError(f"No {kind!r} is on the page. {self.text()} {self.problems or ''}")

    def view(self, kind: str) -> dict:
        """The last data of the panel of this kind."""
        return json.loads(self.component(kind).element.bidi_component.json)[0]


def _is_view(element: Element, kind: str) -> bool:
    """Whether core.ui.components.view made it for this kind of panel."""
    return element.WhichOneof("type") == "bidi_component" and element.bidi_component.id.endswith(f"-view_{kind}")


# ---------------------------------------------------------------- controls


def control(element: Element):
    """The element if it is a control, else None."""
    kind = element.WhichOneof("type")
    return getattr(element, kind) if kind in VALUES else None


def _choice(slider: Slider) -> list:
    """What a slider of numbers or of options holds at first."""
    if slider.type == Slider.SELECT_SLIDER:
        return list(slider.raw_value) if slider.set_value else [slider.options[int(i)] for i in slider.default]
    return list(slider.value if slider.set_value else slider.default)


# kind of element -> what it holds when it is drawn
VALUES: dict[str, Callable] = {
    "slider": _choice,
    "checkbox": lambda box: box.value if box.set_value else box.default,
    "selectbox": lambda box: box.raw_value if box.set_value else box.options[box.default] if box.options else "",
    "button_group": lambda group: (
        list(group.raw_values) if group.set_value else [group.options[i].content for i in group.default]
    ),
    "text_input": lambda text: text.value if text.set_value else text.default,
    "number_input": lambda number: number.value if number.set_value else number.default,
}


def state_of(element: Element, value) -> WidgetState:
    """`value` in the form in which a control of this kind sends it."""
    kind, widget = element.WhichOneof("type"), control(element)
    state = WidgetState(id=widget.id)
    values = value if isinstance(value, list) else [value]
    if kind == "slider" and widget.type != Slider.SELECT_SLIDER:
        state.double_array_value.data.extend(map(float, values))
    elif kind in ("slider", "button_group"):
        state.string_array_value.data.extend(values)
    elif kind == "checkbox":
        state.bool_value = value
    elif kind == "number_input":
        state.double_value = value
    else:
        state.string_value = value
    return state
