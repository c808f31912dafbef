"""Wrong input at the terminal: exit 2, one sentence, nothing changed. Refused by the state of things: exit 1."""
from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pytest

from dashapp.commands import Command
from dashapp.core.registry import Registry

SHEET = "Date,Region,Revenue,Orders\n2026-01-05,EMEA,100.10,3\n2026-01-06,APAC,200.20,4\n"
SPAN = "Dates lie between 1900-01-01 and 2199-12-31."

# words after the command -> what the one sentence says. {files} is a folder with the files of the fixture.
WRONG: dict[tuple[str, ...], str] = {
    ("ask", " , "): "Name at least one KPI",
    ("ask", "revnue"): "Did you mean 'revenue'?",
    ("ask", "revenue", "--from", "yesterday"): "'yesterday' is not a date",
    ("ask", "revenue", "--from", "2026-02-30"): "'2026-02-30' is not a date",
    ("ask", "revenue", "--to", "2026-01-01"): "--to needs --from",
    ("ask", "revenue", "--from", "2026-02-01", "--to", "2026-01-01"): "ends (2026-01-01) before it starts",
    ("ask", "revenue", "--from", "9999-12-31"): SPAN,
    ("ask", "revenue", "--from", "0001-01-01", "--to", "0001-12-31"): SPAN,
    ("ask", "revenue", "--from", "9999-12-01", "--to", "9999-12-31", "--compare", "previous"): SPAN,
    ("ask", "revenue", "--from", "1990-01-01", "--grain", "day"): "more than 4,000 periods",
    ("ask", "revenue", "--from", "1900-01-01", "--to", "2199-12-31", "--grain", "week"): "more than 4,000 periods",
    ("ask", "revenue", "--where", "region"): "Cannot read the filter 'region'",
    ("ask", "revenue", "--where", "regoin=EMEA"): "to filter by - did you mean 'region'?",
    ("ask", "revenue", "--by", "regoin"): "sales has no column 'regoin' to split by - did you mean 'region'?",
    ("ask", "revenue,orders", "--by", "zebra"): "sales has no column 'zebra' to split by; it has region.",
    ("ask", "revenue", "--by", "a,b,c,d"): "at most 3 dimensions",
    ("ask", "revenue", "--by", "region", "--top", "0"): "The number of largest segments is 1 to 100.",
    ("ask", "revenue", "--by", "region", "--top", "many"): "invalid int value: 'many'",
    ("ask", "revenue", "--top", "3"): "--top and --subtotals are of a split: add --by.",
    ("ask", "revenue", "--by", "region", "--no-others"): "--no-others needs --top.",
    ("ask", "revenue", "--as-of", "soon"): "'soon' is not a moment",
    ("ask", "revenue", "--as-of", ""): "is not a moment",
    ("ask", "revenue", "--as-of", "9999-12-31"): "A moment lies between",
    ("ask", "revenue", "--as-of", "0001-01-01T00:00+14:00"): "A moment lies between",
    ("ask", "revenue", "--grain", "hour"): "invalid choice: 'hour'",
    ("ask", "revenue", "--compare", "luck"): "invalid choice: 'luck'",
    ("ask", "revenue", "--format", "pdf"): "invalid choice: 'pdf'",
    ("explain", "revnue", "--period", "2026-01"): "Did you mean 'revenue'?",
    ("explain", "revenue"): "--period",
    ("explain", "revenue", "--period", "sometime"): "'sometime' is not a period",
    ("explain", "revenue", "--period", "2026-W60"): "'2026-W60' is not a period",
    ("explain", "revenue", "--period", "9999"): SPAN,
    ("explain", "revenue", "--period", "9999-12-31"): SPAN,
    ("explain", "revenue", "--period", "0001-01"): SPAN,
    ("explain", "revenue", "--period", "2026-01", "--where", "regoin=EMEA"): "did you mean 'region'?",
    ("explain", "revenue", "--period", "2026-01", "--as-of", "soon"): "'soon' is not a moment",
    ("bridge", "revnue", "--period", "2026-01", "--before", "2026-01-31"): "Did you mean 'revenue'?",
    ("bridge", "revenue", "--before", "2026-01-31"): "--period",
    ("bridge", "revenue", "--period", "2026-01"): "--before",
    ("bridge", "revenue", "--period", "sometime", "--before", "2026-01-31"): "'sometime' is not a period",
    ("bridge", "revenue", "--period", "2026-01", "--before", "soon"): "'soon' is not a moment",
    ("bridge", "revenue", "--period", "2026-01", "--before", "2026-01-31", "--where", "regoin=EMEA"):
        "did you mean 'region'?",
    ("kpi", "effects", "revnue", "1"): "There is no KPI 'revnue'.",
    ("kpi", "effects", "revenue", "sum("): "cannot be read near '('",
    ("kpi", "versions", "revnue"): "There is no KPI 'revnue'.",
    ("kpi", "restore", "revenue", "9"): "version 9",
    ("kpi", "restore", "revenue", "first"): "invalid int value: 'first'",
    ("connection", "add", "Bad Key", "--url-file", "{files}/url"): "The name of a connection is a word",
    ("connection", "add", "shop", "--url-file", "{files}/nothing"): "No such file",
    ("connection", "add", "shop", "--url-file", "{files}/sales.csv"): "The URL of a warehouse begins with",
    ("connection", "test", "shop"): "There is no connection 'shop'.",
    ("connection", "tables", "shop"): "There is no connection 'shop'.",
    ("connection", "remove", "shop"): "There is no connection 'shop'.",
    ("feed",): "add|change|list|run|pause|resume|remove",
    ("feed", "add", "f"): "--connection",
    **{("feed", verb, "f", "--connection", "shop", "--dataset", "more", "--sql-file", "{files}/sql", "--schedule",
        "daily at 06:30", "--mode", "append"): told
       for verb, told in (("add", "There is no connection 'shop'."), ("change", "There is no feed 'f'."))},
    ("feed", "add", "f", "--connection", "shop", "--dataset", "more", "--sql-file", "{files}/nothing", "--schedule",
     "daily at 06:30", "--mode", "append"): "cannot be read: No such file",
    ("feed", "add", "f", "--connection", "shop", "--dataset", "more", "--sql-file", "{files}/sql", "--schedule",
     "daily at 06:30", "--mode", "replace"): "invalid choice: 'replace'",
    ("feed", "add", "f", "--connection", "shop", "--dataset", "more", "--sql-file", "{files}/sql", "--schedule",
     "daily at 06:30", "--mode", "append", "--mapping", "{files}/broken.json"): "is not JSON",
    **{("feed", verb, "f"): "There is no feed 'f'." for verb in ("run", "pause", "resume", "remove")},
    ("closing",): "list|close|reopen|late",
    ("closing", "close", "sometime"): "'sometime' is not a period",
    ("closing", "close", "9999"): SPAN,
    ("closing", "close", "2026-02", "--dataset", "nothing"): "There is no dataset 'nothing'.",
    ("closing", "reopen", "2026-02"): "--reason",
    ("closing", "reopen", "2026-02", "--reason", "x", "--dataset", "nothing"): "There is no dataset 'nothing'.",
    ("deliveries", "--dataset", "nothing"): "There is no dataset 'nothing' that files are brought to.",
    ("vintage",): "list|show|compare|undo|redo",
    **{("vintage", verb, "nothing"): "There is no such upload." for verb in ("show", "undo", "redo")},
    ("vintage", "redo", "nothing", "--dry-run"): "There is no such upload.",
    ("vintage", "compare", "one", "one"): "These are one and the same upload.",
    ("vintage", "list", "--limit", "many"): "invalid int value: 'many'",
    ("dataset", "quality", "nothing"): "There is no uploaded dataset 'nothing'.",
    ("dataset", "senders", "nothing"): "There is no dataset 'nothing'.",
    ("dataset", "connect", "shop", "public.orders", "orders"): "There is no connection 'shop'.",
    ("dataset", "delete", "nothing", "--yes"): "There is no dataset 'nothing'",
    ("dataset", "refresh", "nothing"): "There is no dataset 'nothing' that",
    ("ingest", "nowhere.csv", "--dataset", "more"): "There is no file nowhere.csv.",
    ("ingest", "{files}", "--dataset", "more"): "There is no file",
    ("ingest", "{files}/fresh.csv", "--dataset", "Bad Key", "--mode", "append"): "Write 'bad_key'.",
    ("ingest", "{files}/fresh.csv", "--dataset", "__", "--mode", "append"): "A dataset key is a word",
    ("ingest", "{files}/fresh.csv", "--dataset", "more", "--mode", "overwrite"): "invalid choice: 'overwrite'",
    ("ingest", "{files}/fresh.csv", "--dataset", "more"): "--mode append",
    ("ingest", "{files}/book.xlsx", "--dataset", "more", "--mode", "append", "--sheet", "Nope"): "It has: Orders.",
    **{("ingest", "{files}/fresh.csv", "--dataset", "more", "--mode", "append", "--mapping", f"{{files}}/{name}"): told
       for name, told in {
           "broken.json": "is not JSON", "list.json": "A mapping is a JSON object.", "colour.json": "colour",
           "mode.json": "mode must be one of upsert, append, replace-period",
           "missing.json": "cannot be read", "column.json": "the column 'Zebra'",
           "key.json": "columns the file does not have: zebra", "row.json": "Row 99", "encoding.json": "klingon",
           "join.json": "'sku'"}.items()},
    ("user", "add", "not an address", "--role", "finance"): "'not an address' is not an e-mail address.",
    ("user", "add", "bob@example.org", "--role", "king"): "invalid choice: 'king'",
    ("user", "add", "bob@example.org"): "--role",
    ("user", "add", "bob@example.org", "--role", "finance", "--scope", "nonsense"): "Cannot read the filter 'nonsense'",
    ("user", "add", "bob@example.org", "--role", "finance", "--name", "x" * 201): "at most 200 printable",
    **{("user", verb, who): "There is no such user." for verb in ("disable", "enable", "password")
       for who in ("nobody@example.org", "")},
    ("user",): "add|list|disable|enable|password",
    ("token", "add", "nobody@example.org"): "There is no such user.",
    ("token", "add", "ann@example.org", "--days", "0"): "A token lives 1 to 366 days.",
    ("token", "add", "ann@example.org", "--days", "ten"): "invalid int value: 'ten'",
    ("token", "add", "ann@example.org", "--rights", "fly"): "The rights of a token are read, ingest, export",
    ("token", "add", "ann@example.org", "--rights", " , "): "choose at least one",
    ("token", "add", "ann@example.org", "--name", " "): "A token has a name of 1 to 100 characters.",
    ("demo", "--days", "60"): "--days is a number from 61",
    ("demo", "--days", "1000000"): "--days is a number from 61 to 36,500.",
    ("demo", "--orders", "-1"): "--orders is a number from 500",
    ("demo", "--orders", "99999999999999"): "--orders is a number from 500",
    ("demo", "--seed", "-1"): "--seed is a number from 0",
    ("demo", "--remove", "--reset"): "--remove loads nothing",
    ("serve", "--port", "0"): "A port is a number from 1 to 65535.",
    ("serve", "--port", "http"): "invalid int value: 'http'",
    ("serve", "--workers", "0"): "The number of workers is 1 to 64.",
    ("worker", "--parent", "me"): "invalid int value: 'me'",
    ("migrate", "twice"): "unrecognized arguments: twice",
    ("verify", "--deep"): "unrecognized arguments: --deep",
    ("settings", "PORT"): "unrecognized arguments: PORT",
    (): "the following arguments are required: command",
    ("fly",): "invalid choice: 'fly'",
}


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """What the wrong words point at."""
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "sales.csv").write_text(SHEET)
    (folder / "fresh.csv").write_text(SHEET.replace("100.10", "101.10"))
    book = openpyxl.Workbook()
    book.active.title = "Orders"
    for line in SHEET.splitlines():
        book.active.append(line.split(","))
    book.save(folder / "book.xlsx")
    for name, content in {
        "list": [], "colour": {"colour": "red"}, "mode": {"mode": "overwrite"}, "key": {"key": ["zebra"]},
        "column": {"columns": {"Zebra": {"role": "measure"}}}, "row": {"header_row": 99},
        "encoding": {"encoding": "klingon"}, "join": {"joins": {"sku": "catalogue.sku_id"}},
    }.items():
        (folder / f"{name}.json").write_text(json.dumps(content))
    (folder / "broken.json").write_text("{")
    (folder / "sql").write_text("SELECT 1 AS a")
    (folder / "url").write_text("postgresql://reader@127.0.0.1:9/shop")
    return folder


