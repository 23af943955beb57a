"""The result of a comparison of runs, in one or two sentences with their numbers. Pure."""

from collections.abc import Sequence

from core.analysis.compare import Entry, change_text, comparable, differing, of_words, shown
from core.analysis.seeds import Reseeds, Survival
from core.config import KNOB
from core.messages import mark, tr

DIFFERENCES = 3  # how many differences are named
ENOUGH = 0.5  # seconds of training below which a ratio of times means nothing
FAR = 1e4  # nats above which a loss is written as 1.0e+05
EXACT = 0.05  # a ratio this close to one of TIMES or PARTS is described by its words
TIMES = {
    2: mark("twice"), 3: mark("three times"), 4: mark("four times"), 5: mark("five times"), 10: mark("ten times"),
    1 / 2: mark("half"), 1 / 3: mark("a third of"), 1 / 4: mark("a quarter of"), 1 / 5: mark("a fifth of"),
    1 / 10: mark("a tenth of"),
}  # fmt: skip
INNER = str.maketrans("“”", "‘’")  # quotes within quotes
DIFFERENCE_TEXTS = {  # the value of one run, then that of the other
    "block_size": mark("{} instead of {} characters of context"),
    "n_embd": mark("{} instead of {} embedding dimensions"),
    "n_hidden": mark("{} instead of {} hidden units"),
    "learning_rate": mark("a learning rate of {} instead of {}"),
    "batch_size": mark("batch size {} instead of {}"),
    "seed": mark("seed {} instead of {}"),
    "schedule": mark("a {} instead of a {} schedule"),
    "decay_at": mark("decay after {} instead of {} steps"),
    "weight_decay": mark("a weight decay of {} instead of {}"),
    "init": mark("{} instead of {} initialisation"),
    "optimiser": mark("{} instead of {}"),
}

BESIDE_ONE = {
    "below": mark("{name}, at {dev}, is below it"),
    "above": mark("{name}, at {dev}, is above it"),
    "among": mark("{name}, at {dev}, is as high as it"),
}
BESIDE_MANY = {
    "below": mark("{name}, at {dev}, is below them"),
    "above": mark("{name}, at {dev}, is above them"),
    "among": mark("{name}, at {dev}, is among them"),
}


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
        level = {"one": _name(best), "other": _name(others[0]), "dev": best.dev}
        return tr("On dev {one} and {other} are level, at {dev:.4f}.", **level)
    next_ = _name(others[0]) if len(others) == 1 else tr("the next")
    far = tr("far below {name}", name=next_)
    below = tr("{gap} below {name}", gap=_loss(gap, gap), name=next_) if gap < FAR else far
    return tr("Best on dev: {name} ({dev}), {below}.", name=_name(best), dev=_loss(best.dev, gap), below=below)


# ---------------------------------------------------------------- two runs


def _two(one: Entry, other: Entry) -> str:
    better, worse = sorted((one, other), key=lambda entry: entry.dev)
    gap = worse.dev - better.dev
    with_ = _list(_differences(better, worse) + _ratios(better, worse))
    if _digits(gap) is None:
        ends = {"one": _name(one), "other": _name(other), "dev": one.dev, "step": one.step, "how": _how(one, other)}
        if one.step == other.step:
            return tr("{one} and {other} both end at {dev:.4f} on dev, after {step:,} steps{how}.", **ends)
        both = mark("{one} and {other} both end at {dev:.4f} on dev, after {step:,} and {steps:,} steps{how}.")
        return tr(both, steps=other.step, **ends)
    other_steps = tr("{steps:,} instead of {others:,}", steps=better.step, others=worse.step)
    steps = tr("as many") if one.step == other.step else other_steps
    far = tr("far below {name} ({dev:.1e})", name=_name(worse), dev=worse.dev)
    below = tr("{gap} below {name}", gap=_loss(gap, gap), name=_name(worse)) if gap < FAR else far
    return tr(
        "{name} ends at {dev} on dev, {below} after {steps} steps, with {differences}.", name=_name(better),
        dev=_loss(better.dev, gap), below=below, steps=steps, differences=with_ or tr("the same settings"),
    )  # fmt: skip


