"""The charts: valid for Plotly, plain JSON, in colours that can be told apart and read."""

import json
import math
import re
from itertools import pairwise

import plotly.graph_objects as go
import pytest

from core.config import PRESETS, Config
from core.counting.ngrams import COUNT_MODELS
from core.data.dataset import Dataset
from core.data.groups import Group
from core.data.shown import Shown
from core.data.vocabulary import Vocabulary
from core.engine.history import History
from core.engine.recorded import RECORDING
from core.engine.run import Run
from core.plots import GROUPS, LIGHT, PALETTE, escape, one_of
from core.plots.curves import POINTS
from core.plots.letters import axis_titles, letter_discs, letters_figure, letters_note
from core.plots.loss import loss_figure, loss_range, shown_baselines

DEV = {"uniform": 3.30, "unigram": 2.83, "bigram": 2.47, "trigram": 2.24, "4-gram": 2.11}


def trained(few, config: Config, steps: int) -> Run:
    run = Run(config, few(config.block_size))
    run.advance(steps)
    return run


@pytest.fixture(scope="module")
def recorded() -> History:
    return History.load(RECORDING)


def loss_of(history: History, **more) -> dict:
    return loss_figure(Config(**history.config), history.evaluations[-1][0], history, DEV, **more)


def valid(figure: dict) -> go.Figure:
    """Every key and value checked by Plotly, and by JSON."""
    assert json.loads(json.dumps(figure, allow_nan=False)) == json.loads(json.dumps(figure))
    return go.Figure(figure)


# ---------------------------------------------------------------- letters


AXES = {1: [()], 2: [(), (1, 0)], 3: [(), (0, 2), (0, 1, 2)], 10: [(), (9, 4)]}
PICTURES = pytest.mark.parametrize(("n_embd", "axes"), [(n, axes) for n, choices in AXES.items() for axes in choices])


@PICTURES
def test_the_letters_chart_is_valid_but_for_the_places_that_the_page_fills_in(few, n_embd, axes):
    shown = few(3).corpus.shown
    figure = letters_figure(shown, n_embd, 7, axes)
    valid(figure)
    *trails, letters = figure["data"]
    meta, groups = figure["layout"]["meta"], shown.roles
    assert letters["text"] == [f"<b>{s}</b>" for s in shown.symbols]
    assert letters["marker"]["color"] == [LIGHT[group] for group in groups]
    assert letters["textfont"]["color"] == [LIGHT[f"on_{group}"] for group in groups]
    occurring = ["vowel", "consonant", "boundary"]
    assert [trail["line"]["color"] for trail in trails[:3]] == [LIGHT[group] for group in occurring]
    assert [[groups[i] for i in members] for members in meta["members"]] == [
        [group] * groups.count(group) for group in occurring
    ]
    assert sorted(i for members in meta["members"] for i in members) == list(shown.ids)
    assert all("x" not in trace and "y" not in trace for trace in figure["data"])
    assert (meta["line"], meta["space"]) == (n_embd == 1, len(axes) == 3)
    assert (
        len(trails) == 3 + 5 + meta["space"]  # a hull, lines, pulls, arrows to the rim, links; axes in space
    )  # a hull, pulls, arrows to the rim, links of a chosen letter; axes in space
    assert (meta["apart"], meta["claim"]) == (["vowel"], "vowels sit together")
    assert letters_note(n_embd, axes) or n_embd > 2  # where the choice of axes says it


def test_another_run_or_other_axes_are_another_picture(few):
    shown = few(3).corpus.shown
    pictures = [letters_figure(shown, 3, number, axes)["layout"]["meta"]["picture"] for number, axes in
                [(1, ()), (2, ()), (1, (0, 1)), (1, (1, 0)), (1, (0, 1, 2)), (1, ())]]  # fmt: skip
    assert len(set(pictures)) == 5 and pictures[0] == pictures[-1]


