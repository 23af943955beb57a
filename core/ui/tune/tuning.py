"""What the Tune page does: experiments in the background, and what of them is taken over into the visitor's run.

All of it lives in the visitor's session. What the page's script says is checked here.
"""

import time
from dataclasses import dataclass, field

import streamlit as st

from core.analysis import capacity, finder
from core.analysis.compare import summary
from core.analysis.diagnosis import Examination, alarms
from core.analysis.fit import Fit, comparable, fit
from core.analysis.mend import mends
from core.config import KNOB, Config, ConfigError
from core.data.wordlist import WordList
from core.engine.job import Job, Progress
from core.engine.snapshot import TRAINING, Snapshot
from core.serving.jobs import Jobs
from core.ui import components, server, session
from core.ui.compare.comparison import about, in_line

STEPS = (100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000)
DEFAULTS = {"tune_range": finder.EXPONENTS[0], "tune_steps": 1_000, "tune_size_steps": 5_000}
AT_WORK, AT_REST = 0.15, 0.5  # seconds that a look may take to examine a run that trains, and one that does not


@dataclass
class Search:
    """Jobs in the background and how far they are. low, high: exponents of the rates, of a search for one."""

    config: Config
    jobs: list[Job]
    words: WordList
    steps: int
    low: int = 0
    high: int = 0
    running: bool = True
    progress: Progress = field(default_factory=lambda: Progress({}, {}, 0.0))

    def __post_init__(self):
        self.batch, self._began = Jobs(self.jobs, self.words), time.monotonic()

    def look(self) -> Progress:
        self.progress = self.batch.poll()
        self.running = self.running and self.progress.share < 1
        return self.progress

    def cancel(self) -> None:
        """Its processes are gone when this returns; what was done stays."""
        self.batch.cancel()
        self.running = False
        self.progress = self.batch.poll()

    @property
    def left(self) -> str:
        """How long it takes still, by how long it took so far, or that it waits; "" while nobody can know."""
        if self.progress.waiting:
            return in_line(self.progress)
        share, took = self.progress.share, time.monotonic() - self._began
        return f"{about(took / share * (1 - share))} left" if share > 0.05 else ""


def begin() -> None:
    """Make what the page remembers."""
    state = st.session_state
    if "examination" not in state:
        state.examination, state.rates, state.sizes, state.took = Examination(), None, None, ""


def keep(*names: str) -> None:
    """Before widgets are drawn, or are not: Streamlit forgets what one said that its fragment did not draw."""
    st.session_state.update({name: st.session_state.get(name, DEFAULTS[name]) for name in names})


def own() -> Snapshot:
    """The visitor's own run; training goes on while somebody looks here."""
    session.here()
    return session.client().snapshot


# ---------------------------------------------------------------- experiments


def running(name: str) -> bool:
    """Whether the search that is kept under this name, "rates" or "sizes", goes on."""
    return st.session_state[name] is not None and st.session_state[name].running


def busy() -> bool:
    """Whether any goes on: one at a time, as each takes all the cores that it may."""
    return running("rates") or running("sizes")


def look(name: str) -> Search | None:
    """The search, and how far it is now."""
    search: Search | None = st.session_state[name]
    if search and search.running:
        search.look()
    return search


def find_rate() -> None:
    """Start the search for a learning rate, of the run's config as it is now."""
    if busy():
        return
    run, steps, (low, high) = own(), st.session_state.tune_steps, st.session_state.tune_range
    jobs = finder.finder_jobs(run.config, low, high, steps)
    st.session_state.rates = Search(run.config, jobs, run.words, steps, low, high)
    session.wait_for(st.session_state.rates.batch)
    st.session_state.took = ""


def find_size() -> None:
    """Start the sweep over sizes, of the run's config as it is now."""
    if busy():
        return
    run, steps = own(), st.session_state.tune_size_steps
    jobs = capacity.capacity_jobs(run.config, steps)
    st.session_state.sizes = Search(run.config, jobs, run.words, steps)
    session.wait_for(st.session_state.sizes.batch)


def cancel(name: str) -> None:
    """End a search."""
    if running(name):
        st.session_state[name].cancel()


# ---------------------------------------------------------------- taken over