def _how(one: Entry, other: Entry) -> str:
    with_ = _list(_differences(one, other) + _ratios(one, other))
    if not with_:
        return tr(", with the same settings")
    return tr("; {name} with {differences}", name=_name(one), differences=with_)


def _differences(one: Entry, other: Entry) -> list[str]:
    names = _telling([one, other])
    words = of_words([one])
    said = [_difference(name, getattr(one.start, name), getattr(other.start, name), words) for name in names]
    more = len(said) - DIFFERENCES
    if more <= 0:
        return said
    others = tr("1 other setting changed") if more == 1 else tr("{n} other settings changed", n=more)
    return [*said[:DIFFERENCES], others]


def _difference(name: str, mine, others, of_words: bool) -> str:
    if name == "block_size" and of_words:
        return tr("{mine} instead of {others} words of context", mine=mine, others=others)
    if name == "direct":
        return tr("direct connections") if mine else tr("no direct connections")
    if name == "tied":
        return tr("tied output weights") if mine else tr("output weights of their own")
    return tr(DIFFERENCE_TEXTS[name]).format(shown(mine, name), shown(others, name))


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
        same = tr("about as many parameters")
        said.append(same if _is(ratio, 1) else tr("{times} the parameters", times=_times(ratio)))
    if min(one.seconds, other.seconds) >= ENOUGH:
        ratio = one.seconds / other.seconds
        same = tr("about the same training time")
        said.append(same if _is(ratio, 1) else tr("{times} the training time", times=_times(ratio)))
    return said


def _is(ratio: float, simple: float) -> bool:
    return abs(ratio / simple - 1) < EXACT


def _times(ratio: float) -> str:
    """A ratio as text, such as “three times”, “1.6 times”, “half” or “70 % of”."""
    simple = next((said for value, said in TIMES.items() if _is(ratio, value)), None)
    if simple:
        return tr(simple)
    if ratio > 1:
        return tr("{ratio} times", ratio=f"{ratio:,.{int(ratio < 10)}f}")
    return tr("{share:.2g} % of", share=100 * ratio)


# ---------------------------------------------------------------- more runs


def _many(entries: Sequence[Entry]) -> str:
    ranked = sorted(entries, key=lambda entry: entry.dev)
    best, worst = ranked[0], ranked[-1]
    gap, steps = worst.dev - best.dev, {entry.step for entry in entries}
    least, most = min(steps), max(steps)
    after = tr("after {least:,} to {most:,} steps", least=least, most=most)
    after = after if len(steps) > 1 else tr("after {step:,} steps each", step=least)
    if _digits(gap) is None:
        said = tr("All {n} runs end at {dev:.4f} on dev, {after}", n=len(entries), dev=best.dev, after=after)
    else:
        ranks = mark("Of {n} runs {best} ends lowest on dev, at {lowest}, and {worst} highest, at {highest}, {after}")
        ends = {"lowest": _loss(best.dev, gap), "highest": _loss(worst.dev, gap)}
        said = tr(ranks, n=len(entries), best=_name(best), worst=_name(worst), after=after, **ends)
    names = _telling(entries)
    if not names:
        return tr("{said}, all with the same settings.", said=said)
    parts = [f"{tr(KNOB[name].label.lower())} ({_values(entries, name)})" for name in names[:DIFFERENCES]]
    more = len(names) - DIFFERENCES
    parts += [tr("{n} more", n=more)] if more > 0 else []
    return tr("{said}; they differ in {parts}.", said=said, parts=_list(parts))


def _values(entries: Sequence[Entry], name: str) -> str:
    """The values of a knob as text: numbers in order, then words."""
    values = {getattr(entry.start, name) for entry in entries}
    return _list([shown(v, name) for v in sorted(values, key=lambda v: (isinstance(v, str), v))], tr("or"))


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
    both, every = (
        mark("At step {step:,}, the last at which both were measured, {said}"),
        mark("At step {step:,}, the last at which all were measured, {said}"),
    )
    if _digits(gap) is None:
        said = tr("they were equal ({dev:.4f}).", dev=devs[0])
    elif len(entries) > 2:
        said = tr("{name} was lowest, at {dev}.", name=_name(entries[best]), dev=_loss(devs[best], gap))
    else:
        of = {"one": _name(entries[best]), "other": _name(entries[1 - best])}
        low, high = _loss(min(devs), gap), _loss(max(devs), gap)
        said = tr("{one} was at {low} and {other} at {high}.", low=low, high=high, **of)
    return tr(both if len(entries) == 2 else every, step=step, said=said)


