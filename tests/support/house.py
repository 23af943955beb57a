"""The order of the packages, which tests check in the code and in the README."""

import pathlib

HOUSE = pathlib.Path(__file__).parent.parent.parent

# Imports go to the same row or to earlier ones: never down this list.
ORDER = (
    "core.messages", "core.config", "core.data", "core.engine", "core.counting", "core.analysis", "core.lessons",
    "core.keeping", "core.serving", "core.plots", "core.ui", "core.cli", "core.__main__", "app",
)  # fmt: skip
