"""The actions of the Tune page: experiments in the background, and using their results in the visitor's run.

Their state is in the Streamlit session. Values from the page's JavaScript are checked here.
"""

import time
from dataclasses import dataclass, field

import streamlit as st

from core.analysis import capacity, finder
from core.analysis.compare import summary
from core.analysis.diagnosis import Examination, alarms, highest_rate
from core.analysis.fit import Fit, comparable, comparable_of_words, fit
from core.analysis.mending import Mend, mend
from core.analysis.repair import repairs
from core.config import KNOB, Config, ConfigError
from core.data.corpus import WORD, Corpus
from core.engine.job import Job, Progress
from core.engine.snapshot import TRAINING, Snapshot
from core.messages import mark, tr
from core.serving.jobs import Jobs
from core.ui import components, server, session
from core.ui.compare.comparison import about, in_line

STEPS = (100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000)
DEFAULTS = {"tune_range": finder.EXPONENTS[0], "tune_steps": 1_000, "tune_size_steps": 5_000}
DEFAULTS |= {"tune_word_steps": 200, "tune_word_size_steps": 200}
MOST_SEARCHED = 5_000  # words of a vocabulary with which many short runs are trained
TOO_LARGE = mark(
    "With {V:,} words this would take many minutes, and a gigabyte of memory. Set Vocabulary on Explore to {most:,} or "
    "fewer, find it there, and compare a few of the found settings on the large vocabulary with Compare runs."
)
AT_WORK, AT_REST = 0.15, 0.5  # seconds per look to examine a run: in training, at rest


@dataclass
class Search:
    """Jobs in the background, and their progress. low, high: exponents of the rates, for a rate search only."""

    config: Config
    jobs: list[Job]
    words: Corpus
    steps: int
    low: int = 0
    high: int = 0
    running: bool = True
    progress: Progress = field(default_factory=lambda: Progress({}, {}, 0.0))

    def __post_init__(self):
        self.batch, self._began = Jobs(self.jobs, self.words), time.monotonic()

    def poll(self) -> Progress:
        self.progress = self.batch.poll()
        self.running = self.running and self.progress.share < 1
        return self.progress

    def cancel(self) -> None:
        """Stop the jobs and wait for their processes to end. Finished results are kept."""
        self.batch.cancel()
        self.running = False
        self.progress = self.batch.poll()

    @property
    def left(self) -> str:
        """The remaining time as text, estimated from the progress, or that it waits; "" if unknown."""
        if self.progress.waiting:
            return in_line(self.progress)
        share, took = self.progress.share, time.monotonic() - self._began
        return tr("{about} left", about=about(took / share * (1 - share))) if share > 0.05 else ""


def begin() -> None:
    """Create the state of the page."""
    state = st.session_state
    if "examination" not in state:
        state.examination, state.rates, state.sizes, state.took = Examination(), None, None, ""


def keep(*names: str) -> None:
    """Keep the values of these widgets: Streamlit deletes the value of a widget that a fragment did not draw."""
    st.session_state.update({name: st.session_state.get(name, DEFAULTS[name]) for name in names})


def own() -> Snapshot:
    """The newest snapshot of the visitor's run; renews its lease."""
    session.renew_leases()
    return session.client().snapshot


def of_words(shown: Snapshot) -> bool:
    return shown.corpus.level == WORD


def too_large(shown: Snapshot) -> str:
    """Why many short runs cannot be trained on a text with so large a vocabulary, and what to do instead; or ""."""
    V = len(shown.vocabulary)
    return tr(TOO_LARGE, V=V, most=MOST_SEARCHED) if of_words(shown) and V > MOST_SEARCHED else ""


# ---------------------------------------------------------------- experiments


def running(name: str) -> bool:
    """Whether the search "rates" or "sizes" is running."""
    return st.session_state[name] is not None and st.session_state[name].running


