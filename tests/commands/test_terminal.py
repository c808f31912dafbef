"""What the terminal says: in the organisation's words and zone, with the way back to the file, and as JSON."""
from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import openpyxl
import pytest

SHEET = "Date,Region,Revenue,Orders\n2026-01-05,EMEA,1100.10,3\n2026-01-06,APAC,200.20,4\n2026-02-03,EMEA,50.05,1\n"
SPAN = ("--from", "2026-01-01", "--to", "2026-02-28")
State = Callable[[Callable[..., None]], None]


@pytest.fixture
def ingested(installed: Path, tmp_path: Path, say) -> Path:
    path = tmp_path / "sales.csv"
    path.write_text(SHEET)
    assert say("ingest", str(path), "--dataset", "sales", "--mode", "append").code == 0
    return path


@pytest.fixture
def state(data: Path) -> State:
    """`state(act)`: act(desk, now) within the installation's database, as another process would."""
    from dashapp.services import keeping
    from dashapp.settings import from_environment, signing_key

    def run(act: Callable[..., None]) -> None:
        settings = from_environment()
        with keeping.state_app(settings.database_url).app_context():
            desk = keeping.open_desk(settings.data_dir, settings.facts_dir, signing_key(settings),
                                     settings.organisation)
            act(desk, datetime.now(UTC))
    return run


def test_settings_saved_on_the_screens_hold_at_the_terminal(ingested: Path, say, state: State) -> None:
    from dashapp.commands import TERMINAL
    from dashapp.services import organising

    def german(desk, now: datetime) -> None:
        wanted = replace(desk.organisation, locale="de_DE", currency="CHF", timezone="Asia/Tokyo", fiscal_month=2)
        organising.save(TERMINAL, wanted, 0, now=now)

    assert "€1,300.30" in say("ask", "revenue", *SPAN).out
    state(german)
    told = say("ask", "revenue", *SPAN, "--grain", "quarter").out
    assert re.search(r"FY2026-Q4 \*\s+1\.300,30\sCHF", told), told
    assert re.search(r"FY2027-Q1.*50,05\sCHF", told), told
    explained = say("explain", "revenue", "--period", "FY2026-Q4").out
    assert explained.startswith("Revenue, FY2026-Q4: 1.300,30\xa0CHF (not whole: data begin on 5 Jan 2026)"), explained
    asked = json.loads(say("ask", "revenue", *SPAN, "--as-of", "2026-03-31", "--format", "json").out)
    assert asked["as_of"].startswith("2026-03-31T14:59:59"), "the end of that day in Tokyo"


