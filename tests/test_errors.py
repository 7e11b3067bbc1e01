from __future__ import annotations

import pytest

from coercion_detect import CoercionDetectError, DataError, InputError, MissingExtraError, ModelError
from coercion_detect.errors import require


@pytest.mark.parametrize(
    ("error", "base"),
    [
        (InputError("x"), ValueError),
        (ModelError("x"), ValueError),
        (DataError("x", path="f.csv", line=3), InputError),
        (MissingExtraError(package="pandas", extra="research"), ImportError),
    ],
)
def test_errors_can_be_caught_by_their_plain_base(error: Exception, base: type[Exception]) -> None:
    assert isinstance(error, base)
    assert isinstance(error, CoercionDetectError)


def test_a_data_error_says_where() -> None:
    error = DataError("is wrong.", path="f.csv", line=3)
    assert str(error) == "f.csv, line 3: is wrong."
    assert (error.path, error.line) == ("f.csv", 3)


def test_a_missing_extra_gives_the_install_line() -> None:
    with pytest.raises(MissingExtraError, match=r"pip install 'coercion-detect\[research\]'"):
        require("no_such_package_at_all", extra="research")
