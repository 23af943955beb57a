"""core/plots/movie.py: one HTML file that holds the frames of a run, asks for nothing and lets nothing out of
its data.
"""

import json
import re
from html.parser import HTMLParser

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.analysis.geometry import project
from core.config import Config
from core.data.shown import Shown
from core.data.vocabulary import Vocabulary
from core.engine.history import History
from core.engine.model import Parameters, Shape
from core.engine.probe import sample
from core.engine.recorded import RECORDING
from core.plots import PALETTE
from core.plots.movie import MovieFrame, as_json, page, windows

POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"
LETTERS = Shown.of(Vocabulary((".", "a", "b", "é")))
TITLES = [
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "$data ${style}",
    "\u2028&amp;\u2029'\"",
    "]]>",
    "\ud800",
]


class Reader(HTMLParser):
    """What a browser takes from a page: tags with their attributes, and the text of each script."""

    def __init__(self, text: str):
        super().__init__()
        self.tags, self.scripts = [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag == "script":
            self.scripts.append("")

    def handle_data(self, text):
        if self.cdata_elem == "script":
            self.scripts[-1] += text


def data_of(text: str) -> dict:
    return json.loads(Reader(text).scripts[0])


def short(points: torch.Tensor, names=("emma",), **config) -> tuple[list[MovieFrame], History]:
    """Frames of `points` (frames, V, 2) at steps 0, 10, 20 ..., and a history as long."""
    frames = [MovieFrame(10 * i, p, names) for i, p in enumerate(points)]
    losses = [(frame.step, 3.3 - 0.01 * frame.step, 3.4 - 0.01 * frame.step) for frame in frames]
    return frames, History(Config(**config).to_dict(), evaluations=losses)


def small(title: str = "A run", letters: Shown = LETTERS, names=("emma",), baselines=None, **config) -> str:
    frames, history = short(
        torch.randn(3, len(letters), 2, generator=torch.Generator().manual_seed(1)), names, **config
    )
    return page(title, letters, frames, history, {"uniform": 3.2958} if baselines is None else baselines)


@pytest.fixture(scope="module")
def recorded(dataset) -> tuple[list[MovieFrame], History]:
    history = History.load(RECORDING)
    shape = Shape.of(Config(**history.config), len(dataset.vocabulary))
    frames = []
    for index, (step, _) in enumerate(history.checkpoints):
        parameters = Parameters.thaw(shape, history.parameters_at(index))
        frames.append(
            MovieFrame(step, project(parameters.C).points, sample(parameters, dataset.vocabulary, 12, seed=1))
        )
    return frames, history


# ---------------------------------------------------------------- what is in it


def test_the_page_holds_every_frames_step_names_and_places_to_a_fraction_of_a_pixel(recorded, dataset, baselines):
    frames, history = recorded
    data = data_of(page("Lecture 2-D", dataset.corpus.shown, frames, history, baselines.dev))
    assert [(f["step"], tuple(f["names"])) for f in data["frames"]] == [(f.step, tuple(f.names)) for f in frames]
    for told, frame in zip(data["frames"], frames):
        places = torch.tensor(told["points"], dtype=torch.float64).view(-1, 2) * data["unit"]
        half = max(told["window"][2:]) * data["unit"]  # some 400 pixels
        assert float((places - frame.points).abs().max()) < half / 700
    assert data["losses"] == [
        [s, pytest.approx(t, abs=1e-4), pytest.approx(d, abs=1e-4)] for s, t, d in history.evaluations
    ]
    assert dict(data["baselines"]) == pytest.approx(baselines.dev, abs=1e-4)
    assert data["letters"] == list(dataset.vocabulary.itos) and data["groups"] == list(dataset.corpus.shown.roles)
    assert data["about"] == "3 characters of context, 2 dimensions each, 100 hidden units, 50,000 steps"


def test_the_loss_axis_at_a_frame_holds_the_losses_of_that_step(recorded, dataset):
    frames, history = recorded
    data = data_of(page("", dataset.corpus.shown, frames, history, {}))
    for frame in data["frames"]:
        step, *losses = [row for row in history.evaluations if row[0] <= frame["step"]][-1]
        bottom, top = frame["span"]
        assert all(bottom < loss < top for loss in losses), step


def test_two_hundred_frames_of_names_stay_under_300_kilobytes(recorded, dataset, baselines):
    frames, history = recorded
    many = (frames * 4)[:200]
    text = page("x", dataset.corpus.shown, many, history, baselines.dev)
    assert len(many) == 200 and len(text.encode()) < 300_000


def test_the_colours_of_both_schemes_are_those_of_the_charts():
    light, dark = re.search(
        r"<style>\n:root\{(.*?)\}\n@media \(prefers-color-scheme: dark\)\{:root\{(.*?)\}\}", small()
    ).groups()
    for index, scheme in enumerate((light, dark)):
        said = dict(pair.removeprefix("--").split(":") for pair in scheme.strip(";").split(";"))
        assert said == {name: colours[index] for name, colours in PALETTE.items()}


@pytest.mark.parametrize(
    ("config", "about", "axes"),
    [
        (
            {"block_size": 1, "n_embd": 1},
            "1 character of context, 1 dimension each,",
            "height only keeps letters apart",
        ),
        ({"n_hidden": 1, "n_embd": 10}, "10 dimensions each, 1 hidden unit, 20 steps", "PCA of 10 dimensions"),
        ({"n_hidden": 0}, "2 dimensions each, 0 hidden units, 20 steps", "raw coordinates"),
    ],
)
def test_the_page_says_what_run_it_is_and_what_its_axes_are(config, about, axes):
    data = data_of(small(**config))
    assert about in data["about"] and data["axes"] == axes


def test_letters_of_one_dimension_keep_their_place_and_get_a_height_of_their_own():
    points = torch.stack([torch.linspace(-1, 1, 8).expand(2, 8), torch.zeros(2, 8)], 2).double()
    frames, history = short(points, n_embd=1)
    told = data_of(page("", Shown.of(Vocabulary((".", *"abcdefg"))), frames, history, {}))
    places = torch.tensor(told["frames"][1]["points"]).view(-1, 2) * told["unit"]
    assert float((places[:, 0] - points[1, :, 0]).abs().max()) < 0.005
    assert told["flat"] and not data_of(small())["flat"]
    assert len(set(places[:7, 1].tolist())) == 7 and told["frames"][0]["points"] == told["frames"][1]["points"]


def test_a_single_frame_and_letters_all_in_one_place_are_a_page_too():
    frames, history = short(torch.zeros(1, 4, 2))
    data = data_of(page("", LETTERS, frames, history, {}))
    assert data["frames"][0]["points"] == [0] * 8 and min(data["frames"][0]["window"][2:]) > 0


# ---------------------------------------------------------------- the window


@given(st.integers(1, 40), st.integers(2, 6), st.integers(0, 1000), st.floats(0.01, 1e4))
def test_every_letter_is_inside_the_window_of_its_frame(frames, letters, seed, scale):
    points = torch.randn(frames, letters, 2, generator=torch.Generator().manual_seed(seed)).double() * scale
    seen = windows(points)
    assert seen.shape == (frames, 4)
    beyond = (points - seen[:, None, :2]).abs() - seen[:, None, 2:]
    assert float(beyond.max()) <= 1e-9 * scale


def test_the_window_moves_calmly_when_a_letter_jumps():
    points = torch.zeros(60, 3, 2, dtype=torch.float64)
    points[:, 1] = 1.0
    points[30:, 2] = 10.0
    widths = windows(points)[:, 2]
    assert widths[0] == 0.5 and widths[-1] == 5.0
    assert 0 < float(widths.diff().abs().max()) < 0.1 * 10


# ---------------------------------------------------------------- nothing gets in, nothing gets out


def test_the_page_asks_for_nothing_and_forbids_it_before_anything_else():
    reader = Reader(small())
    policies = [a["content"] for t, a in reader.tags if a.get("http-equiv") == "Content-Security-Policy"]
    assert policies == [POLICY]
    assert [tag for tag, _ in reader.tags].index("meta") < [tag for tag, _ in reader.tags].index("style")
    links = [value for _, attributes in reader.tags for name, value in attributes.items() if name in ("src", "href")]
    assert links == ["data:,"]
    assert re.findall(r"https?://\S+", small()) == ['http://www.w3.org/2000/svg",']  # a name, not an address
    assert not re.search(
        r"url\((?!#)|@import|fetch\(|XMLHttp|import\(|innerHTML|insertAdjacent|document\.write", small()
    )


@given(st.sampled_from(TITLES) | st.text())
def test_no_text_of_a_run_gets_out_of_the_data(text):
    itos = tuple(dict.fromkeys((".", *(c for c in text if c != "."))))
    reader = Reader(page_ := small(text, Shown.of(Vocabulary(itos)), names=(text, "emma"), baselines={text: 2.0}))
    plain = Reader(small())
    assert reader.tags == plain.tags and reader.scripts[1:] == plain.scripts[1:]
    data = json.loads(reader.scripts[0])
    assert (data["title"], data["letters"], data["baselines"]) == (
        text,
        list(Shown.of(Vocabulary(itos)).labels),
        [[text, 2.0]],
    )
    assert data["frames"][0]["names"] == [text, "emma"]
    assert not set("<>&\u2028\u2029") & set(reader.scripts[0])
    assert page_.encode("utf-8")


@given(
    st.recursive(
        st.text() | st.integers() | st.booleans(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_json_comes_back_and_holds_no_character_of_html(data):
    text = as_json(data)
    assert json.loads(text) == data and text.isascii() and not set("<>&") & set(text)


def test_a_place_that_is_not_a_number_is_refused():
    frames, history = short(torch.full((2, 4, 2), torch.nan))
    with pytest.raises(ValueError):
        page("", LETTERS, frames, history, {})
