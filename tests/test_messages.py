"""core/messages.py and assets/languages: every message has its translation, and says the same with the same values."""

import ast
import json
import pickle
import re
import string

import pytest

from core import messages
from core.config import KNOB, ConfigError
from core.messages import ENGLISH, LANGUAGES, UNKNOWN, chosen, mark, packed, speak, speaking, table, tr, unpacked
from tests.support.house import HOUSE
from tests.support.messages import of_data

OTHERS = sorted(LANGUAGES.keys() - {ENGLISH})
NAMED = {"tr", "mark", "said"}
LITERAL = r'"(?:[^"\\]|\\.)*"'
IN_SCRIPTS = re.compile(rf"\b(?:tr|mark)\(\s*({LITERAL}(?:\s*\+\s*{LITERAL})*)")
WRONG_IN_SCRIPTS = re.compile(r"\b(?:tr|mark)\(\s*(?:`[^`]*`|'[^']*')")
TEXTS = re.compile(r'"([^"\n]*)"|`([^`]*)`')
SENTENCE = re.compile(r"[A-Z][a-z’]+ [a-z]+|\b[a-z’]{2,} [a-z]{2,} [a-z]{2,}")
# of assets/page
FOLDERS = ("board", "common", "compare", "data", "explore", "inside", "reference", "start", "tune", "words")
MARKUP = re.compile(r"</?[a-z]+|\*\*|`[^`]*`|https?://\S+")


def of_python(text: str) -> set[str]:
    """The literal messages of a Python file. An f-string as a message is an error."""
    calls = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call) and node.args]
    first = [call.args[0] for call in calls if isinstance(call.func, ast.Name) and call.func.id in NAMED]
    assert [node.lineno for node in first if isinstance(node, ast.JoinedStr)] == []
    return {node.value for node in first if isinstance(node, ast.Constant)}


def of_script(text: str) -> set[str]:
    """The literal messages of a JavaScript file: double quotes only, joined by + if they are long."""
    text = "".join(line for line in text.splitlines(True) if not line.lstrip().startswith("//"))
    assert WRONG_IN_SCRIPTS.findall(text) == []
    return {"".join(map(json.loads, re.findall(LITERAL, found))) for found in IN_SCRIPTS.findall(text)}


def unsaid(text: str) -> set[str]:
    """What looks like a sentence in a JavaScript file and is no message."""
    text = "".join(line for line in text.splitlines(True) if not line.lstrip().startswith(("//", "import ")))
    found = TEXTS.findall(IN_SCRIPTS.sub("", text))
    texts = {literal or re.sub(r"\$\{[^}]*\}", "…", template) for literal, template in found}
    return {one for one in texts if SENTENCE.search(one)}


@pytest.fixture(scope="module")
def said() -> set[str]:
    """All messages of the code, and of its tables of data."""
    python = (path.read_text(encoding="utf-8") for path in (HOUSE / "core").rglob("*.py"))
    scripts = (path.read_text(encoding="utf-8") for path in (HOUSE / "assets" / "page").rglob("*.js"))
    return set().union(of_data(), *map(of_python, python), *map(of_script, scripts))


def fields(message: str) -> set[tuple[str, str]]:
    """(name, how it is written) of each value; a message that is no format has none."""
    try:
        return {(name, how or "") for _, name, how, _ in string.Formatter().parse(message) if name is not None}
    except ValueError:
        return set()


@pytest.mark.parametrize("language", OTHERS)
def test_every_message_has_its_translation_and_no_translation_is_left_over(language, said):
    there = table(language).keys()
    assert sorted(said - there) == [], "has no translation"
    assert sorted(there - said) == [], "is said nowhere"


@pytest.mark.parametrize("language", OTHERS)
def test_translations_have_the_same_values_and_markup(language):
    for message, translated in table(language).items():
        assert translated.strip(), message
        assert fields(translated) <= fields(message), message
        assert {name for name, _ in fields(message) - fields(translated)} <= {"noun", "Noun"}, message
        assert sorted(MARKUP.findall(translated)) == sorted(MARKUP.findall(message)), message
        assert (message[:1].isspace(), message[-1:].isspace()) == (translated[:1].isspace(), translated[-1:].isspace())


