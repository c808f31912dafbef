"""States, tables, notes, forms and the rest: ids, roles and words."""

from __future__ import annotations

import pytest
from dash import html

from dashapp.core.issue import Issue
from dashapp.core.rule import Limits
from dashapp.figures.grid import Grid
from dashapp.figures.periods import chart
from dashapp.ui import badge, dialog, form, graph, header, issues, paging, states, table, theme, toast, upload
from tests.figures.cast import WORDS, points, series
from tests.ui.tree import by_id, nodes, of_type, sent, text, with_class

GRID = Grid(("Period", "Revenue", "Note"), (("Jan", "€5", ""), ("<b>Feb</b>", "—", "no rows")), frozenset({1}))


def test_a_table_names_its_columns_rows_and_itself():
    shown = table.table(GRID, "Revenue by month", "revenue-table")
    assert of_type(shown, "Caption")[0]["children"] == "Revenue by month"
    assert [h["scope"] for h in of_type(shown, "Th")] == ["col"] * 3 + ["row"] * 2
    assert [c["children"] for c in of_type(shown, "Td") if c.get("className") == "ll-number"] == ["€5", "—"]
    assert by_id(shown, "revenue-table")
    assert of_type(shown, "Div")[1]["tabIndex"] == 0


def test_charts_come_with_title_summary_and_table():
    drawn = chart(series(points([1, 2, 3])), WORDS)
    frame = graph.chart_frame("big", drawn)
    assert by_id(frame, "big-title")["children"] == drawn.title
    assert " ".join(drawn.summary.split()) in text(frame)
    assert of_type(frame, "Summary")[0]["children"] == "View as table"
    assert len(of_type(frame, "Tr")) == 4
    assert next(n["props"] for n in nodes(sent(frame)) if n["props"].get("role") == "img")["aria-label"].startswith(
        "Chart. "
    )


def test_c9_no_chart_offers_to_send_figures_away():
    shown = of_type(graph.graph("g", {"data": [], "layout": {}}), "Graph")[0]
    assert shown["config"] == graph.GRAPH_CONFIG
    assert shown["config"]["showSendToCloud"] is False
    assert shown["config"]["plotlyServerURL"] == ""
    assert shown["config"]["displaylogo"] is False


@pytest.mark.parametrize("status", ["ok", "warning", "critical", "none"])
def test_every_status_has_a_word_and_an_icon(status):
    shown = badge.status_badge(status)
    assert text(shown)
    assert of_type(shown, "I")[0]["aria-hidden"] == "true"
    assert set(badge.STATUS) >= {Limits("k", "month", "below").status(v) for v in (None, 1.0)}


@pytest.mark.parametrize("severity", ["error", "warning", "info"])
def test_every_severity_has_a_word(severity):
    assert text(badge.severity_badge(severity)) in ("Error", "Warning", "Note")


def test_a_failure_tells_its_id_and_offers_to_try_again():
    shown = states.failed("Too slow.", "e-7f", "again")
    assert sent(shown)["props"]["role"] == "alert"
    assert "Error id e-7f" in text(shown)
    assert "Try again" in text({"props": by_id(shown, "again")})
    assert not of_type(states.failed("Too slow."), "Button")


def test_empty_says_why_and_what_next():
    shown = states.empty("No figures yet", "Nothing was uploaded.", html.A("Upload", href="/data"))
    assert text(shown) == "No figures yet Nothing was uploaded. Upload"


def test_skeletons_are_for_eyes_and_loading_is_for_ears():
    shown = states.skeleton("card", 3)
    assert len(with_class(shown, "ll-skeleton-card")) == 3
    assert sent(shown)["props"]["aria-busy"] == "true"
    assert text(shown) == "Loading"


def test_stale_data_say_how_old_they_are():
    assert "3 days old" in text(states.stale("3 days old"))


def test_a_refresh_keeps_the_old_picture():
    props = sent(states.refreshing(html.Div("old"), "wait"))["props"]
    assert props["delay_show"] == 300
    assert props["overlay_style"]["visibility"] == "visible"


def test_bad_news_stays_until_dismissed():
    assert sent(toast.toast("Saved.", "ok"))["props"]["duration"] == 4000
    bad = sent(toast.toast("No.", "critical", error_id="e-1"))["props"]
    assert bad.get("duration") is None
    assert bad["dismissable"] is True
    assert "Error id e-1" in text(toast.toast("No.", "critical", error_id="e-1"))
    assert by_id(toast.toast_host(), "toasts")["aria-live"] == "polite"


def test_a_page_has_one_heading_and_an_export():
    shown = header.page_header("Overview", "Today", [header.export_buttons("overview")])
    assert len(of_type(shown, "H1")) == 1
    for id in ("overview-xlsx", "overview-csv", "overview-download"):
        assert by_id(shown, id)
    assert sent(header.skip_link())["props"]["href"] == "#main"


def test_breadcrumbs_mark_the_page_one_is_on():
    shown = header.breadcrumbs([("Overview", "/"), ("Net revenue", None)])
    assert of_type(shown, "Span")[0]["aria-current"] == "page"


