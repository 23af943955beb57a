"""What a page is told, as JSON."""

import json

import orjson


def as_json(message: dict) -> str:
    """In a tenth of the time that `json` takes. What is no finite number becomes null."""
    try:
        return orjson.dumps(message, default=list).decode()  # what is new of a list is a tuple with names
    except TypeError:  # it refuses half of a surrogate pair, which somebody can type
        return json.dumps(message, allow_nan=False, separators=(",", ":"))
