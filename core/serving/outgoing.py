"""What a page is told, as JSON."""

import json

import orjson


def as_json(message: dict) -> str:
    """In a tenth of the time that `json` takes. What is no finite number becomes null."""
    try:
        return orjson.dumps(message, default=list).decode()  # orjson takes no tuple with names, such as `News`
    except TypeError:  # nor half of a surrogate pair, which somebody can type, or a number of more than 64 bits
        finite = json.loads(json.dumps(message), parse_constant=lambda name: None)
        return json.dumps(finite, separators=(",", ":"))