def test_fields_are_labelled_and_errors_are_heard():
    shown = form.field("Name", form.text("name", "x"), help="As people call it", error="Taken.")
    assert of_type(shown, "Label")[0]["htmlFor"] == "name"
    assert by_id(shown, "name-error")["role"] == "alert"
    assert text({"props": by_id(shown, "name-help")}) == "As people call it"
    assert "is-invalid" in sent(shown)["props"]["className"]
    assert by_id(form.select("unit", {"a": "A"}, "a"), "unit")["options"] == [{"value": "a", "label": "A"}]


def test_a_question_has_a_yes_and_a_no():
    shown = dialog.confirm("sure", "Delete?", "All rows go.", "Delete")
    assert sent(shown)["props"]["is_open"] is False
    assert text(shown).endswith("Cancel Delete")
    assert by_id(shown, "sure-yes")["className"] == "btn btn-danger"
    assert by_id(shown, "sure-no")
    assert by_id(shown, "sure-body")["children"] == "All rows go."


@pytest.mark.parametrize(
    ("page", "total", "said", "back", "on"),
    [
        (0, 1234, "1–50 of 1,234", True, False),
        (24, 1234, "1,201–1,234 of 1,234", False, True),
    ],
)
def test_the_pager_knows_its_ends(page, total, said, back, on):
    shown = paging.pager("rows", page, 50, total, WORDS)
    assert said in text(shown)
    assert by_id(shown, "rows-previous")["disabled"] is back
    assert by_id(shown, "rows-next")["disabled"] is on


def test_the_pager_of_nothing_is_out_of_sight():
    shown = paging.pager("rows", 0, 50, 0, WORDS)
    assert sent(shown)["props"]["hidden"] is True
    assert sent(paging.pager("rows", 0, 50, 1, WORDS))["props"]["hidden"] is False


def test_issues_are_listed_worst_first_with_their_address():
    found = [
        Issue("a", "A note.", "info", "Orders", None, 400),
        Issue("b", "No such date.", "error", "Orders", "C7", 7, "Date", "2025-02-30", "Write an existing date."),
        Issue("c", "Odd.", "warning", row=3, column="Price", count=12),
    ]
    shown = issues.issue_list(found)
    assert [text({"props": li}) for li in of_type(shown, "Li")] == [
        "Error No such date. 2025-02-30 Orders!C7 Write an existing date.",
        "Warning Odd. × 12 row 3, column Price",
        "Note A note. Orders, row 400",
    ]
    few = issues.issue_list(found, shown=1)
    assert "All 3 findings, 2 more than stand above" in text(few)
    (grid,) = of_type(few, "AgGrid")
    assert [(r["severity"], r["place"], r["count"]) for r in grid["rowData"]] == [
        ("error", "Orders!C7", 1), ("warning", "row 3, column Price", 12), ("info", "Orders, row 400", 1)]


def test_issues_of_one_kind_do_not_push_others_out_of_sight():
    many = [Issue("a", f"No date {n}.", "error", None, f"B{n}", n, "Date") for n in range(500)]
    shown = issues.issue_list([*many, Issue("b", "Odd.", "warning", column="Price")])
    lines = [text({"props": li}) for li in of_type(shown, "Li")]
    assert (len(lines), lines[-1]) == (issues.ALIKE + 1, "Warning Odd. column Price")
    assert "All 501 findings, 492 more than stand above" in text(shown)


def test_what_a_sentence_says_stands_there_once():
    told = issues.issue_list([Issue("a", "E13: 'abc' - not a number.", "error", None, "E13", 13, "Price", "abc"),
                              Issue("a", "E13: 'abc' - not a number.", "error", "Orders", "E13", 13, "Price", "abc")])
    assert [text({"props": li}) for li in of_type(told, "Li")] == [
        "Error E13: 'abc' - not a number.", "Error E13: 'abc' - not a number. Orders!E13"]


def test_the_upload_zone_works_by_keyboard_and_streams():
    shown = upload.upload_zone("orders")
    assert sent(shown)["props"]["data-ll-upload"] == "orders"
    assert by_id(shown, "upload-choose")["type"] == "button"
    assert not of_type(shown, "Upload")
    assert any(n.get("aria-live") == "polite" for n in of_type(shown, "P"))
    assert sent(upload.upload_zone(chooser="which"))["props"]["data-ll-upload-from"] == "which"


@pytest.mark.parametrize(
    ("choice", "look"), [("light", "light"), ("dark", "dark"), ("system", "light"), ('"><script>', "light")]
)
def test_the_page_starts_in_the_chosen_look(choice, look):
    attributes = theme.html_attributes(choice)
    assert f'data-bs-theme="{look}"' in attributes
    assert f'data-ag-theme-mode="{look}"' in attributes
    assert "<" not in attributes
    pressed = [
        b["data-ll-theme-choice"] for b in of_type(theme.theme_switch(choice), "Button") if b["aria-pressed"] == "true"
    ]
    assert pressed == ([choice] if choice in theme.THEMES else [])


def test_facts_pair_names_with_values():
    shown = table.facts([("Rows", "5"), ("Sheet", "Orders")])
    assert text(shown) == "Rows 5 Sheet Orders"