def use_rate() -> None:
    """Set the run's learning rate, in flight."""
    said = components.said("finder", "rate")
    try:
        rate = KNOB["learning_rate"].check(said)
    except ConfigError:
        return  # nobody clicked that
    session.to_own_run()
    session.client().set(learning_rate=rate)
    st.session_state.took = f"Your run's learning rate is {rate:g} from step {own().step:,} on."


def use_size() -> None:
    """Start a run of that size; it goes on training if the old one was."""
    said = components.said("sizes", "size")
    if not isinstance(said, list) or len(said) != 2:
        return
    try:
        config = own().config.with_(n_hidden=said[0], n_embd=said[1])
    except ConfigError:
        return
    session.to_own_run()
    session.client().reset(config)


def use_scaled() -> None:
    """Start the run anew with the scaled initialisation."""
    session.to_own_run()
    session.client().reset(own().config.with_(init="scaled"))


# ---------------------------------------------------------------- what the page shows


def examined(shown: Snapshot) -> bool:
    """Examine what is new of the run; whether nothing is left."""
    seconds = AT_WORK if shown.state == TRAINING else AT_REST
    return st.session_state.examination.update(shown, session.words(shown), seconds)


def said(shown: Snapshot) -> list[str]:
    """What is wrong with the run, a sentence each."""
    found = alarms(st.session_state.examination.checkups, shown.history, len(shown.vocabulary))
    return [*([shown.failure] if shown.failure else []), *(alarm.text for alarm in found)]


def train_and_dev(shown: Snapshot) -> tuple[Fit, dict[str, float]]:
    """The verdict, and the count model that the loss is drawn against."""
    counted = comparable(session.baselines(shown).dev, shown.config.block_size)
    return fit(shown.history, len(shown.vocabulary), counted), dict([counted]) if counted else {}


def whose(config: Config, shown: Snapshot, size: bool = True) -> str:
    """Which experiment a search was about, if it is not the run's any more; its rate, or else its size, has no say."""
    aside = {"steps": 1} | ({"learning_rate": 0.1} if size else {"n_hidden": 1, "n_embd": 1})
    return "" if shown.config.with_(**aside) == config.with_(**aside) else f"of another run: {summary(config)}"


def rates_said(search: Search, found: finder.Findings) -> str:
    """What came of the search, in a sentence or two; what could not be done is said too."""
    failed = [text for i, text in search.progress.failed.items() if i not in search.progress.broke]
    mine = search.config.with_(learning_rate=own().config.learning_rate)  # the current rate
    return " ".join([finder.finder_sentence(found, mine, search.low, search.high, search.steps), *failed[:1]])


@st.cache_data(max_entries=64, show_spinner=False, hash_funcs=server.OF_WORDS)
def mended(words: WordList, block_size: int, n_embd: int, n_hidden: int, seed: int, direct: bool) -> list[dict]:
    """The repair of the first weights, as the page's script takes it."""
    config = Config(block_size=block_size, n_embd=n_embd, n_hidden=n_hidden, seed=seed, direct=direct)
    return [
        {
            "code": mend.code,
            "why": mend.why,
            "loss": f"{mend.loss:.3f}",
            "saturated": percent(mend.activity.saturated),
            "flat": percent(mend.activity.flat),
            "histogram": [round(share, 4) for share in mend.activity.histogram],
        }
        for mend in mends(config, server.dataset(words, block_size))
    ]


def percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share > 0.0995 or share == 0 else f"{100 * share:.1f} %"


def grid(search: Search, shown: Snapshot) -> dict:
    """The sizes tried, as the page's script takes them: rows of dimensions, columns of hidden units."""
    known = capacity.cells(search.jobs, search.progress, len(shown.vocabulary))
    hidden, dimensions = capacity.sizes(search.config)
    first, drawn = capacity.best(known), [*zip(known, capacity.shares(known))]
    return {
        "hidden": list(hidden),
        "dimensions": list(dimensions),
        "rows": [[_cell(c, share, first) for c, share in drawn if c.n_embd == n_embd] for n_embd in dimensions],
        "verdict": capacity.capacity_sentence(known, search.config, search.steps),
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
        "problem": cell.problem,
    }
