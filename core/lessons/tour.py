"""The tour as data: short cards in the lecture's order, from counting to 2.17, and what tells that one was done.

A card speaks of one panel on one page and invites one action. Whether that was done is read from
what is really so: the run, the widgets, the time cursor, the pages' own memory. Nothing is asked.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

EXPLORE, COMPARE, DATA, INSIDE, TUNE, GUIDE = "", "compare", "data", "inside", "tune", "guide"
PAGES = {  # as in a URL -> as in the line of links
    EXPLORE: "Explore",
    COMPARE: "Compare runs",
    DATA: "Data",
    INSIDE: "Inside the network",
    TUNE: "Tune",
    GUIDE: "Guide",
}
WIDER = 300  # hidden units, the lecture's second network
ITS_WORD = "emma"  # what the Data page takes apart before anybody types
REACHED = 2.175  # nats on dev: what is less is 2.17 or better, as the lecture writes it
TEMPERATURE = 1.0


@dataclass(frozen=True)
class Facts:
    """What is so at one moment of a visit.

    page: a key of PAGES. tab, word: the open tab of the Data page and the word it takes apart.
    stage, labelled: the open stage of "Inside", and whether somebody chose the next character.
    step, dev, n_embd, n_hidden: of the visitor's own run, dev its newest exact dev loss.
    bigram: the count model's dev loss. searched: whether a learning rate was looked for.
    cursor: the step of the time cursor, None if live. compared: runs side by side on Compare.
    temperature: of the names.
    """

    page: str
    bigram: float
    tab: str = ""
    word: str = ITS_WORD
    stage: str = ""
    labelled: bool = False
    step: int = 0
    dev: float = math.inf
    n_embd: int = 2
    n_hidden: int = 100
    searched: bool = False
    cursor: int | None = None
    compared: int = 0
    temperature: float = TEMPERATURE


@dataclass(frozen=True)
class Card:
    """panel: what it speaks of on `page`; text: at most three short sentences; action: what to do; noticed: by what."""

    title: str
    page: str
    panel: str
    text: str
    action: str
    noticed: Callable[[Facts], bool]


def done(card: Card, facts: Facts) -> bool:
    """Whether the card's action has been done, by what is so now. Who remembers it is the visit, not this."""
    return card.noticed(facts)


# fmt: off
CARDS = (
    Card(
        "Count first", DATA, "standings",
        "Before any network: count which character followed which. Every model here guesses the next character of "
        "the same names, and the lower its loss, the better it guesses.",
        "Open the Data page and find the bigram.",
        lambda so: so.page == DATA,
    ),
    Card(
        "Counting runs out of room", DATA, "contexts",
        "One character of context needs a table of 27 rows, two need 729, three 19,683. Most of those stay empty, "
        "and what was never seen cannot be counted. That is why Bengio et al. turned to a network.",
        "Open the tab Contexts.",
        lambda so: so.page == DATA and so.tab == "Contexts",
    ),
    Card(
        "Words become examples", DATA, "windows",
        "A window slides over each word: what it shows is the context X, the character after it the target Y. "
        "emma alone gives five examples.",
        "Open the tab Examples and type a name of your own.",
        lambda so: so.word.strip().lower() not in ("", ITS_WORD),
    ),
    Card(
        "Look up the embedding", INSIDE, "lookup",
        "Each character owns a row of numbers in one table C, the same for all places. The rows of the context, side "
        "by side, are all that the hidden layer sees.",
        "Open stage 2, look up C[i].",
        lambda so: so.stage == "lookup",
    ),
    Card(
        "From logits to a loss", INSIDE, "softmax",
        "The last layer gives a number for every character; softmax makes chances of them. The loss is minus the "
        "logarithm of the chance that the right one got.",
        "Press another character in the row at the top and watch the loss.",
        lambda so: so.labelled,
    ),
    Card(
        "Train", EXPLORE, "train",
        "Each step looks at 32 examples and moves every parameter a little downhill. At first the guess is uniform, "
        "a loss of ln 27 = 3.30. Watch the letters set off.",
        "Press Train.",
        lambda so: so.step > 0,
    ),
    Card(
        "Find a learning rate", TUNE, "finder",
        "Too low a rate crawls, too high a one explodes. The lecture tries many, from 0.001 to 1, and takes one from "
        "the valley between.",
        "Press Find a learning rate.",
        lambda so: so.searched,
    ),
    Card(
        "Names it has not seen", EXPLORE, "loss",
        "Train is what the network learns from, dev is names kept from it. As long as the two lines fall together, "
        "it learns and does not memorise.",
        "Let it train until its dev loss is below the bigram’s.",
        lambda so: so.dev < so.bigram,
    ),
    Card(
        "A wider hidden layer", EXPLORE, "n_hidden",
        "Train and dev stay close: the network is too small for its data. The lecture’s next try is 300 hidden "
        "units. The old run stays as a grey ghost, and Undo brings it back.",
        f"Set Hidden units to {WIDER} or more.",
        lambda so: so.n_hidden >= WIDER,
    ),
    Card(
        "Watch the letters part", EXPLORE, "time",
        "With two dimensions the picture is the embedding itself. Vowels often gather, as much the same "
        "follows them; with some seeds one stays apart.",
        "Train for a while, then drag the time bar back.",
        lambda so: so.cursor is not None,
    ),
    Card(
        "Down to 2.17", EXPLORE, "preset",
        "Two dimensions were the bottleneck. With ten, 200 hidden units and a tenth of the rate after 100,000 steps "
        "the lecture ends at 2.17 on dev. A 4-gram, which only counts, still does better: see the Data page.",
        "Choose “10-D to 2.17”, press Train, and let it run to the end at speed max.",
        lambda so: so.n_embd > 2 and so.dev < REACHED,
    ),
    Card(
        "What did it bring?", COMPARE, "library",
        "Every run that took a step is kept. Side by side they show what a change was worth, and what was chance: "
        "the same again with other seeds.",
        "Open Compare runs and choose two.",
        lambda so: so.page == COMPARE and so.compared >= 2,
    ),
    Card(
        "Let it write", EXPLORE, "names",
        "Each character is drawn by the network’s chances and becomes context for the next. Names that are in the "
        "data are underlined.",
        "Move the temperature: low plays safe, high dares.",
        lambda so: so.temperature != TEMPERATURE,
    ),
)
# fmt: on
