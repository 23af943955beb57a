"""A Hypothesis strategy for all valid configs."""

from hypothesis import strategies as st

from core.config import FULL, KNOBS, Config


def values(knob) -> st.SearchStrategy:
    """All values that the knob allows."""
    if knob.kind is bool:
        return st.booleans()
    if knob.options:
        return st.sampled_from(knob.options)
    numbers = st.integers if knob.kind is int else st.floats
    allowed = numbers(knob.low, knob.high)
    return allowed | st.just(FULL) if knob.name == "batch_size" else allowed


configs = st.builds(Config, **{knob.name: values(knob) for knob in KNOBS})