def _failed(entries: Sequence[Entry]) -> str:
    gone = [tr("{name} broke down after step {step:,}", name=_name(e), step=e.step) for e in entries if e.failure]
    if not gone:
        return ""
    if len(gone) == 1:
        return tr("{gone}: its loss was no longer a finite number.", gone=gone[0])
    return tr("{gone}: their losses were no longer finite numbers.", gone=_list(gone))


def _changed(entries: Sequence[Entry]) -> str:
    changed = [entry for entry in entries if entry.changes]
    if len({entry.changes for entry in entries}) == 1:
        same = mark("Both had the same changes while training."), mark("All had the same changes while training.")
        return tr(same[len(entries) > 2]) if changed else ""
    was = mark("{name} was changed while training: {changes}.")
    return " ".join(tr(was, name=_name(entry), changes=_few(entry)) for entry in changed)


def _few(entry: Entry) -> str:
    first, more = entry.changes[:2], len(entry.changes) - 2
    return _list([change_text(change) for change in first] + ([tr("{n} more", n=more)] if more > 0 else []))


def _other_words(entries: Sequence[Entry]) -> str:
    end = mark("{name} ends at {dev:.2f} on dev of {data}")
    ends = _list([tr(end, name=_name(entry), dev=entry.dev, data=entry.data) for entry in entries])
    return tr("These runs learned from different words, so their losses cannot be compared: {ends}.", ends=ends)


# ---------------------------------------------------------------- other seeds


def seeds_sentence(reseeds: Reseeds) -> str:
    """How a run compares with the same run with other seeds, and whether its neighbours are more than chance."""
    if not reseeds.devs:
        return tr("No run with another seed was completed.")
    entry, devs = reseeds.entry, reseeds.devs.values()
    low, high = min(devs), max(devs)
    digits = _digits(high - low)
    own = {"name": _name(entry), "dev": f"{entry.dev:.{digits or 4}f}"}
    where = "below" if entry.dev < low else "above" if entry.dev > high else "among"
    if len(devs) == 1:
        place = tr(BESIDE_ONE[where], **own)
        said = tr("With one other seed the dev loss ends at {dev:.4f}: {place}.", dev=low, place=place)
    else:
        place, of = tr(BESIDE_MANY[where], **own), {"n": len(devs), "low": f"{low:.{digits or 4}f}"}
        said = tr("With {n} other seeds the dev losses all end at {low}: {place}.", place=place, **of)
        if digits is not None:
            high = f"{high:.{digits}f}"
            between = mark("With {n} other seeds the dev losses end between {low} and {high}: {place}.")
            said = tr(between, place=place, high=high, **of)
    return f"{said} {_kept(reseeds.survival, of_words([entry]))}".strip()


def _kept(survival: Survival | None, of_words: bool) -> str:
    if survival is None:
        return ""
    above, V = sum(overlap > survival.chance for overlap in survival.overlap), len(survival.overlap)
    character, word = (
        mark(
            "From seed to seed a character keeps {kept:.0f} % of its nearest on average, "
            "where chance would give {chance:.0f} %; {above} of {V} keep more than that."
        ),
        mark(
            "From seed to seed a word keeps {kept:.0f} % of its nearest on average, "
            "where chance would give {chance:.0f} %; {above} of {V} keep more than that."
        ),
    )
    values = {"kept": 100 * sum(survival.overlap) / V, "chance": 100 * survival.chance, "above": above, "V": V}
    return tr(word if of_words else character, **values)


# ---------------------------------------------------------------- words


def _name(entry: Entry) -> str:
    return f"“{entry.name.translate(INNER)}”"


def _list(parts: Sequence[str], last: str | None = None) -> str:
    return f" {last or tr('and')} ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))


def _digits(gap: float) -> int | None:
    """How many decimals are needed to show a difference of `gap`; None if more than four."""
    return next((digits for digits in (2, 3, 4) if gap >= 0.5 * 10**-digits), None)


def _loss(loss: float, gap: float) -> str:
    return f"{loss:,.{_digits(gap)}f}" if loss < FAR else f"{loss:.1e}"
