"""core/engine/draws.py: the same normal numbers everywhere."""

import hashlib
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.engine.draws import normals


def test_the_numbers_are_the_ones_written_down():
    assert hashlib.sha256(normals("letterspace", 100_000).astype("<f8").tobytes()).hexdigest() == (
        "c828a9f23b1f1656cc0f4c8760daf4b1870fbfbac6b82c87ecf60ec422f00b41"
    )


@given(st.text(max_size=20))
def test_they_are_python_s_own_inverse_of_the_normal_distribution(key):
    bits = hashlib.shake_256(key.encode()).digest(4 * 100)
    p = [(int.from_bytes(bits[i : i + 4], "little") + 0.5) / 2**32 for i in range(0, len(bits), 4)]
    np.testing.assert_allclose(normals(key, 100), [NormalDist().inv_cdf(x) for x in p], rtol=1e-13)


def test_the_rarest_numbers_too(monkeypatch):
    ends = [0, 1, 2**31 - 1, 2**31, 2**32 - 2, 2**32 - 1]

    class Ends:
        def digest(self, size: int) -> bytes:
            return np.array(ends, "<u4").tobytes()

    monkeypatch.setattr(hashlib, "shake_256", lambda key: Ends())
    wanted = [NormalDist().inv_cdf((end + 0.5) / 2**32) for end in ends]
    np.testing.assert_allclose(normals("", len(ends)), wanted, rtol=1e-12)
    assert abs(normals("", len(ends))).max() < 6.4


def test_more_of_them_begin_as_fewer_do():
    assert np.array_equal(normals("a", 1_000)[:10], normals("a", 10))
    assert not np.array_equal(normals("a", 10), normals("b", 10))
    assert len(normals("a", 0)) == 0


def test_they_are_normal():
    x = normals("normal", 400_000)
    assert x.mean() == pytest.approx(0, abs=0.006)
    assert x.std() == pytest.approx(1, abs=0.005)
    assert (x**4).mean() == pytest.approx(3, abs=0.05)
    assert np.mean(abs(x) > 3) == pytest.approx(0.0027, abs=0.0004)
