"""The result of a comparison of runs, in one or two sentences with their numbers. Pure."""

from collections.abc import Sequence

from core.analysis.compare import Entry, change_text, comparable, differing, shown
from core.analysis.seeds import Reseeds, Survival
from core.config import KNOB

DIFFERENCES = 3  # how many differences are named
ENOUGH = 0.5  # seconds of training below which a ratio of times means nothing
FAR = 1e4  # nats above which a loss is written as 1.0e+05
EXACT = 0.05  # a ratio this close to one of TIMES or PARTS is described by its words
TIMES = {2: "twice", 3: "three times", 4: "four times", 5: "five times", 10: "ten times"}
PARTS = {1 / 2: "half", 1 / 3: "a third of", 1 / 4: "a quarter of", 1 / 5: "a fifth of", 1 / 10: "a tenth of"}
INNER = str.maketrans("“”", "‘’")  # quotes within quotes
DIFFERENCE_TEXTS = {  # the value of one run, then that of the other
    "block_size": "{} instead of {} characters of context", "n_embd": "{} instead of {} embedding dimensions",
    "n_hidden": "{} instead of {} hidden units", "learning_rate": "a learning rate of {} instead of {}",
    "batch_size": "batch size {} instead of {}", "seed": "seed {} instead of {}",
    "schedule": "a {} instead of a {} schedule", "decay_at": "decay after {} instead of {} steps",
    "weight_decay": "a weight decay of {} instead of {}", "init": "{} instead of {} initialisation",
    "optimiser": "{} instead of {}",
}  # fmt: skip


def verdict(entries: Sequence[Entry]) -> str:
    """Which of two or more runs is best on dev, by how much, and which knobs differ."""
    if not comparable(entries):
        return _other_words(entries)
    said = [_two(*entries) if len(entries) == 2 else _many(entries), _at_one_step(entries)]
    return " ".join(filter(None, [*said, _failed(entries), _changed(entries)]))


def headline(entries: Sequence[Entry]) -> str:
    """The same in one line: which run is best on dev, and by how much; "" if they cannot be compared."""
    if not comparable(entries):
        return ""
    best, *others = sorted(entries, key=lambda entry: entry.dev)
    gap = others[0].dev - best.dev
    if _digits(gap) is None:
        return f"On dev {_name(best)} and {_name(others[0])} are level, at {best.dev:.4f}."
    next_ = _name(others[0]) if len(others) == 1 else "the next"
    below = f"{_loss(gap, gap)} below {next_}" if gap < FAR else f"far below {next_}"
    return f"Best on dev: {_name(best)} ({_loss(best.dev, gap)}), {below}."


# ---------------------------------------------------------------- two runs


def _two(one: Entry, other: Entry) -> str:
    better, worse = sorted((one, other), key=lambda entry: entry.dev)
    gap = worse.dev - better.dev
    with_ = _list(_differences(better, worse) + _ratios(better, worse))
    if _digits(gap) is None:
        steps = f"{one.step:,} steps" if one.step == other.step else f"{one.step:,} and {other.step:,} steps"
        return f"{_name(one)} and {_name(other)} both end at {one.dev:.4f} on dev, after {steps}{_how(one, other)}."
    steps = "as many" if one.step == other.step else f"{better.step:,} instead of {worse.step:,}"
    below = f"{_loss(gap, gap)} below {_name(worse)}" if gap < FAR else f"far below {_name(worse)} ({worse.dev:.1e})"
    ends = f"ends at {_loss(better.dev, gap)} on dev, {below}"
    return f"{_name(better)} {ends} after {steps} steps, with {with_ or 'the same settings'}."


def _how(one: Entry, other: Entry) -> str:
    with_ = _list(_differences(one, other) + _ratios(one, other))
    return f"; {_name(one)} with {with_}" if with_ else ", with the same settings"


