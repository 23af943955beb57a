"""What a visitor asks every network of the run: a context, a name, a temperature. And what the panels show of them.

They are values of Streamlit's widgets. The page's script says what it has of them when it runs, and the browser what
stands in them as somebody types (assets/page/explore/inputs.js), which needs no script and is never the older.
"""

from core.data.corpus import WORD, Corpus
from core.data.plain import is_number
from core.engine.snapshot import Snapshot
from core.plots import panels
from core.plots.panels import Question
from core.ui import server, typed

TEMPERATURE = "temperature"  # the key of its widget
LOWEST, HIGHEST, USUAL = 0.2, 2.0, 1.0  # temperatures
LONGEST = 10_000  # characters of a text that is looked at; the rest is not

Values = dict[str, str | float]  # key of a widget -> its value


def keys(corpus: Corpus) -> list[str]:
    """The keys of the widgets that ask something of a run on this corpus."""
    texts = ["context"] if corpus.level == WORD else ["context", "name"]
    return [TEMPERATURE, *(typed.key(corpus, what) for what in texts)]


def parse_question(said: object, corpus: Corpus) -> Values:
    """What a browser says, which can be anything: the values of those widgets that it said something sound of."""
    if not isinstance(said, dict):
        return {}
    temperature, *texts = keys(corpus)
    found = {key: said[key][:LONGEST] for key in texts if isinstance(said.get(key), str)}
    if is_number(said.get(temperature), LOWEST, HIGHEST):
        found[temperature] = float(said[temperature])
    return found


def question_of(shown: Snapshot, values: Values) -> tuple[Question, dict]:
    """The question that these values ask of a run, and what each panel shows of it, by the panel's kind.

    What was not said has its first value. Text with symbols that are not in the data is not asked; its panel says why.
    """
    corpus, vocabulary, block_size = shown.corpus, shown.vocabulary, shown.config.block_size
    text = lambda what: typed.cleaned(shown, what, values.get(typed.key(corpus, what)))
    temperature, context = values.get(TEMPERATURE, USUAL), text("context")
    if corpus.level == WORD:
        seen = [vocabulary.itos[i] for i in vocabulary.context(context, block_size) if i != vocabulary.start]
        return Question(shown.config.seed, temperature, context, ""), {"nextwords": {"context": seen}}
    name = text("name")
    following = panels.next_chars(corpus, server.counted(corpus).models["bigram"], block_size, context)
    letters = panels.spelling(vocabulary, corpus.known, name)
    context, name = "" if following["problem"] else context, "" if letters["problem"] else name
    strip = {"context": vocabulary.context(context, block_size)}
    shows = {"bars": following, "spelling": letters, "network": strip}
    return Question(shown.config.seed, temperature, context, name), shows
