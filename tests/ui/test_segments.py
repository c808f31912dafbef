"""A split as a table: read like a tree, honest about what was left out, and every line a way into its rows."""
from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

from dashapp.core.calendar import Calendar
from dashapp.core.filters import Filters
from dashapp.core.period import Grain
from dashapp.core.question import Top
from dashapp.core.series import Compared, Point, Ranking, Series, Total
from dashapp.core.where import parse_where
from dashapp.ui.segments import drilled, in_order, split_table
from tests.figures.cast import WORDS, points, series
from tests.ui.tree import of_type, text, with_class

BY = ("region", "sku")


def at(*values: str | None) -> tuple[tuple[str, str | None], ...]:
    return tuple(zip(BY, values, strict=False))


TOTALS = (
    Total((), Decimal(100)),
    Total(at("APAC"), 30), Total(at("APAC", "a"), 30),
    Total(at("EMEA"), 60), Total(at("EMEA", "a"), 10), Total(at("EMEA", "b"), 45),
    Total(at("EMEA", None), None, "none"),
    Total(at("EMEA"), 5, others=3),
    Total((), 10, others=12),
)


def made(totals: tuple[Total, ...] = TOTALS, top: int | None = 4) -> Series:
    found = series(points([1], split=at("EMEA", "a")), by=BY, totals=totals, name="Revenue")
    return replace(found, ranking=Ranking("revenue", "Revenue", top, 19) if top else None)


def test_lines_are_read_as_a_tree_largest_first_and_the_others_last() -> None:
    assert [(tuple(v for _, v in t.split), t.others) for t in in_order(made())] == [
        ((), None), (("EMEA",), None), (("EMEA", "b"), None), (("EMEA", "a"), None), (("EMEA", None), None),
        (("EMEA",), 3), (("APAC",), None), (("APAC", "a"), None), ((), 12)]


def test_equal_lines_stand_in_the_order_of_their_names() -> None:
    equal = made((Total((), 2), Total(at("b"), 1), Total(at("a"), 1)))
    assert [t.split[0][1] for t in in_order(equal) if t.split] == ["a", "b"]


def test_the_table_names_groups_once_and_counts_the_others() -> None:
    drawn = split_table(made(), WORDS, lambda total: "/x")
    heads = [h["children"] for h in of_type(drawn, "Th") if h.get("scope") == "row"]
    assert [text(h) if isinstance(h, dict) else h for h in heads] == [
        "All", "EMEA", "b", "a", "(none)", "Others (3)", "APAC", "a", "Others (12)"]
    assert len(with_class(drawn, "ll-row-subtotal")) == 2
    assert len(with_class(drawn, "ll-row-others")) == 2
    assert len(with_class(drawn, "ll-depth-2")) == 5
    assert "— none" in text(drawn)


def test_how_the_segments_were_chosen_stands_below() -> None:
    said = text(split_table(made(), WORDS, lambda total: "/x"))
    assert said.endswith("The 4 of 19 segments with the largest Revenue over the range shown; the other 15 are "
                         "computed together as Others.")
    dropped = tuple(t for t in TOTALS if t.others is None)
    assert "left out, so the lines shown do not make up the whole" in text(
        split_table(made(dropped), WORDS, lambda total: "/x"))
    loss = (*TOTALS, Total(at("AMER"), -70), Total(at("AMER", "z"), -70))
    assert "range shown, whatever its sign;" in text(split_table(made(loss), WORDS, lambda total: "/x"))
    assert "All 19 segments, ranked by Revenue" in text(split_table(made(top=50), WORDS, lambda total: "/x"))
    assert "segments" not in text(split_table(made(top=None), WORDS, lambda total: "/x"))


def test_a_comparison_has_columns_only_where_there_is_one() -> None:
    def heads(drawn):
        return [h["children"] for h in of_type(drawn, "Th") if h["scope"] == "col"]

    assert heads(split_table(made(), WORDS, lambda t: "/x")) == ["Region and sku", "Revenue"]
    compared = Compared(50, 50, 1.0, "2025", kind="previous_year")
    more = (replace(TOTALS[0], compare=compared), *TOTALS[1:])
    assert heads(split_table(made(more), WORDS, lambda t: "/x"))[2:] == ["Previous year", "Change"]
    part = (replace(TOTALS[0], compare=replace(compared, part_until=date(2025, 3, 9))), *TOTALS[1:])
    assert heads(split_table(made(part), WORDS, lambda t: "/x"))[2] == "Previous year, like for like until 9 Mar 2025"


def query(filters: Filters, total: Total) -> dict[str, list[str]]:
    return parse_qs(urlsplit(drilled(filters, made(), total, "/kpi/revenue")).query)


def test_a_line_leads_to_its_own_rows_split_by_what_it_leaves_open() -> None:
    filters = Filters(by=BY, top=Top(4), where=(parse_where("channel=web"),))
    assert query(filters, TOTALS[3]) == {"by": ["sku"], "top": ["4"], "where": ["channel=web", "region=EMEA"]}
    assert query(filters, TOTALS[5]) == {"where": ["channel=web", "region=EMEA", "sku=b"]}
    assert query(filters, TOTALS[6])["where"] == ["channel=web", "region=EMEA", "sku="]


def test_the_others_lead_to_those_that_were_not_named() -> None:
    filters = Filters(by=BY, top=Top(4))
    assert query(filters, TOTALS[7]) == {"by": ["sku"], "top": ["4"], "where": ["region=EMEA", "sku!=|a|b"]}
    assert query(filters, TOTALS[8]) == {"by": ["region,sku"], "top": ["4"], "where": ["region!=APAC|EMEA"]}


def test_every_line_but_the_whole_is_a_link() -> None:
    drawn = split_table(made(), WORDS, lambda total: f"/x?{len(total.split)}")
    assert [link["href"] for link in of_type(drawn, "Link")] == ["/x?1", "/x?2", "/x?2", "/x?2", "/x?1", "/x?1", "/x?2",
                                                                  "/x?0"]


def test_a_point_leads_where_the_total_of_its_line_does() -> None:
    filters = Filters(by=BY, top=Top(4), where=(parse_where("channel=web"),))
    period = Calendar().period(date(2026, 1, 5), Grain.MONTH)
    for total in TOTALS[1:]:
        point = Point(period, total.split, 1, True, others=total.others)
        assert drilled(filters, made(), point, "/kpi/x") == drilled(filters, made(), total, "/kpi/x")
