"""Messages that are no literals in the code: those of tables of data, which are translated where they are shown."""

from core.lessons.bundled import KEYS, bundled
from core.lessons.glossary import TERMS, WORKS
from core.lessons.tour import CARDS


def of_data() -> set[str]:
    """The texts of the tour, of the glossary and its works, and of the lessons that come with the program."""
    cards = {text for card in CARDS for text in (card.title, card.text, card.action)}
    terms = {text for term in TERMS for text in (term.name, term.place, term.text)}
    lessons = [bundled(key) for key in KEYS]
    texts = {text for one in lessons for text in (one.title, *one.cards, *one.hints)}
    why = {question.why for one in lessons for question in one.questions if question.why}
    return cards | terms | {work.used for work in WORKS} | texts | why
