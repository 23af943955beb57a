"""The panel of hidden units: what each is worth, and which of them the copy of the network does not have."""

import math

from core.analysis.silence import affordable, silencing_costs
from core.data.plain import is_whole
from core.lessons.layers import responses
from core.lessons.stages import ForwardPass
from core.messages import mark, tr
from core.ui import components
from core.ui.inside.example import dataset, page_state

UNIT = 1e-5  # nats: costs are sent as integer multiples of it
LARGEST = 99.0  # nats: larger changes are sent as this
RAISED = 4  # letters that a unit makes more likely, and as many that it makes less likely
NO_UNITS = mark("This network has no hidden units: there is nothing to silence.")
TOO_LARGE = mark("This network and its dev split are too large to silence every unit in turn.")


def silence_data(shown: ForwardPass) -> dict:
    """units: [unit, cost in UNIT], the most expensive first; one: what the chosen unit answers to and does."""
    it = page_state()
    parameters, dev = it.moment.parameters(), dataset().dev
    problem = NO_UNITS if not len(parameters.b1) else None if affordable(parameters, dev) else TOO_LARGE
    if problem:
        return {"problem": tr(problem)}
    if "units" not in it.made:
        it.made["units"] = _by_cost(silencing_costs(parameters, dev).tolist())
    return {
        "problem": None,
        "base": it.base,
        "units": it.made["units"],
        "silenced": list(it.silenced),
        "one": _one(shown, it.unit),
        **shown.shown.for_script,
    }


def _by_cost(costs: list[float]) -> list[list[int]]:
    whole = [round(min(max(cost, -LARGEST), LARGEST) / UNIT) if math.isfinite(cost) else 0 for cost in costs]
    return [[unit, whole[unit]] for unit in sorted(range(len(whole)), key=lambda unit: -whole[unit])]


def _one(shown: ForwardPass, unit: int) -> dict:
    """As `core.lessons.layers.responses`; raises, lowers: the letters that a high output makes more, less likely."""
    made, key = page_state().made, ("unit", unit)
    if key not in made:
        made[key] = responses(shown, dataset().train, unit)
    weights = shown.parameters.outputs[unit]
    order = weights.argsort(descending=True, stable=True).tolist()
    return made[key] | {"raises": order[:RAISED], "lowers": order[: -RAISED - 1 : -1]}


def silence() -> None:
    """Set which units the copy does not have: every message has the whole list, and the unit that is described."""
    message, it = components.received("silence", "silenced"), page_state()
    if not isinstance(message, dict) or message.get("base") != it.base:
        return
    most = it.moment.config.n_hidden - 1
    units, unit = message.get("units"), message.get("unit")
    if isinstance(units, list) and len(units) <= most + 1 and all(is_whole(i, 0, most) for i in units):
        it.silenced = tuple(dict.fromkeys(units))
    if is_whole(unit, 0, most):
        it.unit = unit