@PICTURES
def test_the_axes_say_what_they_are_with_room_for_how_much_they_show(n_embd, axes):
    titles = axis_titles(n_embd, axes)
    assert len(titles) == (len(axes) or 2)
    for title, axis in zip(titles, axes):
        assert title.startswith(f"dimension {axis + 1}")
    if n_embd > 2:
        assert all(re.search(r"\{\} % of the variance", title) for title in titles)
    else:
        assert not any("{" in title for title in titles)


def test_names_of_characters_and_groups_stand_with_the_chart_for_its_hover_text(few):
    shown = few(3).corpus.shown
    meta = letters_figure(shown, 2, 1)["layout"]["meta"]
    assert meta["names"] == list(shown.symbols)
    for name, group in zip(meta["groups"], shown.roles):
        assert name == {"boundary": "start and end of a name"}.get(group, group)
    assert meta["keys"] == [["vowel", "vowel"], ["consonant", "consonant"], ["boundary", "start/end"]]


def test_groups_that_a_person_typed_have_trails_colours_and_names_of_their_own():
    typed = tuple(Group(name, tuple(s)) for name, s in (("<i>front", "eö"), ("back vowels", "ao"), ("rest", "tk")))
    shown = Shown.of(Vocabulary((".", *"aekotzö")), typed)
    figure = letters_figure(shown, 2, 1, noun="word")
    valid(figure)
    meta, roles = figure["layout"]["meta"], ["vowel", "consonant", "third", "fourth", "boundary"]
    assert meta["keys"] == list(map(list, zip(roles, ("<i>front", "back vowel", "rest", "other", "start/end"))))
    assert [trace["line"]["color"] for trace in figure["data"][:5]] == [LIGHT[role] for role in roles]
    kinds = "start and end of a word,back vowel,&lt;i&gt;front,rest,back vowel,rest,other,&lt;i&gt;front"
    assert meta["groups"] == kinds.split(",")  # "." a e k o t z ö; in hover text markup would be obeyed


@pytest.mark.parametrize(
    ("symbol", "seen"),
    [
        (" ", "␣"), ("\u00a0", "␣"), ("\u0301", "◌\u0301"),
        ("e", "e"), ("क्षि", "क्षि"), ("-", "-"),
    ],
)  # fmt: skip
def test_every_character_can_be_seen_alone(symbol, seen):
    """`glyph` in assets/page/common/dom.js is held to the same in tests/browser/test_groups.py."""
    vocabulary = Vocabulary((".", symbol))
    assert vocabulary.label(1) == seen
    discs = letter_discs(Shown.of(vocabulary), 25)
    assert discs["text"][1] == f"<b>{seen}</b>" and discs["textfont"]["size"] == [15, 15 if len(seen) == 1 else 12]


def test_one_of_a_group_is_called_as_one():
    called = [one_of(name) for name in ("vowels", "front vowels", "others", "Vokale", "glass")]
    assert called == ["vowel", "front vowel", "other", "Vokale", "glass"]


def test_text_of_a_data_set_is_escaped():
    assert escape('<a href="x">&') == '&lt;a href="x"&gt;&amp;'
    odd = Dataset.of(["<a href>", "a&b", "<b>bold</b>", *(f"w{c}rd" for c in "abcdefghij")], 3)
    figure = letters_figure(odd.corpus.shown, 2, 1)
    letters, at = figure["data"][-1], odd.vocabulary.stoi["<"]
    assert letters["text"][at] == "<b>&lt;</b>" and figure["layout"]["meta"]["names"][at] == "&lt;"
    assert all(name in ("&lt;", "&gt;", "&amp;") or len(name) == 1 for name in figure["layout"]["meta"]["names"])


# ---------------------------------------------------------------- loss