@pytest.fixture
def there(installed: Path, files: Path, say) -> Path:
    """An installation with sales, their KPIs and Ann."""
    assert say("ingest", str(files / "sales.csv"), "--dataset", "sales", "--mode", "append").code == 0
    assert say("user", "add", "ann@example.org", "--role", "admin").code == 0
    return files


def test_every_command_is_tried_with_wrong_words() -> None:
    assert {words[0] for words in WRONG if words} >= {c.name for c in Registry("dashapp.commands", Command)}


def test_wrong_input_exits_with_2_and_one_sentence_and_changes_nothing(there: Path, installed: Path, say) -> None:
    before = say("ask", "revenue,orders", "--format", "csv").out, say("user", "list").out
    kept = sorted(p.name for p in (installed / "facts").rglob("*.parquet"))
    for words, told in WRONG.items():
        found = say(*(w.replace("{files}", str(there)) for w in words))
        assert (found.code, found.out) == (2, ""), (words, found)
        said = [line for line in found.err.splitlines() if "error: " in line]
        assert len(said) == 1, (words, found.err)
        assert told in said[0], (words, found.err)
        assert "Traceback" not in found.err
    assert (say("ask", "revenue,orders", "--format", "csv").out, say("user", "list").out) == before
    assert sorted(p.name for p in (installed / "facts").rglob("*.parquet")) == kept


