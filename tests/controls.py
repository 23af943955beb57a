"""What a control of Streamlit's page holds, and the form in which a browser sends it; for tests/sockets.py."""

from collections.abc import Callable

import streamlit  # noqa: F401 (its protocol cannot be imported before it)
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.Slider_pb2 import Slider
from streamlit.proto.WidgetStates_pb2 import WidgetState


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


def at_first(element: Element) -> WidgetState | None:
    """What a control holds when it is drawn; None for what is no control."""
    widget = control(element)
    return None if widget is None else state_of(element, VALUES[element.WhichOneof("type")](widget))


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