def _differences(one: Entry, other: Entry) -> list[str]:
    names = _telling([one, other])
    said = [_difference(name, getattr(one.start, name), getattr(other.start, name)) for name in names]
    more = len(said) - DIFFERENCES
    return said if more <= 0 else [*said[:DIFFERENCES], f"{more} other setting{'s' if more > 1 else ''} changed"]


def _difference(name: str, mine, others) -> str:
    if name == "direct":
        return "direct connections" if mine else "no direct connections"
    if name == "tied":
        return "tied output weights" if mine else "output weights of their own"
    return DIFFERENCE_TEXTS[name].format(shown(mine, name), shown(others, name))


def _telling(entries: Sequence[Entry]) -> list[str]:
    """The knobs that differ and have an effect: not `steps`, and `decay_at` only if some run has a schedule."""
    idle = {"steps"}
    if all(entry.start.schedule == "constant" and not _changes(entry, "schedule") for entry in entries):
        idle.add("decay_at")
    return [name for name in differing(entries) if name not in idle]


def _changes(entry: Entry, name: str) -> bool:
    return any(changed == name for _, changed, _ in entry.changes)


def _ratios(one: Entry, other: Entry) -> list[str]:
    said = []
    if one.parameter_count != other.parameter_count:
        ratio = one.parameter_count / other.parameter_count
        said.append("about as many parameters" if _is(ratio, 1) else f"{_times(ratio)} the parameters")
    if min(one.seconds, other.seconds) >= ENOUGH:
        ratio = one.seconds / other.seconds
        said.append("about the same training time" if _is(ratio, 1) else f"{_times(ratio)} the training time")
    return said


def _is(ratio: float, simple: float) -> bool:
    return abs(ratio / simple - 1) < EXACT


def _times(ratio: float) -> str:
    """A ratio as text: “three times”, “1.6 times”, “half”, “70 % of”; it is followed by “the ...”."""
    simple = next((said for value, said in (TIMES | PARTS).items() if _is(ratio, value)), None)
    if simple:
        return simple
    return f"{ratio:,.{int(ratio < 10)}f} times" if ratio > 1 else f"{100 * ratio:.2g} % of"


# ---------------------------------------------------------------- more runs


def _many(entries: Sequence[Entry]) -> str:
    ranked = sorted(entries, key=lambda entry: entry.dev)
    best, worst = ranked[0], ranked[-1]
    gap, steps = worst.dev - best.dev, {entry.step for entry in entries}
    after = f"after {min(steps):,} to {max(steps):,} steps" if len(steps) > 1 else f"after {min(steps):,} steps each"
    if _digits(gap) is None:
        said = f"All {len(entries)} runs end at {best.dev:.4f} on dev, {after}"
    else:
        ends = f"ends lowest on dev, at {_loss(best.dev, gap)}, and {_name(worst)} highest, at {_loss(worst.dev, gap)}"
        said = f"Of {len(entries)} runs {_name(best)} {ends}, {after}"
    names = _telling(entries)
    if not names:
        return f"{said}, all with the same settings."
    parts = [f"{KNOB[name].label.lower()} ({_values(entries, name)})" for name in names[:DIFFERENCES]]
    more = len(names) - DIFFERENCES
    return f"{said}; they differ in {_list(parts + ([f'{more} more'] if more > 0 else []))}."


def _values(entries: Sequence[Entry], name: str) -> str:
    """The values of a knob as text: numbers in order, then words."""
    values = {getattr(entry.start, name) for entry in entries}
    return _list([shown(v) for v in sorted(values, key=lambda v: (isinstance(v, str), v))], "or")


