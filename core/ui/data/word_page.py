"""The Data page for a run on words: the text, its vocabulary, one sentence as examples, contexts, counts."""

import math

import streamlit as st

from core.analysis.words import perplexity
from core.counting.of_words import LONGEST, ORDERS, UNIGRAM
from core.data.corpus import WORD
from core.data.sentences import SOURCE
from core.data.word_counts import TextFacts, examples_of_sentence, followers, frequent
from core.data.word_examples import growth
from core.engine.model import forward
from core.engine.snapshot import TRAINING, Snapshot
from core.messages import tr
from core.plots import words as plots
from core.serving.background import Failed
from core.ui import components, server, session, typed
from core.ui.data import text, words
from core.ui.data.counting import once

MOVING, RESTING = 2.0, 5.0  # seconds between two looks at the run
LISTED = 12  # rows of a table of counts
LONGEST_CONTEXT = 8  # words


def page() -> None:
    if st.session_state.pop("watch", False):
        st.switch_page("explore/page.py")
    shown = session.client().snapshot
    left, right = st.columns([1.25, 1], gap="small")
    with left, st.container(key="wordtext", border=True):
        _text(shown)
    with right, st.container(key="wordbest", border=True):
        every = MOVING if shown.state == TRAINING else RESTING
        st.fragment(_best, run_every=every, key="wordbest_look")(shown.number, shown.state)
    left, right = st.columns([1.25, 1], gap="small")
    with left, st.container(key="wordwindows", border=True):
        st.fragment(_sentence, key="wordwindows_look")(shown.number)
    with right, st.container(key="wordgrowth", border=True):
        _contexts(shown)
    with st.container(key="wordcounts", border=True):
        st.fragment(_counts, run_every=every, key="wordcounts_look")(shown.number)
    text.draw()
    words.draw(shown)


def _look(number: int) -> Snapshot:
    """The newest snapshot of the visitor's run, of which the page was drawn; renews its lease."""
    session.one_thread()
    session.renew_leases()
    shown = session.client().snapshot
    if shown.number != number or shown.corpus.level != WORD or st.session_state.get("watch"):
        st.rerun()
    return shown


def _labels(shown: Snapshot, ids) -> list[str]:
    return [shown.vocabulary.label(i) for i in ids]


# ---------------------------------------------------------------- the text and its vocabulary


def facts(shown: Snapshot) -> TextFacts:
    corpus = shown.corpus
    with st.spinner(tr("Counting …")):
        return server.shared().get(("text facts", corpus), lambda: TextFacts.of(corpus))


def _text(shown: Snapshot) -> None:
    found, data = facts(shown), session.dataset(shown)
    components.view(
        "wordtext",
        name=shown.corpus.name,
        source=tr(SOURCE) if server.is_english(shown.corpus) else "",
        sentences=len(shown.corpus.units),
        splits=[[name, len(part.words), len(part)] for name, part in _splits(data)],
        tokens=found.tokens,
        distinct=found.distinct,
        kept=len(found.counts),
        unknown=round(100 * found.unknown, 1),
        sizes=[[size, round(100 * share, 1)] for size, share in found.by_size],
        words=list(shown.vocabulary.itos[2 : plots.SHOWN]),
        counts=list(found.counts[: plots.SHOWN - 2]),
    )


def _splits(data) -> list[tuple]:
    return [("train", data.train), ("dev", data.dev), ("test", data.test)]


# ---------------------------------------------------------------- who predicts best


def _best(number: int, state: str) -> None:
    shown = _look(number)
    if shown.state != state:
        st.rerun()
    counts = server.word_counts(shown.corpus, lambda: None)
    step, _, dev = shown.exact
    lines = [[tr("Your run"), dev, shown.config.block_size, tr("{step:,} steps", step=step)]]
    lines.append([tr("guessing evenly"), math.log(len(shown.vocabulary)), 0, ""])
    if counts:
        about = {UNIGRAM: tr("how often each word occurs")}
        reads = {UNIGRAM: 0} | {name: order - 1 for name, order in ORDERS.items()}
        lines += [
            [tr(name), loss, reads[name], about.get(name, tr("interpolated Kneser-Ney"))]
            for name, loss in counts.dev.items()
        ]
    lines.sort(key=lambda line: line[1] if math.isfinite(line[1]) else math.inf)
    failed = tr("Counting failed ({why}).", why=counts.why) if isinstance(counts, Failed) else ""
    components.view(
        "wordbest",
        lines=[[name, f"{loss:.4f}", perplexity(loss), reads, about] for name, loss, reads, about in lines],
        waits="" if counts else failed or tr("Counting contexts of up to {n} words …", n=LONGEST - 1),
    )


