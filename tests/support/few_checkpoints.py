"""Small runs on words that keep few whole networks, as large ones do, and so C between them."""

import pytest

FEW = 2  # checkpoints in each factor of ten in steps


def few_checkpoints(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("run", "embeddings"):
        monkeypatch.setattr(f"core.engine.{module}.checkpoints_per_decade", lambda numbers: FEW)