def busy() -> bool:
    """Whether any search is running: only one at a time, because each uses all cores that it can get."""
    return running("rates") or running("sizes")


def current(name: str) -> Search | None:
    """The search "rates" or "sizes" with its newest progress, or None."""
    search: Search | None = st.session_state[name]
    if search and search.running:
        search.poll()
    return search


def steps_key(shown: Snapshot, name: str) -> str:
    """The key of the control for the steps of each run, "tune_steps" or "tune_size_steps": words have their own."""
    return name.replace("tune_", "tune_word_") if of_words(shown) else name


def find_rate() -> None:
    """Start the search for a learning rate, with the run's current config."""
    if busy():
        return
    run, (low, high) = own(), st.session_state.tune_range
    if too_large(run):
        return
    steps = st.session_state[steps_key(run, "tune_steps")]
    jobs = finder.finder_jobs(run.config, low, high, steps, of_words(run))
    st.session_state.rates = Search(run.config, jobs, run.corpus, steps, low, high)
    session.wait_for(st.session_state.rates.batch)
    st.session_state.took = ""


def find_size() -> None:
    """Start the comparison of sizes, with the run's current config."""
    if busy():
        return
    run = own()
    if too_large(run):
        return
    steps = st.session_state[steps_key(run, "tune_size_steps")]
    jobs = capacity.capacity_jobs(run.config, steps, of_words(run))
    st.session_state.sizes = Search(run.config, jobs, run.corpus, steps)
    session.wait_for(st.session_state.sizes.batch)


def cancel(name: str) -> None:
    """End a search. One that has found nothing yet leaves its panel as it is before a search."""
    if running(name):
        search: Search = st.session_state[name]
        search.cancel()
        if not (search.progress.done or search.progress.failed):
            st.session_state[name] = None


# ---------------------------------------------------------------- using a result


def use_rate() -> None:
    """Set the run's learning rate, without a new run."""
    try:
        rate = KNOB["learning_rate"].check(components.received("finder", "rate"))
    except ConfigError:
        return  # no click sends an invalid rate
    session.live().to_own_run()
    session.client().set(learning_rate=rate)
    st.session_state.took = tr(
        "Your run's learning rate is {rate:g} from step {step:,} on.", rate=rate, step=own().step
    )


def use_size() -> None:
    """Start a run of the size that was clicked; it trains if the old run was training."""
    size = components.received("sizes", "size")
    if not isinstance(size, list) or len(size) != 2:
        return
    try:
        config = own().config.with_(n_hidden=size[0], n_embd=size[1])
    except ConfigError:
        return
    session.live().to_own_run()
    session.client().reset(config)


def usual_init(shown: Snapshot) -> str:
    """The initialisation to start with: at word level the first guess is how often each word occurs."""
    return "frequency" if of_words(shown) else "scaled"


def use_scaled() -> None:
    """Start a new run with the usual initialisation."""
    session.live().to_own_run()
    session.client().reset(own().config.with_(init=usual_init(own())))


# ---------------------------------------------------------------- what the page shows


def examined(shown: Snapshot) -> bool:
    """Examine new checkpoints of the run. Return whether all are examined."""
    seconds = AT_WORK if shown.state == TRAINING else AT_REST
    return st.session_state.examination.update(shown, session.dataset(shown), seconds)


def problems(shown: Snapshot) -> tuple[list[str], Mend | None]:
    """The problems of the run, one sentence each, the most serious first; and what would mend that one."""
    checkups, advised = st.session_state.examination.checkups, shown.failure is not None
    found = alarms(checkups, shown.measured, len(shown.vocabulary), advised)  # with the losses that are shown beside it
    failed = ["not_learning"] if shown.failure else []
    remedy = mend([*failed, *(alarm.name for alarm in found)], shown.config, highest_rate(shown.history))
    return [*([shown.failure] if shown.failure else []), *(alarm.text for alarm in found)], remedy


