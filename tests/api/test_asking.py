"""The words of a question: other names that people try first."""
from __future__ import annotations

import pytest
from pydantic import ValidationError

from dashapp.api.asking import Asked


def test_previous_period_is_another_name_of_previous():
    assert Asked(compare="previous_period").compare == "previous"  # type: ignore[arg-type]


def test_an_unknown_comparison_is_refused_with_the_known_ones():
    with pytest.raises(ValidationError, match="'previous_year', 'same_weekday' or 'target'"):
        Asked(compare="sideways")  # type: ignore[arg-type]
