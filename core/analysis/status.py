"""One sentence about the state of a run, for the status line and the command line."""

from core.analysis.fit import overfits
from core.config import HIGH_RATE, Config, lower_rate
from core.counting.ngrams import UNIFORM, Baselines
from core.engine.history import History
from core.engine.snapshot import FINISHED, RECORDED, STOPPED, Snapshot

WELL_ABOVE = 0.3  # nats
COUNTING = {  # what each of `ngrams.COUNT_MODELS` does
    "unigram": "counting single letters",
    "bigram": "counting letter pairs",
    "trigram": "counting letter triples",
    "4-gram": "counting groups of four letters",
}


def beaten_at(history: History, baselines: Baselines, name: str) -> int | None:
    """The first step since which every exact dev loss is below the count model's; None if the last one is not."""
    since = None
    for step, _, dev in history.evaluations:
        if dev >= baselines.dev[name]:
            since = None
        elif since is None:
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
        return f"the learning rate {rate:g} is too high; try {lower_rate(rate):g}"
    return "the initial weights are too large for this learning rate; try the scaled initialisation or a lower rate"


def blind(config: Config) -> str | None:
    """A sentence on a network that cannot see its context, or None."""
    if config.n_hidden > 0 or config.direct:
        return None
    return (
        "Without hidden units and direct connections the network does not see its context: "
        "it can only learn how often each letter occurs."
    )


def overfitting(history: History) -> str | None:
    """A sentence on a run that learns its words by heart, or None."""
    if not overfits(history):
        return None
    _, train, dev = history.evaluations[-1]
    step, _, lowest = min(history.evaluations, key=lambda row: row[2])
    rose = f"{dev:.2f} from {lowest:.2f} at step {step:,}"
    return f"Overfitting: train has fallen to {train:.2f}, but dev rose to {rose}."


def progress(config: Config, step: int, history: History, baselines: Baselines) -> str:
    """One or two sentences: how far the run is, measured against the count models on the dev split."""
    uniform = baselines.dev[UNIFORM]
    if cannot_see := blind(config):
        return cannot_see
    if step == 0:
        loss = history.evaluations[0][1]
        if loss > uniform + WELL_ABOVE:
            return (
                f"Not trained yet: its guesses are confident and wrong (loss {loss:.2f}; pure chance is {uniform:.2f})."
            )
        if config.init == "frequency":
            return f"Not trained yet: it guesses each symbol as often as it occurs (loss {loss:.2f})."
        return f"Not trained yet: it guesses almost at random (loss {loss:.2f}; pure chance is {uniform:.2f})."
    if not_learning(history, uniform):
        return f"Not learning: {likely_cause(config, step)}."
    models = [name for name in baselines.dev if name != UNIFORM]
    beaten = [name for name in models if beaten_at(history, baselines, name) is not None]
    ahead = [name for name in models if name not in beaten]
    over = overfitting(history)
    if over and not beaten:
        return over
    if history.evaluations[-1][2] >= history.evaluations[0][2]:
        return "Not learning yet: the loss is no lower than at the start."
    if not beaten:
        return f"Learning. Next to beat: {COUNTING[ahead[0]]} ({baselines.dev[ahead[0]]:.2f})."
    text = f"Better than {COUNTING[beaten[-1]]} since step {beaten_at(history, baselines, beaten[-1]):,}."
    if over:
        return f"{text} {over}"
    if not ahead:
        return text
    return f"{text} Next to beat: {COUNTING[ahead[0]]} ({baselines.dev[ahead[0]]:.2f})."


def sentence(snapshot: Snapshot, baselines: Baselines) -> tuple[str, str]:
    """The text of the status line and its tone: "calm", "good" or "bad"."""
    text = progress(snapshot.config, snapshot.step, snapshot.history, baselines)
    bad = snapshot.state == STOPPED or not_learning(snapshot.history, baselines.dev[UNIFORM])
    if snapshot.problem:
        return snapshot.problem, "bad" if bad else "calm"
    if snapshot.goal is not None:
        return f"Training the run of your link again: step {snapshot.step:,} of {snapshot.goal:,}.", "calm"
    if snapshot.state == RECORDED:
        return f"A recorded run of {snapshot.step:,} steps with {snapshot.config.n_hidden} hidden units. {text}", "calm"
    if snapshot.state == FINISHED:
        return f"Finished {snapshot.step:,} steps. {text}", "bad" if bad else "good"
    return text, "bad" if bad else "calm"
