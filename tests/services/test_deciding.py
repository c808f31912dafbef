"""What must be decided before a commit, and declarations that no row could follow: every sentence, and no other."""
from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from dashapp.core.dataset import Column, Dataset, Mode, RoleOf
from dashapp.core.errors import Invalid
from dashapp.core.mapping import Mapping
from dashapp.core.vintage import Vintage
from dashapp.services import deciding

NOW = datetime(2026, 3, 16, tzinfo=UTC)
COLUMNS = tuple(Column(k, k, RoleOf.DIMENSION, "text") for k in ("day", "sku", "region"))
SALES = Dataset("sales", "Sales", columns=COLUMNS, key_columns=("day",), mode="upsert")
LIST = Dataset("list", "List", kind="reference", key_columns=("sku",), mode="upsert",
               columns=tuple(Column(k, k, RoleOf.DIMENSION, "text") for k in ("sku", "name")))


def vintage(commit: int, mode: Mode = "upsert", key: tuple[str, ...] = ("sku",), *, live: bool = True) -> Vintage:
    events = () if live else ((NOW + timedelta(1), False),)
    return Vintage(f"v{commit}", "list", commit, NOW, "f", "0", 1, mode, key, events=events)


@pytest.mark.parametrize(("mode", "key", "kind", "said"), [
    (None, (), "facts", "Say how rows are recognised"), (None, ("day",), "facts", "Say how rows are recognised"),
    ("upsert", (), "facts", "The mode upsert needs key columns"),
    ("upsert", ("day", "zebra"), "facts", "columns that are not there: zebra."),
    ("append", ("zebra", "lion"), "facts", "columns that are not there: zebra, lion."),
    ("replace-period", (), "reference", "Only datasets with a date can replace periods."),
    ("replace-period", (), "snapshot", "Only datasets with a date can replace periods."),
])
def test_what_is_not_decided_is_one_sentence(mode: Mode | None, key: tuple[str, ...], kind, said: str) -> None:
    (found,) = deciding.needs(replace(SALES, kind=kind), mode, key)
    assert said in found


@pytest.mark.parametrize(("mode", "key"), [("append", ()), ("append", ("day",)), ("upsert", ("day", "sku")),
                                           ("replace-period", ()), ("replace-period", ("day",))])
def test_what_is_decided_needs_nothing(mode: Mode, key: tuple[str, ...]) -> None:
    assert deciding.needs(SALES, mode, key) == ()


@pytest.mark.parametrize(("change", "mapping", "said"), [
    ({"slice_columns": ("zebra",)}, {}, "the slice column 'zebra' is not there"),
    ({"joins": (("zebra", "list.sku"),)}, {}, "the join starts from the column 'zebra', which is not there"),
    ({"joins": (("sku", "list"),)}, {}, "the join of 'sku' must lead to dataset.column, not to 'list'"),
    ({"joins": (("sku", "List.sku"),)}, {}, "must lead to dataset.column"),
    ({"joins": (("sku", "list.sku.name"),)}, {}, "must lead to dataset.column"),
    ({"joins": (("sku", ".sku"),)}, {}, "must lead to dataset.column"),
    ({}, {"data_through": "31.03.2026"}, "data_through must be a date such as 2026-03-31, not '31.03.2026'"),
    ({}, {"data_through": "2026-02-30"}, "data_through must be a date"),
    ({}, {"data_through": "20260331"}, "data_through must be a date"),
])
def test_a_declaration_that_no_row_could_follow_is_refused(change, mapping, said: str) -> None:
    with pytest.raises(Invalid) as caught:
        deciding.refuse_odd(replace(SALES, **change), Mapping(**mapping))
    assert said in caught.value.message
    assert caught.value.message.startswith("The mapping cannot be used: ")
    assert [i.code for i in caught.value.issues] == ["mapping"]


def test_several_faults_are_told_at_once_and_each_is_an_issue() -> None:
    odd = replace(SALES, slice_columns=("a", "b"), joins=(("c", "d"),))
    with pytest.raises(Invalid) as caught:
        deciding.refuse_odd(odd, Mapping(data_through="soon"))
    assert len(caught.value.issues) == 5
    assert all(i.message in caught.value.message for i in caught.value.issues)


def test_what_can_be_followed_is_not_refused() -> None:
    fine = replace(SALES, slice_columns=("region",), joins=(("sku", "list.sku"),))
    deciding.refuse_odd(fine, Mapping(data_through="2026-03-31"))
    deciding.refuse_multiplying(fine, {"list": LIST, "sales": fine}, {"list": (vintage(1), vintage(2))})
    deciding.refuse_multiplying(fine, {"sales": fine})  # the list is not there yet


@pytest.mark.parametrize(("change", "vintages", "said"), [
    ({"key_columns": ("sku", "name")}, (), "identified by sku and name, not by sku alone"),
    ({"key_columns": ("name",)}, (), "identified by name, not by sku alone"),
    ({"key_columns": ()}, (), "nothing identifies a row of list"),
    ({"mode": "append"}, (), "nothing identifies a row of list"),
    ({}, (vintage(1), vintage(2, key=("name",))), "some files of list were brought with another key"),
    ({}, (vintage(1, "append"),), "some files of list were brought with another key"),
])
def test_a_join_that_would_count_rows_twice_is_refused(change, vintages, said: str) -> None:
    joined = replace(SALES, joins=(("sku", "list.sku"),))
    with pytest.raises(Invalid, match=said):
        deciding.refuse_multiplying(joined, {"list": replace(LIST, **change)}, {"list": vintages})


def test_files_that_do_not_count_any_more_do_not_matter() -> None:
    joined = replace(SALES, joins=(("sku", "list.sku"),))
    deciding.refuse_multiplying(joined, {"list": LIST}, {"list": (vintage(1, key=("name",), live=False), vintage(2))})


def test_a_dataset_keeps_the_key_that_others_lead_to() -> None:
    others = {"sales": replace(SALES, joins=(("sku", "list.sku"), ("region", "list.sku"), ("day", "other.x")))}
    for change in ({"key_columns": ("sku", "name")}, {"key_columns": ()}, {"mode": "append"}):
        with pytest.raises(Invalid) as caught:
            deciding.refuse_multiplying(replace(LIST, **change), others)  # type: ignore[arg-type]
        assert [i.message for i in caught.value.issues] == [
            f"sales is joined to it by {c}: its rows must be identified by sku alone" for c in ("sku", "region")]
    deciding.refuse_multiplying(LIST, others)
    deciding.refuse_multiplying(replace(LIST, mode=None, key_columns=()), others)  # nothing is decided yet
    deciding.refuse_multiplying(replace(LIST, key="lists", key_columns=()), others)
