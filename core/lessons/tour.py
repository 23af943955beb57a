"""The tour as data: Train, then short cards in the order of the lecture, from counting to a dev loss of 2.17, and
three on words.

A card is about one panel on one page and asks for one action. Whether the action was done is read from the
state of the run, the widgets, the time cursor and the pages; the user is never asked.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from core.messages import mark

EXPLORE, START, COMPARE, DATA = "", "start", "compare", "data"
INSIDE, TUNE, REFERENCE = "inside", "tune", "reference"
PAGES = {  # as in a URL -> as in the line of links
    EXPLORE: mark("Explore"),
    START: mark("Start here"),
    COMPARE: mark("Compare runs"),
    DATA: mark("Data"),
    INSIDE: mark("Inside the network"),
    TUNE: mark("Tune"),
    REFERENCE: mark("Reference"),
}
CONTEXTS = mark("Contexts")  # a tab of the Data page
WIDER = 300  # hidden units, the lecture's second network
ITS_WORD = "emma"  # the word that the Data page shows before anybody types
REACHED = 2.175  # nats on dev: a loss below it is written as 2.17 or less
TEMPERATURE = 1.0


@dataclass(frozen=True)
class Facts:
    """The state of a visit from which a card decides whether its action was done.

    page: a key of PAGES. tab, word: the open tab and the word on the Data page. stage, labelled: the open
    stage of "Inside", and whether the next character was chosen. step, dev, n_embd, n_hidden: of the
    visitor's own run; dev is its newest exact dev loss. bigram: dev loss of the bigram. searched: whether
    a search for a learning rate was started. cursor: step of the time cursor, None for the newest step.
    compared: how many runs are compared. temperature: of the generated names. of_words: whether the run learns words;
    touched: whether one was chosen on the map; asked: whether what comes next was asked for other words than at first.
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
    of_words: bool = False
    touched: bool = False
    asked: bool = False


@dataclass(frozen=True)
class Card:
    """panel: its subject on `page`; text: at most three short sentences; action: what to do; noticed: whether done.

    of_words: whether it is about a run on words.
    """

    title: str
    page: str
    panel: str
    text: str
    action: str
    noticed: Callable[[Facts], bool]
    of_words: bool = False


def done(card: Card, facts: Facts) -> bool:
    """Whether the card's action is done according to `facts`. (core/ui/start/tour.py remembers it.)"""
    return card.noticed(facts)


# Their titles, texts and actions are messages, which are translated where they are shown.
# fmt: off
CARDS = (
    Card(
        "Train", EXPLORE, "train",
        "Each step uses 32 examples and changes every parameter a little, so that the loss falls. At first the guess "
        "is uniform: a loss of ln 27 = 3.30. Watch the letters begin to move.",
        "Press Train.",
        lambda so: so.step > 0,
    ),
    Card(
        "Count first", DATA, "standings",
        "No network is needed to count which character followed which. Every model guesses the next character of "
        "the same names, and the lower its loss, the better it guesses.",
        "Open the Data page and find the bigram.",
        lambda so: so.page == DATA,
    ),
    Card(
        "Counting runs out of room", DATA, "contexts",
        "One character of context needs a table of 27 rows, two need 729, three 19,683. Most of these rows stay empty, "
        "and a context that never occurred cannot be counted. That is why Bengio et al. used a network.",
        "Open the tab Contexts.",
        lambda so: so.page == DATA and so.tab == CONTEXTS,
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
        "Each character has a row of numbers in one table C, the same at every position. The hidden layer sees only "
        "the rows of the context, side by side.",
        "Open stage 2, look up C[i].",
        lambda so: so.stage == "lookup",
    ),
    Card(
        "From logits to a loss", INSIDE, "softmax",
        "The last layer gives a number for every character; softmax turns them into probabilities. The loss is minus "
        "the logarithm of the probability of the right character.",
        "Press another character in the row at the top and watch the loss.",
        lambda so: so.labelled,
    ),
    Card(
        "Find a learning rate", TUNE, "finder",
        "If the rate is too low, learning is slow; if it is too high, the loss explodes. The lecture tries many, from "
        "0.001 to 1, and takes one where the loss is lowest.",
        "Press Find a learning rate.",
        lambda so: so.searched,
    ),
    Card(
        "Names it has not seen", EXPLORE, "loss",
        "The network learns from the train names; the dev names are not shown to it. As long as both lines fall "
        "together, it learns and does not memorise.",
        "Let it train until its dev loss is below the bigram’s.",
        lambda so: so.dev < so.bigram,
    ),
    Card(
        "A wider hidden layer", EXPLORE, "n_hidden",
        "Train and dev stay close: the network is too small for its data. The lecture’s next try is 300 hidden "
        "units. The previous run stays as a grey line, and Undo restores it.",
        "Set Hidden units to 300 or more.",
        lambda so: so.n_hidden >= WIDER,
    ),
    Card(
        "Watch the letters separate", EXPLORE, "time",
        "With two dimensions the picture is the embedding itself. Vowels often come together, because "
        "similar characters follow them; with some seeds one stays apart.",
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
        "What made it better?", COMPARE, "library",
        "Every run with at least one step is saved. Compare two to see the effect of a change; train again with other "
        "seeds to see how much is chance.",
        "Open Compare runs and choose two.",
        lambda so: so.page == COMPARE and so.compared >= 2,
    ),
    Card(
        "Let it generate names", EXPLORE, "names",
        "Each character is drawn with the network’s probabilities and becomes context for the next. Names that are in "
        "the data are underlined.",
        "Change the temperature: low gives common names, high gives unusual ones.",
        lambda so: so.temperature != TEMPERATURE,
    ),
    Card(
        "Words, as in the paper", EXPLORE, "preset",
        "Bengio et al. trained the same network on words, with a softmax over all of them. Here it has the 2,000 most "
        "frequent of everyday English; within seconds nouns, verbs and pronouns part.",
        "Choose “Words” under Start from, and press Train.",
        lambda so: so.of_words and so.step > 0,
        of_words=True,
    ),
    Card(
        "The company a word keeps", EXPLORE, "wordmap",
        "Words that are used alike come to lie near each other, in all dimensions; the map shows two. Beside it are "
        "the nearest words of the one that you choose, from the first step to now.",
        "Click a word on the map, or find one such as Monday.",
        lambda so: so.of_words and so.touched,
        of_words=True,
    ),
    Card(
        "A dog was running in a …", EXPLORE, "cases",
        "Where a context never occurred, counting has little to go by; the network guesses from contexts that lie "
        "near. Counting still wins most of the time. Pause to see real cases of both.",
        "Type “a dog was running in a” under What comes next.",
        lambda so: so.of_words and so.asked,
        of_words=True,
    ),
)
# fmt: on