def mend_run() -> None:
    """Do what the button in the diagnosis says, which is worked out again: a click says only that."""
    examined(own())
    remedy = problems(own())[1]
    if remedy is None:
        return
    session.live().to_own_run()
    if remedy.anew:
        session.client().reset(own().config.with_(**{remedy.knob: remedy.value}))
    else:
        session.client().set(**{remedy.knob: remedy.value})


def train_and_dev(shown: Snapshot) -> tuple[Fit, dict[str, float]]:
    """The judgement of train against dev loss, and the count model in the loss chart: {name: dev loss}."""
    if of_words(shown):
        counts = server.word_counts(shown.corpus, lambda: None)
        counted = comparable_of_words(counts.dev, shown.config.block_size) if counts else None
    else:
        counted = comparable(session.baselines(shown).dev, shown.config.block_size)
    return fit(shown.history, len(shown.vocabulary), counted), dict([counted]) if counted else {}


def whose(config: Config, shown: Snapshot, size: bool = True) -> str:
    """ "of another run: ..." if the search had other settings than the run has now, apart from what it searched for."""
    ignored = {"steps": 1} | ({"learning_rate": 0.1} if size else {"n_hidden": 1, "n_embd": 1})
    return (
        ""
        if shown.config.with_(**ignored) == config.with_(**ignored)
        else tr("of another run: {summary}", summary=summary(config))
    )


def rates_text(search: Search, found: finder.Findings) -> str:
    """The result of the rate search in one or two sentences, and the first problem if there was one."""
    failed = [tr(text) for i, text in search.progress.failed.items() if i not in search.progress.broke]
    mine = search.config.with_(learning_rate=own().config.learning_rate)  # the current rate
    return " ".join([finder.finder_sentence(found, mine, search.low, search.high, search.steps), *failed[:1]])


@st.cache_data(max_entries=64, show_spinner=False, hash_funcs=server.OF_WORDS)
def repair_rows(
    words: Corpus, block_size: int, n_embd: int, n_hidden: int, seed: int, direct: bool, tied: bool
) -> list[dict]:
    """The rows of the panel on initial weights: each change, its reason and its effect."""
    config = Config(block_size=block_size, n_embd=n_embd, n_hidden=n_hidden, seed=seed, direct=direct, tied=tied)
    return [
        {
            "code": repair.code,
            "why": repair.why,
            "loss": f"{repair.loss:.3f}",
            "saturated": percent(repair.activity.saturated),
            "flat": percent(repair.activity.flat),
            "histogram": [round(share, 4) for share in repair.activity.histogram],
        }
        for repair in repairs(config, server.dataset(words, block_size))
    ]


def percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share > 0.0995 or share == 0 else f"{100 * share:.1f} %"


def grid(search: Search, shown: Snapshot) -> dict:
    """The data of the panel on sizes: one row per number of dimensions, one column per number of hidden units."""
    known = capacity.cells(search.jobs, search.progress, len(shown.vocabulary))
    hidden, dimensions = capacity.sizes(search.config, search.words.level == WORD)
    first, drawn = capacity.best(known), [*zip(known, capacity.shares(known))]
    return {
        "hidden": list(hidden),
        "dimensions": list(dimensions),
        "rows": [[_cell(c, share, first) for c, share in drawn if c.n_embd == n_embd] for n_embd in dimensions],
        "said": capacity.capacity_sentence(known, search.config, search.steps),
        "steps": search.steps,
    }


def _cell(cell: capacity.Cell, share: float | None, first: capacity.Cell | None) -> dict:
    return {
        "size": [cell.n_hidden, cell.n_embd],
        "parameters": f"{cell.parameters:,}",
        "train": cell.train and f"{cell.train:.4f}",
        "dev": cell.dev and f"{cell.dev:.4f}",
        "share": share and round(share, 3),
        "best": cell is first,
        "problem": cell.problem and tr(cell.problem),
    }
