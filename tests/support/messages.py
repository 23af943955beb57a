"""Messages that are no literals in the code: those of tables of data, which are translated where they are shown."""

from core.analysis import meaning
from core.config import FULL, KNOBS, PRESETS, SPEEDS, WORD_PRESETS
from core.data.gallery import GALLERY
from core.data.groups import NAMES
from core.data.parts import PARTS
from core.lessons.bundled import KEYS, bundled
from core.lessons.glossary import TERMS, WORKS
from core.lessons.tour import CARDS
from core.plots import one_of


def of_data() -> set[str]:
    """The texts of knobs, groups and parts of speech, the tour, the glossary and the lessons of the program."""
    cards = {text for card in CARDS for text in (card.title, card.text, card.action)}
    terms = {text for term in TERMS for text in (term.name, term.place, term.text)}
    lessons = [bundled(key) for key in KEYS]
    texts = {text for one in lessons for text in (one.title, *one.cards, *one.hints)}
    why = {question.why for one in lessons for question in one.questions if question.why}
    knobs = {text for knob in KNOBS for text in (knob.label, knob.label.lower(), knob.help, knob.of_words) if text}
    options = {f"{knob.name}: {option}" for knob in KNOBS for option in knob.options}
    options |= {f"batch_size: {FULL}", *(f"speed: {name}" for name in SPEEDS if not name.startswith("x"))}
    kinds = {*NAMES, *PARTS.values()} | {group.name for listing in GALLERY for group in listing.groups}
    named = knobs | kinds | {*meaning.GROUPS} | {one_of(name) for name in kinds} | {*PRESETS, *WORD_PRESETS}
    return named | cards | terms | options | {work.used for work in WORKS} | texts | why