@pytest.mark.parametrize(("words", "told"), [
    (("ingest", "{files}/sales.csv", "--dataset", "sales", "--mode", "append"), "already in sales"),
    (("ingest", "{files}/empty.csv", "--dataset", "more", "--mode", "append"), "The file is empty."),
    (("ingest", "{files}/picture.csv", "--dataset", "more", "--mode", "append"), "PNG picture"),
    (("ingest", "{files}/picture.csv", "--dataset", "more", "--sheet", "Orders"), "PNG picture"),
    (("ingest", "{files}/unusable.csv", "--dataset", "more", "--mode", "append", "--mapping", "{files}/dates.json"),
     "None of the 2 rows can be used"),
    (("user", "add", "ann@example.org", "--role", "finance"), "ann@example.org is a user already."),
    (("user", "disable", "ann@example.org"), "last admin"),
])
def test_what_the_state_or_a_file_refuses_exits_with_1(there: Path, say, words: tuple[str, ...], told: str) -> None:
    (there / "empty.csv").touch()
    (there / "picture.csv").write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 64)
    (there / "unusable.csv").write_text("Date,Revenue\nsoon,1\nlater,2\n")
    (there / "dates.json").write_text(json.dumps({"columns": {"Date": {"role": "date", "format": "%Y-%m-%d"}}}))
    found = say(*(w.replace("{files}", str(there)) for w in words))
    assert (found.code, found.out) == (1, ""), found
    assert told in found.err


def test_a_demo_company_of_impossible_size_leaves_the_one_that_is_there(installed: Path, say, monkeypatch) -> None:
    from dashapp.services import demonstrating

    monkeypatch.setattr(demonstrating, "remove", lambda *_args, **_more: pytest.fail("it was taken away"))
    assert say("demo", "--reset", "--days", "3").code == 2


def test_a_column_that_only_some_kpis_have_is_told_beside_theirs(there: Path, say, tmp_path: Path) -> None:
    marketing = tmp_path / "marketing.csv"
    marketing.write_text("Date,Channel,Marketing Spend\n2026-01-05,web,10\n2026-01-06,mail,20\n")
    assert say("ingest", str(marketing), "--dataset", "marketing", "--mode", "append").code == 0
    told = say("ask", "revenue,marketing_spend", "--from", "2026-01-01", "--to", "2026-01-31", "--by", "region",
               "--format", "json")
    revenue, spend = json.loads(told.out)
    assert ([p["split"]["region"] for p in revenue["points"]], revenue["warnings"]) == (["APAC", "EMEA"], [])
    assert spend["points"] == []
    assert spend["warnings"] == ["marketing has no column 'region' to split by; it has channel."]
