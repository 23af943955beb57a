"""The Share menu: the link, downloads, and opening a saved run."""

import html
import math
from functools import partial
from urllib.parse import urljoin

import streamlit as st
import torch

from core.analysis.timeline import Timeline
from core.config import ConfigError
from core.data.corpus import WORD
from core.data.dataset import Dataset
from core.data.parts import chosen
from core.data.text import ENDS
from core.engine.probe import sample
from core.engine.saved import SavedRun
from core.engine.snapshot import RECORDED, Snapshot
from core.keeping import export, runfile
from core.keeping.proof import Claim
from core.messages import mark, spoken, tr
from core.plots import movie, panels
from core.plots.card import card, word_card
from core.plots.words import answers as word_answers
from core.ui import actions, components, session
from core.ui.explore import present

MAX_FRAMES = 200  # of the animation: under 300 kB
CARD = {
    False: mark("A picture to pass on: letters, loss, what it made up, the link and its QR code."),
    True: mark("A picture to pass on: words, loss, what it made up, the link and its QR code."),
}
LIST = {
    False: mark("The words as they were read, one per line. The script needs this file."),
    True: mark("The sentences as they were read, one per line. The script needs this file."),
}
ANIMATION = {
    False: mark("Letters and loss over time: an HTML page that works offline."),
    True: mark("Words and loss over time: an HTML page that works offline."),
}
ANSWER = mark(
    "The run's link with its losses and a proof, to hand in. "
    "`python -m core check FILE` trains it again and says whether they are true."
)
INVENTED, WRITTEN = 5, 100  # words on the card that are not in the data, among so many that the network writes


def draw(shown: Snapshot) -> None:
    with st.popover(tr("Share"), icon=":material/ios_share:"):
        components.view("link")
        present.button()
        st.html(f"<p class='ls-section'>{html.escape(tr('Download'))}</p>")
        with st.container(key="downloads", gap="small"):
            _downloads(shown)
        st.html(f"<p class='ls-section'>{html.escape(tr('Open a saved run'))}</p>")
        st.file_uploader(
            tr("A run that was downloaded here"), type=["safetensors"], key="upload", on_change=actions.load_run,
            max_upload_size=runfile.MAX_RUN_BYTES // 1_000_000, help=tr("The .safetensors file of “Run” above."),
        )  # fmt: skip


def _downloads(shown: Snapshot) -> None:
    """Download buttons. The file is made when its button is pressed, from the run at that moment."""
    recorded, page = shown.state == RECORDED, (st.context.url or "").partition("?")[0].rstrip("/") + "/"
    snapshot, words = (lambda: shown) if recorded else session.newest(), partial(session.dataset, shown)
    of_words, live = shown.corpus.level == WORD, session.live()
    baselines = {} if of_words else session.baselines(shown).dev
    files = (
        (tr("Card"), "id_card", "svg", tr(CARD[of_words]),
         lambda: _card(snapshot(), words(), page, live.address(snapshot()))),
        (tr("Script"), "code", "py",
         tr("A self-contained PyTorch script in the lecture's style that repeats this run."),
         lambda: _script(snapshot(), words())),
        (tr(mark("Sentences") if of_words else mark("Words")), "list", "txt", tr(LIST[of_words]),
         lambda: "".join(f"{word}\n" for word in shown.corpus.units)),
        (tr("Animation"), "movie", "html", tr(ANIMATION[of_words]),
         lambda: _animation(snapshot(), words(), baselines)),
        (tr("Run"), "deployed_code", "safetensors",
         tr("Hyperparameters, history and parameters. “Open a saved run” loads it."),
         lambda: runfile.to_bytes(SavedRun.of(snapshot(), words()))),
        (tr("History"), "table", "csv", tr("Every recorded step: losses, learning rate, batch size, changes."),
         lambda: export.history_csv(snapshot().history)),
        (tr("Answer"), "task_alt", "url.txt", tr(ANSWER),
         lambda: _answer(snapshot(), words(), page)),
    )  # fmt: skip
    for label, icon, ending, help, make in files:
        text = "sentences.txt" if of_words else "names.txt"  # what the script looks for
        name = text if ending == "txt" else f"letterspace.{ending}"
        st.download_button(
            f"{label} (.{ending})", spoken(make), name, key=f"download_{ending}", help=help,
            icon=f":material/{icon}:", on_click="ignore", width="stretch",
        )  # fmt: skip


def _card(snapshot: Snapshot, words: Dataset, page: str, address: str) -> str:
    """address: of the run, as `Live.address` gives it; "" if no link can hold it."""
    torch.set_num_threads(1)
    frame = Timeline().update(snapshot)
    written = sample(snapshot.parameters(), snapshot.vocabulary, WRITTEN, snapshot.config.seed)
    of_words = snapshot.corpus.level == WORD
    as_known = (lambda said: " ".join(snapshot.vocabulary.symbols(said))) if of_words else str
    invented = [word for word in dict.fromkeys(written) if word and as_known(word) not in words.known]
    step = f"&step={snapshot.step}" if snapshot.step and snapshot.state != RECORDED else ""
    link = urljoin(page, f"?{address}{step}") if address else ""
    chance = math.log(len(snapshot.vocabulary))
    if of_words:
        whole = [said for said in invented if said[-1] in ENDS] or invented
        return word_card(chosen(snapshot.vocabulary), frame, whole, chance, link)
    return card(snapshot.corpus.shown, frame, invented[:INVENTED], snapshot.corpus.noun, chance, link)


def _answer(snapshot: Snapshot, words: Dataset, page: str) -> str:
    try:
        return Claim.of(snapshot, words.name, words.digest, words.corpus.most).written(page) + "\n"
    except ConfigError as error:
        return f"{error}\n"


def _script(snapshot: Snapshot, words: Dataset) -> str:
    try:
        return export.script(
            snapshot.history, snapshot.step, words.name, words.digest, words.vocabulary.itos, words.corpus.most
        )
    except ConfigError as error:
        return f"# {error}\n"


def _animation(snapshot: Snapshot, words: Dataset, baselines: dict[str, float]) -> str:
    torch.set_num_threads(1)  # downloads are made in a thread of their own
    past = snapshot.history.thinned(MAX_FRAMES)
    timeline = Timeline()
    timeline.update(snapshot)
    kept = {step for step, _ in past.checkpoints}
    networks = snapshot.stacked([frozen for _, frozen in past.checkpoints])
    question = panels.Question(snapshot.config.seed, 1.0, "", "")
    of_words = snapshot.corpus.level == WORD
    answers = word_answers if of_words else panels.answers
    written = answers(networks, snapshot.vocabulary, words.known, question)
    letters = chosen(snapshot.vocabulary) if of_words else snapshot.corpus.shown
    frames = [frame for frame in timeline.frames if frame.step in kept]
    shown = [
        movie.MovieFrame(frame.step, frame.seen.points[list(letters.ids)], [word for word, _ in answer["words"]])
        for frame, answer in zip(frames, written)
    ]
    return movie.page("Letterspace", letters, shown, snapshot.history, baselines, snapshot.corpus.level)
