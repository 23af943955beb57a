"""One sentence about the state of a run, for the status line and the command line."""

from core.analysis.fit import overfits
from core.config import HIGH_RATE, Config, lower_rate
from core.counting.ngrams import UNIFORM, Baselines
from core.engine.history import History
from core.engine.snapshot import FINISHED, RECORDED, STOPPED, Snapshot
from core.messages import mark, tr

WELL_ABOVE = 0.3  # nats
COUNTING = {  # what each of `ngrams.COUNT_MODELS` does
    "unigram": mark("counting single letters"),
    "bigram": mark("counting letter pairs"),
    "trigram": mark("counting letter triples"),
    "4-gram": mark("counting groups of four letters"),
}


def beaten_at(history: History, baselines: Baselines, name: str) -> int | None:
    """The first step since which every exact dev loss is below the count model's; None if the last one is not."""
    since, beaten = None, baselines.dev[name]
    for step, _, dev in reversed(history.evaluations):
        if dev >= beaten:
            break
        since = step
    return since


def not_learning(history: History, uniform: float) -> bool:
    """Whether the last three exact train losses are well above the uniform guess (ln V) and above the first loss."""
    losses = [train for _, train, _ in history.evaluations]
    floor = max(uniform + WELL_ABOVE, losses[0])
    return len(losses) > 5 and min(losses[-3:]) > floor


def likely_cause(config: Config, step: int) -> str:
    """Why a run does not learn and, after a semicolon, what to try."""
    rate = config.learning_rate_at(step)
    if rate > HIGH_RATE:
        return tr("the learning rate {rate:g} is too high; try {lower:g}", rate=rate, lower=lower_rate(rate))
    return tr("the initial weights are too large for this learning rate; try the scaled initialisation or a lower rate")


def blind(config: Config, of_words: bool = False) -> str | None:
    """A sentence on a network that cannot see its context, or None."""
    if config.n_hidden > 0 or config.direct:
        return None
    if of_words:
        return tr(
            "Without hidden units and direct connections the network does not see its context: "
            "it can only learn how often each word occurs."
        )
    return tr(
        "Without hidden units and direct connections the network does not see its context: "
        "it can only learn how often each letter occurs."
    )


def overfitting(history: History) -> str | None:
    """A sentence on a run that learns its words by heart, or None."""
    if not overfits(history):
        return None
    _, train, dev = history.evaluations[-1]
    step, _, lowest = min(history.evaluations, key=lambda row: row[2])
    return tr(
        "Overfitting: train has fallen to {train:.2f}, but dev rose to {dev:.2f} from {lowest:.2f} at step {step:,}.",
        train=train, dev=dev, lowest=lowest, step=step,
    )  # fmt: skip


def progress(config: Config, step: int, history: History, baselines: Baselines) -> str:
    """One or two sentences: how far the run is, measured against the count models on the dev split."""
    uniform = baselines.dev[UNIFORM]
    if cannot_see := blind(config):
        return cannot_see
    if step == 0:
        loss = history.evaluations[0][1]
        if loss > uniform + WELL_ABOVE:
            return tr(
                "Not trained yet: its guesses are confident and wrong (loss {loss:.2f}; pure chance is {chance:.2f}).",
                loss=loss, chance=uniform,
            )  # fmt: skip
        if config.init == "frequency":
            return tr("Not trained yet: it guesses each symbol as often as it occurs (loss {loss:.2f}).", loss=loss)
        return tr(
            "Not trained yet: it guesses almost at random (loss {loss:.2f}; pure chance is {chance:.2f}).",
            loss=loss, chance=uniform,
        )  # fmt: skip
    if not_learning(history, uniform):
        return tr("Not learning: {cause}.", cause=likely_cause(config, step))
    models = [name for name in baselines.dev if name != UNIFORM]
    beaten = [name for name in models if beaten_at(history, baselines, name) is not None]
    ahead = [name for name in models if name not in beaten]
    over = overfitting(history)
    if over and not beaten:
        return over
    if history.evaluations[-1][2] >= history.evaluations[0][2]:
        return tr("Not learning yet: the loss is no lower than at the start.")
    following = {"counting": tr(COUNTING[ahead[0]]), "loss": baselines.dev[ahead[0]]} if ahead else {}
    if not beaten:
        return tr("Learning. Next to beat: {counting} ({loss:.2f}).", **following)
    since = beaten_at(history, baselines, beaten[-1])
    text = tr("Better than {counting} since step {step:,}.", counting=tr(COUNTING[beaten[-1]]), step=since)
    if over:
        return f"{text} {over}"
    if not ahead:
        return text
    return f"{text} {tr('Next to beat: {counting} ({loss:.2f}).', **following)}"


def again(snapshot: Snapshot) -> str:
    """Of a run that is made again up to its goal."""
    return tr("Training the run of your link again: step {step:,} of {goal:,}.", step=snapshot.step, goal=snapshot.goal)


def sentence(snapshot: Snapshot, baselines: Baselines) -> tuple[str, str]:
    """The text of the status line and its tone: "calm", "good" or "bad"."""
    text = progress(snapshot.config, snapshot.step, snapshot.measured, baselines)
    bad = snapshot.state == STOPPED or not_learning(snapshot.history, baselines.dev[UNIFORM])
    if snapshot.problem:
        return tr(snapshot.problem), "bad" if bad else "calm"
    if snapshot.goal is not None:
        return again(snapshot), "calm"
    if snapshot.news:
        return tr(snapshot.news), "calm"
    if snapshot.state == RECORDED:
        of = {"step": snapshot.step, "units": snapshot.config.n_hidden, "more": text}
        return tr("A recorded run of {step:,} steps with {units} hidden units. {more}", **of), "calm"
    if snapshot.state == FINISHED:
        return tr("Finished {step:,} steps. {more}", step=snapshot.step, more=text), "bad" if bad else "good"
    return text, "bad" if bad else "calm"