@pytest.mark.parametrize("log_steps", [True, False])
@pytest.mark.parametrize("ghost", [True, False])
def test_the_loss_chart_is_valid_with_at_most_so_many_points_a_curve(recorded, log_steps, ghost):
    figure = loss_of(recorded, log_steps=log_steps, before=recorded if ghost else None)
    valid(figure)
    curves = [trace for trace in figure["data"] if trace["mode"] == "lines"]
    colours = ("ghost", "minibatch", "train", "dev", "ink")  # the last is the time cursor's line, placed by the page
    assert [curve["line"]["color"] for curve in curves] == [LIGHT[c] for c in colours]
    assert curves.pop() == figure["data"][-1] and figure["data"][-1]["x"] == figure["data"][-1]["y"] == []
    assert figure["data"][-2]["mode"] == "markers+text", "and before it the names, which go where the cursor is"
    assert figure["layout"]["meta"] == {"place": "log" if log_steps else "linear"}
    assert all(len(curve["x"]) == len(curve["y"]) == len(curve["customdata"]) <= POINTS for curve in curves)
    assert bool(curves[0]["x"]) == ghost
    train, dev = curves[2:]
    assert train["customdata"] == dev["customdata"] == [step for step, *_ in recorded.evaluations]
    assert dev["y"] == [round(loss, 5) for *_, loss in recorded.evaluations]
    assert len(curves[1]["x"]) > 100  # thinned, and still a curve


def test_a_log_axis_is_log10_of_step_plus_one_with_a_tick_at_zero(recorded):
    figure = loss_of(recorded)
    for trace in figure["data"]:
        if "customdata" in trace and trace["mode"] == "lines":
            assert trace["x"] == [round(math.log10(step + 1), 5) for step in trace["customdata"]]
    axis = figure["layout"]["xaxis"]
    ticks = dict(zip(axis["ticktext"], axis["tickvals"]))
    assert ticks["0"] == 0 and ticks["10,000"] == math.log10(10_001)
    assert axis["range"][0] <= 0 and math.log10(50_001) <= axis["range"][1] < 1.05 * math.log10(50_001)


def test_a_linear_axis_is_the_step_itself(recorded):
    figure = loss_of(recorded, log_steps=False)
    assert figure["data"][2]["x"] == figure["data"][2]["customdata"]
    assert 50_000 <= figure["layout"]["xaxis"]["range"][1] < 1.05 * 50_000


@pytest.mark.parametrize("log_steps", [True, False])
@pytest.mark.parametrize("steps", [0, 1, 10, 400])
def test_too_hot_and_failed_runs_are_drawn_without_a_number_that_is_none(few, log_steps, steps):
    explodes = Config(learning_rate=10, n_hidden=0, direct=True, weight_decay=1.0)
    for config in (PRESETS["Too hot"], explodes, Config(init="lecture")):
        run = trained(few, config, steps)
        figure = loss_figure(config, run.step, run.history, DEV, run.history, log_steps)
        valid(figure)
        low, high = figure["layout"]["yaxis"]["range"]
        *_, train, dev = run.history.evaluations[-1]
        assert math.isfinite(high) and low < min(train, dev) and max(train, dev) <= high


def test_a_ghost_that_went_further_than_this_run_is_valid(few, recorded):
    run = trained(few, Config(steps=10), 5)
    valid(loss_figure(run.config, run.step, run.history, DEV, recorded))


def test_each_baseline_is_a_line_at_its_value_and_no_labels_touch(recorded):
    layout = loss_of(recorded)["layout"]
    assert sorted(shape["y0"] for shape in layout["shapes"]) == sorted(DEV.values())
    assert all(shape["y0"] == shape["y1"] for shape in layout["shapes"])
    labels = [a for a in layout["annotations"] if a["font"]["color"] == LIGHT["baseline"]]
    low, high = layout["yaxis"]["range"]
    places = sorted(label["y"] for label in labels)
    assert all(b - a >= 0.065 * (high - low) for a, b in pairwise(places))
    assert all(re.fullmatch(r"\S+ \d\.\d\d", label["text"]) for label in labels)


def test_before_the_first_step_no_label_of_a_baseline_lies_over_those_of_the_losses(few):
    run = trained(few, Config(init="frequency"), 0)
    loss = run.history.evaluations[0][1]  # the unigram's
    layout = loss_figure(run.config, 0, run.history, {"uniform": 3.29, "unigram": loss, "far": loss - 0.7})["layout"]
    assert {a["text"].split()[0]: a["xanchor"] for a in layout["annotations"]} == {
        "uniform": "right", "unigram": "right", "far": "left",
    }  # fmt: skip
    later = loss_figure(run.config, 5, run.history, {"unigram": loss})["layout"]
    assert [a["xanchor"] for a in later["annotations"]] == ["left"]