@pytest.mark.parametrize("language", OTHERS)
def test_tables_are_sorted_so_that_two_people_rarely_change_the_same_line(language):
    raw = (messages.TABLES / f"{language}.json").read_text(encoding="utf-8")
    pairs = json.loads(raw, object_pairs_hook=list)
    assert pairs == sorted(pairs)
    assert raw == json.dumps(dict(pairs), indent=2, ensure_ascii=False) + "\n"


def test_the_messages_of_code_are_found():
    assert of_python('tr("one" " two", x=1); mark("three"); say("four"); tr(five)') == {"one two", "three"}
    assert of_script('tr("one" +\n  " \\"two\\"", { x }); mark("three"); str("four"); tr(five)') == {
        'one "two"',
        "three",
    }
    with pytest.raises(AssertionError):
        of_python('tr(f"step {x}")')
    with pytest.raises(AssertionError):
        of_script("tr(`step ${x}`)")


def test_what_looks_like_a_sentence_and_is_no_message_is_found():
    scripts = 'h("p.ls-note", tr("One of those" + " that are"), "Not said so"); say(`step ${n} is the last one`)'
    assert unsaid(scripts) == {"Not said so", "step … is the last one"}


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_sentence_of_the_pages_scripts_is_a_message(folder):
    scripts = (HOUSE / "assets" / "page" / folder).rglob("*.js")
    found = {path.name: unsaid(path.read_text(encoding="utf-8")) for path in scripts}
    assert found and {name: texts for name, texts in found.items() if texts} == {}


def test_values_are_filled_in_and_braces_without_values_stay():
    assert tr("step {step:,}", step=1200) == "step 1,200"
    assert tr("{n} of {m}", n=1, m="{n}") == "1 of {n}"
    assert tr("a {brace") == mark("a {brace") == "a {brace"


def test_a_thread_speaks_what_it_was_told_and_scripts_what_their_page_says(monkeypatch):
    monkeypatch.setattr(messages, "_of_scripts", lambda: None)
    message = "Too many commands at once; this one was not carried out."
    assert tr(message) == message
    speak("de")
    try:
        assert tr(message) == table("de")[message] != message
        monkeypatch.setattr(messages, "_of_scripts", lambda: "en")
        assert tr(message) == message
    finally:
        speak("en")


@pytest.mark.parametrize("said", ["xx", "../../etc/passwd", ["de"], None, 7, "DE", ""])
def test_what_is_no_language_is_english(said):
    assert chosen(said) == "en"
    assert chosen(said, "de") == chosen("de", said) == "de"


def test_what_was_said_where_nobodys_language_is_known_is_translated_where_it_is_shown():
    with speaking(UNKNOWN), pytest.raises(ConfigError) as refused:
        KNOB["n_hidden"].check(1_000)
    sentence = pickle.loads(pickle.dumps(refused.value.args[0]))
    assert sentence == "Hidden units must be between 0 and 500, not 1,000."
    assert unpacked(json.loads(json.dumps(packed(sentence)))) == sentence
    with speaking("de"):
        german = tr(sentence)
        assert german == tr(unpacked(packed(sentence))) == str(checked_in_this_language("n_hidden", 1_000))
    assert "Verborgene" in german and unpacked(packed("any text")) == "any text"


def checked_in_this_language(name: str, value: int) -> ConfigError:
    with pytest.raises(ConfigError) as refused:
        KNOB[name].check(value)
    return refused.value


def test_a_word_that_can_mean_several_things_says_which():
    with speaking("de"):
        assert (KNOB["schedule"].value_text("step"), tr("step")) == ("Stufe", "Schritt")
    assert KNOB["schedule"].value_text("step") == "step"
