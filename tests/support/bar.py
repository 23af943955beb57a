"""The bar over the pictures, without a browser: which of its buttons can be pressed, and what each sends."""

from collections.abc import Iterator

from core.config import KNOB

TRAINING, OVER = "training", ("finished", "stopped")


def offered(bar: dict) -> dict[str, tuple[str, object]]:
    """Label -> command and value, of the buttons that assets/page/explore/bar.js enables for what the line tells."""
    return {label: (name, value) for label, name, value in _buttons(bar)}


def _buttons(bar: dict) -> Iterator[tuple[str, str, object]]:
    state, more = bar["state"], bar["more"]
    if state == TRAINING:
        yield "Pause", "pause", None
    elif state not in OVER and not bar["waits"]:
        yield "Train", "train", None
    if state not in (TRAINING, "stopped"):
        yield "Step", "step", None
    yield "Reset", "reset", None
    yield "New seed", "new_seed", None
    if state == "recorded":
        yield "Back to your run", "end_replay", None
    if more is not None:
        yield f"Train to step {more:,}", "more_steps", more
    if bar["undo"] is not None:
        yield "Undo", "undo", None
    if bar["redo"] is not None:
        yield "Redo", "redo", None
    if bar["replay"]:
        yield "Watch a recorded run", "replay", None


def moved(sliders: dict[str, list], widget, value: object) -> list | None:
    """What a page says of a slider that was moved, as assets/page/explore/inputs.js does; None if it says nothing.

    sliders: of the page's view "time". value: as the widget writes it.
    """
    options = list(getattr(widget, "options", ()))
    for name, (key, stops) in sliders.items():
        if KNOB[name].label == widget.label and value in options:
            return [name, stops[options.index(value)], key]
    return None
