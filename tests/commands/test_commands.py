"""The terminal: exit 0 when done, 1 when the work failed for a reason, 2 for wrong use."""
from __future__ import annotations

import csv
import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dashapp.commands import TERMINAL, now, opened
from dashapp.core.rule import Limits
from dashapp.services import limiting
from dashapp.settings import from_environment

SHEET = "Date,Region,Revenue,Orders\n2026-01-05,EMEA,100.10,3\n2026-01-06,APAC,200.20,4\n2026-02-03,EMEA,50.05,1\n"


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    path = tmp_path / "sales.csv"
    path.write_text(SHEET)
    return path


@pytest.fixture
def ingested(installed: Path, sheet: Path, say) -> Path:
    assert say("ingest", str(sheet), "--dataset", "sales", "--mode", "append").code == 0
    return sheet


@pytest.mark.parametrize("words", [
    (), ("fly",), ("ask",), ("user", "add", "a@b.c"), ("ask", "revenue", "--grain", "hour"),
    ("user", "add", "a@b.c", "--role", "king"), ("ingest", "x.csv")])
def test_words_that_mean_nothing_are_wrong_use(data: Path, say, words: tuple[str, ...]) -> None:
    assert say(*words).code == 2


def test_wrong_settings_are_wrong_use(data: Path, say, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEDGERLINE_CURENCY", "EUR")
    told = say("user", "list")
    assert (told.code, "Did you mean LEDGERLINE_CURRENCY?" in told.err) == (2, True)


def test_the_database_is_migrated_once(data: Path, say) -> None:
    assert re.fullmatch(r"Migrated from nothing to \d+\.\n", say("migrate").out)
    assert say("migrate").out.startswith("The database is at")


def test_work_on_a_database_of_no_version_says_what_to_do(data: Path, say) -> None:
    told = say("user", "list")
    assert (told.code, "python -m dashapp migrate" in told.err) == (1, True)


def test_people_are_added_listed_disabled_and_given_passwords(installed: Path, say) -> None:
    added = say("user", "add", "Ann@Example.org", "--role", "finance", "--scope", "region=EMEA", "--name", "Ann")
    assert re.fullmatch(r"ann@example\.org is finance\. One-time password: \S{12,}\n", added.out)
    assert say("user", "add", "root@example.org", "--role", "admin").code == 0
    listed = say("user", "list").out.splitlines()
    assert re.split(r"\s+", listed[0]) == ["ann@example.org", "finance", "region=EMEA"]
    assert say("user", "disable", "ann@example.org").code == 0
    assert say("user", "list").out.splitlines()[0].endswith("disabled")
    assert say("user", "enable", "ann@example.org").code == 0
    again = say("user", "password", "ann@example.org")
    assert again.code == 0
    assert again.out.split()[-1] != added.out.split()[-1]


def test_people_that_cannot_be_are_refused(installed: Path, say) -> None:
    assert say("user", "add", "ann@example.org", "--role", "finance").code == 0
    assert say("user", "add", "ann@example.org", "--role", "finance").code == 1
    assert [line.split()[0] for line in say("user", "list").out.splitlines()] == ["ann@example.org"]


def test_a18_the_last_admin_stays(installed: Path, say) -> None:
    say("user", "add", "root@example.org", "--role", "admin")
    told = say("user", "disable", "root@example.org")
    assert (told.code, "last admin" in told.err) == (1, True)


def test_a_token_is_printed_once(installed: Path, say) -> None:
    say("user", "add", "ann@example.org", "--role", "finance")
    told = say("token", "add", "ann@example.org", "--name", "nightly", "--days", "7")
    assert (told.code, re.fullmatch(r"ll_[0-9a-f]{12}_\S{43}\n", told.out) is not None) == (0, True)


def test_a_file_is_brought_in_and_asked_about(ingested: Path, say) -> None:
    told = say("ask", "revenue", "--grain", "month", "--from", "2026-01-01", "--to", "2026-02-28", "--format", "json")
    series = json.loads(told.out)
    assert [(p["period"], p["value"]) for p in series["points"]] == [("2026-01", 300.3), ("2026-02", 50.05)]
    assert series["totals"] == [{"split": {}, "value": 350.35}]
    assert len(series["vintages"]) == 1


def test_several_kpis_split_and_filtered(ingested: Path, say) -> None:
    told = say("ask", "revenue,orders", "--grain", "month", "--from", "2026-01-01", "--to", "2026-01-31",
               "--by", "region", "--where", "region=EMEA", "--format", "csv")
    rows = list(csv.DictReader(told.out.splitlines()))
    found = [(r["kpi"], r["row"], r["region"], r["period"], r["value"], r["complete"]) for r in rows]
    assert found == [
        ("revenue", "point", "EMEA", "2026-01", "100.1", "yes"), ("revenue", "total", "", "total", "100.1", ""),
        ("revenue", "part", "EMEA", "total", "100.1", ""), ("orders", "point", "EMEA", "2026-01", "3", "yes"),
        ("orders", "total", "", "total", "3", ""), ("orders", "part", "EMEA", "total", "3", "")]


def test_a_table_is_for_people(ingested: Path, say) -> None:
    told = say("ask", "revenue", "--grain", "month", "--from", "2026-01-01", "--to", "2026-02-28")
    assert "Revenue by month, 2026-01-01 to 2026-02-28" in told.out
    assert re.search(r"2026-01\s+€300\.", told.out)
    assert re.search(r"total\s+€350\.", told.out)
    assert told.out.rstrip().endswith("* not finished"), "rows on few days do not miss the first ones"


FINANCE = """Date,Line,Revenue,COGS
2026-01-31,core,200.00,100.00
2026-02-28,core,400.00,150.00
2026-02-28,=1+1,50.10,0.10
"""


@pytest.fixture
def finance(installed: Path, tmp_path: Path, say) -> None:
    path = tmp_path / "finance.csv"
    path.write_text(FINANCE)
    assert say("ingest", str(path), "--dataset", "finance", "--mode", "append").code == 0


def test_changes_are_worded_as_on_the_screens(finance: None, say) -> None:
    words = ("--from", "2026-01-01", "--to", "2026-02-28", "--compare", "previous")
    told = say("ask", "profit_margin,revenue", *words).out
    margin, before, revenue = 1 - 150.10 / 450.10, 1 - 100 / 200, 450.10 / 200 - 1
    assert re.search(rf"2026-02\s+{margin:.1%}\s+\+{(margin - before) * 100:.1f} pp\n", told), told
    assert re.search(rf"2026-02\s+€450.10\s+\+{revenue:.1%}\n", told), told
    assert "Profit margin by month, 2026-01-01 to 2026-02-28, vs previous period\n" in told
    assert re.search(r"2026-01\s+50\.0%\s+Data begin on 31 Jan 2026\.\n", told), told


def test_the_change_of_the_terminal_is_that_of_the_card(finance: None, say) -> None:
    from dashapp.core.organisation import Organisation

    asked = ("ask", "profit_margin", "--from", "2026-01-01", "--to", "2026-02-28", "--compare", "previous")
    point = json.loads(say(*asked, "--format", "json").out)["points"][1]["compare"]
    worded = Organisation().words.change(point["change"], point["change_ratio"], "percent", 1)
    assert f"  {worded}\n" in say(*asked).out


def test_csv_of_the_terminal_has_totals_all_digits_and_no_formulas(finance: None, say) -> None:
    told = say("ask", "revenue,profit_margin", "--from", "2026-02-01", "--to", "2026-02-28", "--by", "line",
               "--compare", "previous", "--format", "csv").out
    rows = list(csv.DictReader(told.splitlines()))
    found = {(r["kpi"], r["row"], r["line"]): r for r in rows}
    assert found["revenue", "total", ""]["value"] == "450.1"
    assert found["revenue", "point", "'=1+1"]["value"] == found["revenue", "part", "'=1+1"]["value"] == "50.1"
    assert float(found["profit_margin", "total", ""]["value"]) == pytest.approx(300 / 450.10, rel=1e-12)
    assert (found["revenue", "part", "core"]["start"], found["revenue", "part", "core"]["end"]) == \
        ("2026-02-01", "2026-02-28")
    assert {r["complete"] for r in rows if r["row"] == "point"} == {"yes"}
    assert found["revenue", "part", "core"]["change_ratio"] == "1"
    assert found["revenue", "part", "core"]["compare_value"] == "200"
    assert not re.search(r"(?:^|,)[=+@]", told, re.M)


def test_as_of_a_moment_before_the_upload_nothing_was_known(ingested: Path, say) -> None:
    told = say("ask", "revenue", "--grain", "month", "--from", "2026-01-01", "--to", "2026-01-31",
               "--as-of", "2026-01-31T18:00", "--format", "json")
    point = json.loads(told.out)["points"][0]
    assert point["value"] is None
    assert point["reason"]


def test_without_key_and_mode_nothing_is_assumed(installed: Path, sheet: Path, say) -> None:
    told = say("ingest", str(sheet), "--dataset", "sales")
    assert (told.code, "--mode append" in told.err) == (2, True)
    assert "There is no KPI" in say("ask", "revenue").err
    assert say("ingest", str(sheet), "--dataset", "sales", "--mode", "upsert").code == 0
    sheet.write_text(SHEET.replace("50.05", "60.05"))
    assert say("ingest", str(sheet), "--dataset", "sales").code == 0, "the dataset knows its key by now"
    told = say("ask", "revenue", "--from", "2026-02-01", "--to", "2026-02-28", "--format", "json")
    assert json.loads(told.out)["points"][0]["value"] == 60.05


def test_a_dry_run_refuses_what_the_commit_would_refuse(installed: Path, tmp_path: Path, say) -> None:
    file = tmp_path / "plain.csv"
    file.write_text("Date,Revenue\n2026-01-01,5\n2026-01-01,6\n2026-01-01,5\n2026-01-02,6\n")
    words = ("ingest", str(file), "--dataset", "plain", "--mode", "upsert")
    dry, real = say(*words, "--dry-run"), say(*words)
    assert (dry.code, real.code) == (2, 2), (dry, real)
    assert dry.err == real.err
    assert dry.out == ""


def test_a_dry_run_stores_nothing(installed: Path, sheet: Path, say) -> None:
    told = say("ingest", str(sheet), "--dataset", "sales", "--mode", "append", "--dry-run", "--json")
    found = json.loads(told.out)
    assert (told.code, found["status"], found["rows"], found["accepted"]) == (0, "dry-run", 3, 3)
    assert list((installed / "originals").iterdir()) == []
    assert "There is no KPI" in say("ask", "revenue").err


def test_e23_the_same_bytes_again_are_refused(ingested: Path, say) -> None:
    told = say("ingest", str(ingested), "--dataset", "sales", "--mode", "append")
    assert (told.code, "already in sales" in told.err) == (1, True)


def test_a_mapping_file_decides(installed: Path, sheet: Path, tmp_path: Path, say) -> None:
    mapping = tmp_path / "mapping.json"
    mapping.write_text(json.dumps({"key": ["date", "region"], "columns": {"Orders": {"role": "ignore"}}}))
    told = say("ingest", str(sheet), "--dataset", "sales", "--mapping", str(mapping), "--json")
    found = json.loads(told.out)
    assert (told.code, found["status"], found["mode"], found["rows"]) == (0, "committed", "upsert", 3)


def test_explain_tells_where_a_figure_comes_from(ingested: Path, say) -> None:
    told = say("explain", "revenue", "--period", "2026-01")
    assert told.code == 0, told.err
    for part in ("Revenue, 2026-01: €300.", "sum(sales.revenue)", "sales.csv into sales", "2 rows in all", "SELECT"):
        assert part in told.out
    found = json.loads(say("explain", "revenue", "--period", "2026-01", "--json").out)
    assert (found["value"], found["rows"]) == (300.3, 2)


def test_explain_prints_rows_with_their_lines_and_writes_the_evidence(ingested: Path, say, tmp_path: Path) -> None:
    from openpyxl import load_workbook

    file = tmp_path / "evidence.xlsx"
    told = say("explain", "revenue", "--period", "2026-01", "--rows", "5", "--out", str(file))
    assert (told.code, "sales.csv row 2:" in told.out, "evidence" in told.err) == (0, True, True), told
    figure = load_workbook(file, data_only=True)["Figure"]
    assert (figure["C4"].value, figure["C8"].value) == (pytest.approx(300.3), "equal")
    found = json.loads(say("explain", "revenue", "--period", "2026-01", "--rows", "1", "--json").out)
    assert [r["place"] for r in found["source"]["rows"]] == ["row 3"]
    assert say("explain", "revenue", "--period", "2026-01", "--out", "x.csv").code == 2
    assert say("explain", "revenue", "--period", "2026-01", "--rows", "0").code == 2


def test_verify_finds_a_changed_fact_and_a_changed_trail(ingested: Path, installed: Path, say) -> None:
    assert say("verify").code == 0
    vintage = next(p for p in (installed / "facts").rglob("*.parquet"))
    kept = vintage.read_bytes()
    vintage.write_bytes(kept[:-1] + bytes([kept[-1] ^ 1]))
    told = say("verify")
    assert (told.code, "is not the one that was stored" in told.out) == (1, True)
    vintage.unlink()
    assert "is missing" in say("verify").out
    vintage.write_bytes(kept)
    assert say("verify").code == 0


def test_settings_are_listed(data: Path, say) -> None:
    assert "| `SECRET_KEY` |" in say("settings").out


def test_a_correction_is_bridged_on_the_terminal(ingested: Path, say) -> None:
    between = datetime.now(UTC).isoformat()
    more = ingested.with_name("more.csv")
    more.write_text("Date,Region,Revenue,Orders\n2026-01-09,EMEA,0.05,1\n")
    assert say("ingest", str(more), "--dataset", "sales", "--mode", "append").code == 0
    told = say("bridge", "revenue", "--period", "2026-01", "--before", between)
    assert told.code == 0, told.err
    assert re.search(r"New rows +\+€0\.05 +€300\.35 +1", told.out)
    assert "more.csv into sales, uploaded" in told.out
    body = json.loads(say("bridge", "revenue", "--period", "2026-01", "--before", between, "--json").out)
    assert (body["difference_exact"], body["parts"][0]["kind"]) == ("0.0500", "new")


def test_moments_in_the_wrong_order_are_wrong_use_of_the_bridge(ingested: Path, say) -> None:
    words = ("bridge", "revenue", "--period", "2026-01", "--before", "2026-03-01", "--after", "2026-02-01")
    assert say(*words).code == 2
def test_the_other_name_of_the_previous_period_is_taken_as_everywhere_else(ingested: Path, say) -> None:
    asked = ("ask", "revenue", "--from", "2026-01-01", "--to", "2026-02-28", "--format", "json", "--compare")
    named, other = (say(*asked, name) for name in ("previous", "previous_period"))
    assert (other.code, json.loads(other.out)) == (0, json.loads(named.out))
    assert json.loads(other.out)["points"][1]["compare"]["label"] == "2026-01"
    assert say(*asked, "previous_periods").code == 2


def test_the_quality_of_a_dataset_is_measured_and_told(ingested: Path, say) -> None:
    told = say("dataset", "quality", "sales")
    assert told.code == 0
    assert [line.split()[0] for line in told.out.splitlines()] == ["Completeness", "Validity", "Uniqueness",
                                                                   "Consistency", "Timeliness"]
    made = json.loads(say("dataset", "quality", "sales", "--json").out)
    assert (made["dataset"], made["uniqueness"], made["counts"]["rows"]) == ("sales", 1.0, 3)
    assert say("dataset", "quality", "nothing").code == 2


def test_a_dry_run_tells_what_it_found_against_what_is_known(ingested: Path, tmp_path: Path, say) -> None:
    more = tmp_path / "again.csv"
    more.write_text(SHEET + "2026-02-04,EMEA,60.05,2\n")
    told = say("ingest", str(more), "--dataset", "sales", "--dry-run")
    assert "3 rows are known already from sales.csv, 2026-01-05 to 2026-02-03; append counts them twice." in told.out
    assert "alerts: No KPI of this dataset has limits." in told.out


def test_a_dry_run_tells_which_status_of_which_figure_would_change(ingested: Path, tmp_path: Path, say) -> None:
    """100.10 and 200.20 in January are above a limit of 400 once 150 more come."""
    with opened(from_environment()):
        limiting.save(TERMINAL, Limits("revenue", "month", "above", warning=400.0, critical=10_000.0), now=now())
    more = tmp_path / "more.csv"
    more.write_text("Date,Region,Revenue,Orders\n2026-01-08,EMEA,150,3\n")
    told = say("ingest", str(more), "--dataset", "sales", "--dry-run").out
    assert "alerts: 1 would fire, 0 would clear." in told
    assert re.search(r"Revenue, month, Jan(uary)? 2026: On track -> Warning", told), told
    (alerts,) = (e for e in json.loads(say("ingest", str(more), "--dataset", "sales", "--dry-run", "--json").out)
                 ["consequences"] if e["kind"] == "alerts")
    assert alerts["rows"] == [{"kpi": "revenue", "grain": "month", "period": "2026-01", "before": "ok",
                               "after": "warning"}]