def _at_one_step(entries: Sequence[Entry]) -> str:
    """For runs of different lengths: their losses at the last step at which all of them were evaluated."""
    if len({entry.exact[0] for entry in entries}) == 1:
        return ""
    measured = [{step: dev for step, _, dev in (*entry.history.evaluations, entry.exact)} for entry in entries]
    step = max(set.intersection(*map(set, measured)))
    if step == 0:
        return ""
    devs = [losses[step] for losses in measured]
    gap, best = max(devs) - min(devs), devs.index(min(devs))
    at = f"At step {step:,}, the last at which {'both' if len(entries) == 2 else 'all'} were measured,"
    if _digits(gap) is None:
        return f"{at} they were equal ({devs[0]:.4f})."
    if len(entries) > 2:
        return f"{at} {_name(entries[best])} was lowest, at {_loss(devs[best], gap)}."
    one, other = entries[best], entries[1 - best]
    return f"{at} {_name(one)} was at {_loss(min(devs), gap)} and {_name(other)} at {_loss(max(devs), gap)}."


def _failed(entries: Sequence[Entry]) -> str:
    gone = [f"{_name(e)} broke down after step {e.step:,}" for e in entries if e.failure]
    why = "its loss was no longer a finite number" if len(gone) == 1 else "their losses were no longer finite numbers"
    return f"{_list(gone)}: {why}." if gone else ""


def _changed(entries: Sequence[Entry]) -> str:
    changed = [entry for entry in entries if entry.changes]
    if len({entry.changes for entry in entries}) == 1:
        who = "Both" if len(entries) == 2 else "All"
        return f"{who} had the same changes while training." if changed else ""
    return " ".join(f"{_name(entry)} was changed while training: {_few(entry)}." for entry in changed)


def _few(entry: Entry) -> str:
    first, more = entry.changes[:2], len(entry.changes) - 2
    return _list([change_text(change) for change in first] + ([f"{more} more"] if more > 0 else []))


def _other_words(entries: Sequence[Entry]) -> str:
    ends = [f"{_name(entry)} ends at {entry.dev:.2f} on dev of {entry.data}" for entry in entries]
    return f"These runs learned from different words, so their losses cannot be compared: {_list(ends)}."


# ---------------------------------------------------------------- other seeds


def seeds_sentence(reseeds: Reseeds) -> str:
    """How a run compares with the same run with other seeds, and whether its neighbours are more than chance."""
    if not reseeds.devs:
        return "No run with another seed was completed."
    entry, devs = reseeds.entry, reseeds.devs.values()
    low, high = min(devs), max(devs)
    digits = _digits(high - low)
    if len(devs) == 1:
        ends = f"dev loss ends at {low:.4f}"
    elif digits is None:
        ends = f"dev losses all end at {low:.4f}"
    else:
        ends = f"dev losses end between {low:.{digits}f} and {high:.{digits}f}"
    place = "below" if entry.dev < low else "above" if entry.dev > high else "among" if len(devs) > 1 else "as high as"
    seeds = f"{len(devs)} other seeds" if len(devs) > 1 else "one other seed"
    own = f"{_name(entry)}, at {entry.dev:.{digits or 4}f}, is {place} {'them' if len(devs) > 1 else 'it'}"
    return f"With {seeds} the {ends}: {own}. {_kept(reseeds.survival)}".strip()


def _kept(survival: Survival | None) -> str:
    if survival is None:
        return ""
    above, V = sum(overlap > survival.chance for overlap in survival.overlap), len(survival.overlap)
    mean = sum(survival.overlap) / V
    return (
        f"From seed to seed a character keeps {100 * mean:.0f} % of its nearest on average, "
        f"where chance would give {100 * survival.chance:.0f} %; {above} of {V} keep more than that."
    )


# ---------------------------------------------------------------- words


def _name(entry: Entry) -> str:
    return f"“{entry.name.translate(INNER)}”"


def _list(parts: Sequence[str], last: str = "and") -> str:
    return f" {last} ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))


def _digits(gap: float) -> int | None:
    """How many decimals are needed to show a difference of `gap`; None if more than four."""
    return next((digits for digits in (2, 3, 4) if gap >= 0.5 * 10**-digits), None)


def _loss(loss: float, gap: float) -> str:
    return f"{loss:,.{_digits(gap)}f}" if loss < FAR else f"{loss:.1e}"