def test_the_four_gram_is_shown_only_when_asked_for():
    assert set(COUNT_MODELS) <= set(DEV)
    assert shown_baselines(DEV, True) == DEV
    assert set(DEV) - set(shown_baselines(DEV, False)) == {"4-gram"}


def test_the_loss_axis_moves_rarely_over_a_recorded_run(recorded):
    ranges = []
    for n in range(1, len(recorded.evaluations) + 1):
        past = History(recorded.config, evaluations=recorded.evaluations[:n])
        low, high = loss_range(past)
        ranges.append((low, high))
        *_, train, dev = past.evaluations[-1]
        assert low < min(train, dev) and max(train, dev) < high
    assert sum(a != b for a, b in pairwise(ranges)) <= 5


@pytest.mark.parametrize("value", [0.1, 1.99, 3.4, 26.0, 99.0, 1e4, 1e12])
def test_any_loss_lies_inside_its_axis(value):
    low, high = loss_range(History({}, evaluations=[(0, value, value)]))
    assert low < value < high


@pytest.mark.parametrize(
    ("loss", "counted", "ends"),
    [
        (2.3, (3.30, 2.83, 2.47, 2.24), (1.9, 3.5)),  # characters of names
        (4.0, (5.40, 4.07, 3.67, 3.56), (3.0, 5.0)),  # 2,000 words
        (7.6, (5.40, 4.07, 3.67, 3.56), (3.0, 8.0)),
    ],
)
def test_the_loss_axis_begins_near_the_lowest_that_is_drawn(loss, counted, ends):
    assert loss_range(History({}, evaluations=[(0, loss, loss)]), counted) == ends


# ---------------------------------------------------------------- colours

SCHEMES = pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
FAINT = {"boundary", "ghost", "grid", "zero", "minibatch"}  # not to be read, or with a dark letter on them


def luminance(colour: str) -> float:
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear))


def contrast(one: str, other: str, scheme: int) -> float:
    """Contrast ratio of WCAG 2."""
    bright, dark = sorted((luminance(PALETTE[name][scheme]) for name in (one, other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


@SCHEMES
@pytest.mark.parametrize("group", GROUPS)
def test_a_letter_can_be_read_on_the_colour_of_its_group(group, scheme):
    assert contrast(f"on_{group}", group, scheme) >= 4.5


@SCHEMES
@pytest.mark.parametrize("name", [n for n in PALETTE if not n.startswith("on_") and n not in {*FAINT, "paper"}])
def test_curves_and_groups_can_be_seen_on_the_paper(name, scheme):
    assert contrast(name, "paper", scheme) >= 3


@SCHEMES
@pytest.mark.parametrize("name", ["quiet", "ink", "baseline", "train", "dev"])
def test_text_can_be_read_on_the_paper(name, scheme):
    assert contrast(name, "paper", scheme) >= 4.5


def test_the_boundary_is_visible_on_dark_paper_and_the_minibatch_is_the_trains_colour():
    assert contrast("boundary", "paper", 1) >= 3
    for scheme in (0, 1):
        red, green, blue = (int(PALETTE["train"][scheme][i : i + 2], 16) for i in (1, 3, 5))
        assert PALETTE["minibatch"][scheme].startswith(f"rgba({red},{green},{blue},")


def test_light_colours_are_all_different_because_they_are_looked_up_by_value():
    assert len(set(LIGHT.values())) == len(PALETTE)


def test_every_colour_of_a_figure_is_in_the_palette_so_that_dark_can_replace_it(few, recorded):
    for figure in (letters_figure(few(3).corpus.shown, 3, 1, (0, 1, 2)), loss_of(recorded, before=recorded)):
        used = set(re.findall(r'"(#[0-9a-f]{6}|rgba\([^)]*\))"', json.dumps(figure)))
        assert used - {"rgba(0,0,0,0)"} <= set(LIGHT.values())