def test_numbers_for_programs_know_no_locale(ingested: Path, say, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = [say("ask", "revenue", *SPAN, "--format", kind).out for kind in ("csv", "json")]
    monkeypatch.setenv("LEDGERLINE_LOCALE", "de_DE")
    monkeypatch.setenv("LEDGERLINE_CURRENCY", "JPY")
    assert [say("ask", "revenue", *SPAN, "--format", kind).out for kind in ("csv", "json")] == plain
    assert "1300.3," in plain[0]


def test_a_split_table_names_parts_totals_and_what_is_not_finished(ingested: Path, say) -> None:
    told = say("ask", "revenue", *SPAN, "--by", "region").out
    for line in (r"2026-01\s+APAC\s+€200\.20", r"2026-02 \*\s+EMEA\s+€50\.05", r"total\s+all\s+€1,350\.35",
                 r"total\s+EMEA\s+€1,150\.15", r"2026-02 \*\s+APAC\s+- \(No rows in this period\.\)"):
        assert re.search(line, told), (line, told)
    assert "* not finished" in told


def test_explain_follows_a_filtered_figure_to_its_file(ingested: Path, say) -> None:
    found = json.loads(say("explain", "revenue", "--period", "2026-01", "--where", "region=EMEA", "--json").out)
    assert (found["value"], found["rows"], found["complete"]) == (1100.1, 1, True)
    assert found["partial"] is None
    assert [(v["file"], v["rows"]) for v in found["vintages"]] == [("sales.csv", 1)]
    assert "'EMEA'" in found["sql"][0]["sql"]
    early = json.loads(say("explain", "revenue", "--period", "2026-01", "--as-of", "2026-01-31", "--json").out)
    assert (early["value"], early["rows"], early["vintages"]) == (None, 0, [])
    assert "no value" in say("explain", "revenue", "--period", "2026-01", "--as-of", "2026-01-31").out


def test_a_sheet_of_a_workbook_is_chosen_and_what_is_refused_is_told(installed: Path, tmp_path: Path, say) -> None:
    book = openpyxl.Workbook()
    book.active.title = "Notes"
    book.active.append(["nothing", "here"])
    orders = book.create_sheet("Orders")
    for row in (("Date", "Revenue"), ("2026-01-05", 10), ("not a day", 20), ("2026-01-07", 30)):
        orders.append(row)
    path = tmp_path / "book.xlsx"
    book.save(path)
    words = ("ingest", str(path), "--dataset", "sales", "--sheet", "Orders", "--mode", "append")
    dry = say(*words, "--dry-run")
    assert "sales: 2 of 3 rows accepted, 1 refused" in dry.out
    assert "Nothing was stored (dry run)." in dry.out
    told = say(*words)
    assert (told.code, "error: " in told.out, "A3" in told.out) == (0, True, True), told
    assert "defined KPI revenue = sum(sales.revenue)" in told.out
    assert re.search(r"Committed as [0-9a-f]{32}\.", told.out)
    found = json.loads(say("ask", "revenue", "--from", "2026-01-01", "--to", "2026-01-31", "--format", "json").out)
    assert found["totals"] == [{"split": {}, "value": 40.0}]


def test_a_second_sheet_of_the_same_workbook_comes_by_its_name(installed: Path, tmp_path: Path, say) -> None:
    book = openpyxl.Workbook()
    book.active.title = "Jan"
    for sheet, day, value in ((book.active, "2026-01-05", 10), (book.create_sheet("Feb"), "2026-02-05", 32)):
        sheet.append(("Date", "Revenue"))
        sheet.append((day, value))
    path = tmp_path / "book.xlsx"
    book.save(path)
    words = ("ingest", str(path), "--dataset", "sales", "--mode", "append")
    assert say(*words, "--sheet", "Jan").code == 0
    again = say(*words, "--sheet", "Jan")
    assert (again.code, again.out) == (1, "")
    assert "The sheet Jan of these very bytes is already in sales" in again.err
    assert "Choose another sheet" in again.err
    dry = say(*words, "--sheet", "Feb", "--dry-run", "--json")
    assert (dry.code, json.loads(dry.out)["sheets"]) == (0, ["Jan", "Feb"])
    assert say(*words, "--sheet", "Feb").code == 0
    assert say(*words).code == 1, "both are here"
    found = json.loads(say("ask", "revenue", *SPAN, "--format", "json").out)
    assert found["totals"] == [{"split": {}, "value": 42.0}]


def test_an_unfinished_month_is_told_as_a_share_of_its_target(ingested: Path, say, state: State) -> None:
    from dashapp.commands import TERMINAL
    from dashapp.services import targeting

    def aim(desk, now: datetime) -> None:
        for month, value in {"2026-01": 1000.0, "2026-02": 200.2}.items():
            targeting.save(TERMINAL, desk, "revenue", month, value, now=now)

    state(aim)
    told = say("ask", "revenue", *SPAN, "--compare", "target").out
    assert re.search(r"2026-02 \*\s+€50\.05\s+25% of target", told), told
    february = json.loads(say("ask", "revenue", *SPAN, "--compare", "target", "--format", "json").out)["points"][1]
    assert (february["complete"], february["compare"]["change"]) == (False, None)
    assert (february["compare"]["value"], february["compare"]["reason"]) == (200.2, "the period is not whole")


def test_an_unfinished_period_says_until_when_its_comparison_counts(installed: Path, tmp_path: Path, say) -> None:
    days = [f"2026-{month:02}-{day:02},{month}.00" for month, last in ((1, 31), (2, 10)) for day in range(1, last + 1)]
    path = tmp_path / "daily.csv"
    path.write_text("\n".join(["Date,Revenue", *days]) + "\n")
    assert say("ingest", str(path), "--dataset", "sales", "--mode", "append").code == 0
    told = say("ask", "revenue", *SPAN, "--compare", "previous").out
    assert re.search(r"2026-02 \*\s+€20\.00\s+\+100(\.0)?% \(like for like until 10 Jan 2026\)", told), told


def test_what_will_be_known_cannot_be_asked(ingested: Path, say) -> None:
    for words in (("ask", "revenue", *SPAN), ("explain", "revenue", "--period", "2026-01")):
        found = say(*words, "--as-of", "2199-01-01")
        assert (found.code, found.out) == (2, "")
        assert found.err == "error: The moment 2199-01-01 has not come yet. Leave as_of out for what is known now.\n"
        assert say(*words, "--as-of", f"{datetime.now(UTC):%Y-%m-%d}").code == 0, "today is now"


def test_a_token_of_the_terminal_has_the_rights_and_days_that_were_asked(installed: Path, say, state: State) -> None:
    from dashapp.services import tokens

    assert say("user", "add", "ann@example.org", "--role", "finance", "--scope", "region=EMEA").code == 0
    secret = say("token", "add", "ann@example.org", "--rights", "read, ingest", "--days", "7").out.strip()
    found = []

    def look(_desk, now: datetime) -> None:
        found.append(tokens.token_actor(secret, ip=None, now=now))
        listed = tokens.list_tokens(replace(found[0], token_scopes=None), now=now)
        assert [t.expires_at - t.created_at for t in listed] == [timedelta(days=7)]

    state(look)
    assert found[0].token_scopes == {"read", "ingest"}
    assert (found[0].email, [str(w) for w in found[0].scope]) == ("ann@example.org", ["region=EMEA"])


def test_what_the_terminal_does_is_in_the_trail_as_the_terminals(ingested: Path, say, state: State) -> None:
    from dashapp.commands import TERMINAL
    from dashapp.services import auditing

    assert say("user", "add", "ann@example.org", "--role", "executive").code == 0
    lines = []
    state(lambda _desk, _now: lines.extend(auditing.listing(TERMINAL)))
    assert {line.action for line in lines} >= {"upload.receive", "upload.commit", "user.add"}
    assert {(line.email, line.via) for line in lines if line.action == "user.add"} == {("terminal", "cli")}


def test_the_demo_company_comes_once_and_goes_without_a_trace(installed: Path, say) -> None:
    size = ("--days", "61", "--orders", "500")
    assert "The demo company is loaded: " in say("demo", *size).out
    again = say("demo", *size)
    assert (again.code, "--reset" in again.err) == (1, True)
    assert (say("demo", "--first-start", *size).code, say("demo", "--first-start", *size).out) == (0, "")
    assert say("ask", "revenue").code == 0
    own = installed / "own.csv"
    own.write_text("order_id,date,revenue\nX1,2026-01-01,5\n")
    refused = say("ingest", str(own), "--dataset", "orders", "--mode", "append")
    assert (refused.code, "orders belongs to the demo company" in refused.err) == (1, True)
    removed = say("demo", "--remove").out
    assert "orders" in removed
    assert say("ask", "revenue").code == 2
    assert say("demo", "--remove").out == "Removed: nothing.\n"
    assert (say("demo", "--first-start", *size).out, say("ask", "revenue").code) == ("", 2), "removed is removed"


@pytest.mark.parametrize("error", [BrokenPipeError, KeyboardInterrupt])
def test_a_closed_pipe_is_no_failure_and_an_interrupt_has_its_own_code(
        installed: Path, say, monkeypatch: pytest.MonkeyPatch, error: type[BaseException]) -> None:
    from dashapp.services import accounts

    def broken(*_args: object) -> None:
        raise error

    monkeypatch.setattr(accounts, "list_users", broken)
    monkeypatch.setattr("sys.stderr", io.StringIO())  # it is closed
    assert say("user", "list").code == (0 if error is BrokenPipeError else 130)


def test_the_largest_segments_stand_by_name_and_the_others_are_one_line(ingested: Path, say) -> None:
    told = say("ask", "revenue", *SPAN, "--by", "region", "--top", "1").out
    assert re.search(r"total\s+EMEA\s+€1,150\.15", told), told
    assert re.search(r"total\s+Others \(1\)\s+€200\.20", told), told
    assert "note: The 1 of 2 segments with the largest Revenue over the range shown; the other one is" in told
    words = ("ask", "revenue", *SPAN, "--by", "region", "--top", "1", "--no-others", "--format", "json")
    alone = json.loads(say(*words).out)
    assert [t["split"] for t in alone["totals"]] == [{}, {"region": "EMEA"}]
    assert alone["ranking"] == {"kpi": "revenue", "top": 1, "segments": 2}


def test_csv_says_which_lines_contain_others(ingested: Path, say) -> None:
    told = say("ask", "revenue", *SPAN, "--by", "region", "--top", "1", "--subtotals", "--format", "csv").out
    rows = [dict(zip(told.splitlines()[0].split(","), line.split(","), strict=True)) for line in told.splitlines()[1:]]
    assert [(r["row"], r["region"], r["period"], r["value"]) for r in rows] == [
        ("point", "EMEA", "2026-01", "1100.1"), ("point", "EMEA", "2026-02", "50.05"),
        ("point", "Others (1)", "2026-01", "200.2"), ("point", "Others (1)", "2026-02", ""),
        ("sum", "", "2026-01", "1300.3"), ("sum", "", "2026-02", "50.05"),
        ("total", "", "total", "1350.35"), ("part", "EMEA", "total", "1150.15"),
        ("part", "Others (1)", "total", "200.2")]