# ---------------------------------------------------------------- from a sentence to examples


def _sentence(number: int) -> None:
    shown = _look(number)
    with st.container(key="data_sentence"):
        st.text_input(
            tr("Sentence"), key=typed.key(shown.corpus, "data_word"), label_visibility="collapsed",
            max_chars=typed.MOST_OF_WORDS, placeholder=tr("type a sentence"),
        )  # fmt: skip
    place = st.empty()
    block_size = st.slider(
        tr("Context length"), 1, LONGEST_CONTEXT, min(shown.config.block_size, LONGEST_CONTEXT), key="data_words_block",
        persist_state="session", help=tr("Words of context in each example."),
    )  # fmt: skip
    vocabulary, train, sentence = shown.vocabulary, session.dataset(shown).train, typed.text(shown, "data_word")
    ids = vocabulary.encode(sentence)
    make = lambda: examples_of_sentence(ids, block_size, train, vocabulary)
    rows = once("data_sentence", (shown.corpus.identity, sentence, block_size), make)
    with place:
        components.view(
            "wordwindows",
            rows=[[_labels(shown, row.context), vocabulary.label(row.next), list(row.context), row.next, row.times,
                   row.followed] for row in rows],
            unknown=[word for word in dict.fromkeys(vocabulary.symbols(sentence)) if word not in vocabulary.stoi],
        )  # fmt: skip


def _contexts(shown: Snapshot) -> None:
    data = session.dataset(shown)
    make = lambda: growth(data.train, data.dev, data.vocabulary)
    with st.spinner(tr("Counting …")):
        found = server.shared().get(("word contexts", shown.corpus, data.block_size), make)
    components.view(
        "wordgrowth",
        rows=[
            [one.length, f"{one.possible:,}" if one.possible < 1e15 else f"{one.possible:.1e}", one.train,
             f"{100 * one.unseen_examples / one.examples:.1f} %"]
            for one in found
        ],
        such_as=[[one.context, one.times] for one in found[-1].such_as],
    )  # fmt: skip


# ---------------------------------------------------------------- what followed


def _counts(number: int) -> None:
    shown = _look(number)
    train, context = session.dataset(shown).train, typed.text(shown, "context")
    with st.container(key="data_context"):
        st.text_input(
            tr("Words before"), key=typed.key(shown.corpus, "context"), label_visibility="collapsed",
            max_chars=typed.MOST_OF_WORDS, placeholder=tr("(start of a sentence)"),
            help=tr("The last word chooses the row of pairs, the last two the row of triples."),
        )  # fmt: skip
    block_size, own = train.X.shape[1], shown.vocabulary.context(context, shown.config.block_size)
    lengths = range(1, min(2, block_size) + 1)
    rows = once("data_after", (shown.corpus.identity, tuple(own)), lambda: [_row(shown, own[-n:]) for n in lengths])
    P = forward(shown.parameters(), train.X.new_tensor([own])).log_probabilities[0].exp().nan_to_num()
    most = lambda n: server.shared().get(("frequent", shown.corpus, n), lambda: frequent(train, n, LISTED))
    components.view(
        "wordcounts",
        rows=rows,
        network=[_said(shown, own), plots.likeliest(P, shown.vocabulary), tr("step {step:,}", step=shown.step)],
        frequent=[[[" ".join(_labels(shown, ids)), times] for ids, times in most(n + 1)] for n in lengths],
    )


def _row(shown: Snapshot, context: list[int]) -> dict:
    found, total = followers(session.dataset(shown).train, context, plots.NEXT)
    return {
        "after": _said(shown, context),
        "total": total,
        "next": [[shown.vocabulary.label(i), times] for i, times in found],
    }


def _said(shown: Snapshot, context: list[int]) -> str:
    known = [i for i in context if i != shown.vocabulary.start]
    return f"“{' '.join(_labels(shown, known))}”" if known else tr("the start of a sentence")
