"""A million rows of eight columns from the file to the figure, with all checks against a history, beside a bare read.

First in one process, step by step: received, read and checked by the sandboxed child, compared, committed, built. Goal:
at most 3 times the bare read (fastexcel for the workbook, DuckDB for the text). Then through the running product, one
web process and one for jobs, while somebody else asks for pages and figures all the time. Goal: no answer takes a
second.
"""
from __future__ import annotations

import json
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.bench import PrintRow
from tests.bench.ingest import bare, best
from tests.bench.process import measured

HEADER = ("order_id", "date", "sku", "region", "customer_id", "qty", "price", "revenue")
HISTORY, BIG = 200_000, 1_000_000
MAPPING: dict[str, Any] = {
    "kind": "facts", "grain": "event", "key": ["order_id"], "mode": "upsert",
    "columns": {"order_id": {"role": "id"}, "date": {"role": "date"}, "sku": {"role": "dimension"},
                "region": {"role": "dimension"}, "customer_id": {"role": "entity"}, "qty": {"role": "measure"},
                "price": {"role": "measure", "type": "money"}, "revenue": {"role": "measure", "type": "money"}}}
ASKED = ("/", "/_dash-layout", "/healthz", "/api/v1/kpis/revenue/series?grain=month&from=2024-01-01&to=2025-12-31",
         "/api/v1/datasets")
SECRET = "a-secret-that-only-the-benchmark-knows-0123456789"


def write(path: str, rows: str, first: str, year: str) -> Callable[[], int]:
    """Orders of a year numbered from `first`, as a workbook or a CSV by the ending of the path."""
    import duckdb

    sql = f"""SELECT 'O' || lpad(CAST(i AS VARCHAR), 8, '0') AS order_id,
        DATE '{int(year)}-01-01' + CAST((i - {int(first)}) * 365 // {int(rows)} AS INTEGER) AS date,
        'S' || (hash(i) % 2000) AS sku, ['EMEA','APAC','NA','LATAM'][CAST(1 + hash(i + 7) % 4 AS BIGINT)] AS region,
        'C' || (hash(i + 3) % 40000) AS customer_id, CAST(1 + hash(i + 1) % 5 AS INTEGER) AS qty,
        CAST((100 + hash(i + 2) % 9900) / 100.0 AS DECIMAL(18,2)) AS price, price * qty AS revenue
        FROM range({int(first)}, {int(first) + int(rows)}) t(i)"""

    def records() -> Iterator[dict[str, Any]]:
        for batch in duckdb.sql(sql).to_arrow_reader(50_000):
            for record in batch.to_pylist():
                yield {**record, "price": float(record["price"]), "revenue": float(record["revenue"])}

    def as_text() -> int:
        duckdb.sql(f"COPY ({sql}) TO '{path}' (HEADER)")
        return int(rows)

    def as_workbook() -> int:
        from rustpy_xlsxwriter import write_worksheet

        write_worksheet(records(), path, sheet_name="Orders", datetime_format="yyyy-mm-dd")
        return int(rows)

    return as_text if path.endswith(".csv") else as_workbook


def bare_text(path: str) -> Callable[[], int]:
    """DuckDB reads the CSV as texts into memory."""
    import duckdb

    return lambda: len(duckdb.connect(config={"threads": 2}).execute(
        f"SELECT * FROM read_csv('{path}', all_varchar = true, header = true)").to_arrow_table())


def arrive(path: str, history: str) -> Callable[[], dict[str, Any]]:
    """The file into a fresh installation whose dataset has a history: seconds of each step, and the rows."""
    from dashapp.core.mapping import mapping_from_json
    from dashapp.core.organisation import Organisation
    from dashapp.services import checking, importing, keeping, receiving, serving
    from dashapp.services.acting import acting

    folder = Path(tempfile.mkdtemp(prefix="arrival-", dir=Path(path).parent))
    app = keeping.state_app(f"sqlite:///{folder / 'ledgerline.db'}")
    context = app.app_context()
    context.push()
    keeping.migrate()
    desk = keeping.open_desk(folder, folder / "facts", SECRET.encode(), Organisation(), max_upload=1 << 30)
    actor, now = acting(_finance()), datetime(2026, 1, 2, 9, tzinfo=UTC)
    mapping = mapping_from_json(MAPPING)

    def bring(name: str, told: dict[str, Any]) -> None:
        def step(word: str, started: float) -> float:
            told[word] = round(time.perf_counter() - started, 2)
            return time.perf_counter()

        at = time.perf_counter()
        with Path(name).open("rb") as stream:
            upload = receiving.receive(actor, desk, stream, Path(name).name, "orders", now=now).id
        at = step("received", at)
        checked = checking.dry_run(actor, desk, upload, mapping, now=now)
        at = step("checked", at)
        told["rows"] = importing.commit(actor, desk, upload, checked.digest, now=now).rows
        at = step("committed", at)
        told["issues"] = [i["code"] for i in checked.issues]
        serving.build(desk, "orders", now=now)
        step("built", at)

    bring(history, {})

    def whole() -> dict[str, Any]:
        told: dict[str, Any] = {}
        bring(path, told)
        return told

    return whole


def _finance() -> str:
    from dashapp.core.actor import SYSTEM, Role
    from dashapp.services import accounts

    return accounts.add_user(SYSTEM, "bench@example.org", Role.FINANCE, now=datetime.now(UTC))[0].id


def meanwhile(path: str, history: str) -> Callable[[], dict[str, Any]]:
    """The file through the running product while somebody asks: seconds of the slowest and of the usual answer."""
    from tests.web.live import ADMIN, PASSWORD, Browser, live

    folder = Path(tempfile.mkdtemp(prefix="meanwhile-", dir=Path(path).parent))

    def whole() -> dict[str, Any]:
        with live(folder, workers=1, jobs=True, LEDGERLINE_MAX_UPLOAD_MB="500") as server:
            secret, person = _token(folder / "data" / "ledgerline.db", ADMIN), Browser(server.port)
            assert person.sign_in(ADMIN, PASSWORD) == 303
            _through(server.port, secret, history)
            for asked in ASKED:  # the first answers load what they need
                _ask(person, secret, asked)
            over, heard = threading.Event(), []
            asker = threading.Thread(target=_asking, args=(person, secret, over, heard))
            asker.start()
            started = time.perf_counter()
            try:
                _through(server.port, secret, path)
                took = time.perf_counter() - started
            finally:
                over.set()
                asker.join()
        slowest = {where: max(s for w, s, _ in heard if w == where) for where in ASKED}
        times = sorted(s for _, s, _ in heard)
        return {"took": took, "asked": len(heard), "slowest": slowest, "p95": times[int(len(times) * 0.95)],
                "failed": sum(status >= 400 for _, _, status in heard)}

    return whole


def _token(database: Path, email: str) -> str:
    from dashapp.core.actor import SYSTEM
    from dashapp.services import tokens
    from tests.conftest import state

    with state(f"sqlite:///{database}"):
        return tokens.add_token(SYSTEM, "bench", ["read", "ingest"], now=datetime.now(UTC), email=email)[1]


def _asking(person: Any, secret: str, over: threading.Event, heard: list[tuple[str, float, int]]) -> None:
    """One page or figure after the other, a fifth of a second apart."""
    while not over.is_set():
        for asked in ASKED:
            started = time.perf_counter()
            status = _ask(person, secret, asked)
            heard.append((asked, time.perf_counter() - started, status))
            over.wait(0.2)


def _ask(person: Any, secret: str, asked: str) -> int:
    headers = {"Authorization": f"Bearer {secret}"} if asked.startswith("/api/") else {}
    return int(person.ask("GET", asked, None, 60, **headers)[0])


def _through(port: int, secret: str, path: str) -> None:
    """The file by the API, until it is committed and served."""
    import http.client

    edge = b"--edge\r\nContent-Disposition: form-data; name="
    body = edge + b'"mapping"\r\n\r\n' + json.dumps(MAPPING).encode() + b"\r\n" + edge
    body += f'"file"; filename="{Path(path).name}"\r\n\r\n'.encode() + Path(path).read_bytes() + b"\r\n--edge--\r\n"
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    headers = {"Authorization": f"Bearer {secret}", "X-Forwarded-For": "10.0.0.2"}

    def ask(method: str, where: str, sent: bytes | None = None, **more: str) -> Any:
        line.request(method, f"/api/v1{where}", sent, {**headers, **more})
        answer = line.getresponse()
        found = json.loads(answer.read())
        if answer.status >= 400:
            raise RuntimeError(f"{where}: {answer.status} {found.get('detail')}")
        return found

    upload = ask("POST", "/datasets/orders/uploads", body, **{"Content-Type": "multipart/form-data; boundary=edge"})
    patience = threading.Event()
    while (found := ask("GET", f"/uploads/{upload['id']}"))["status"] != "committed":
        if found["status"] == "failed":
            raise RuntimeError(found["error"])
        patience.wait(0.5)
    while not ask("GET", "/datasets/orders")["is_served"]:
        patience.wait(0.5)
    line.close()


def run(print_row: PrintRow) -> None:
    """The workbook, then the text; `--quick` takes a tenth of the rows."""
    rows = BIG // 10 if "--quick" in sys.argv else BIG
    with tempfile.TemporaryDirectory() as folder:
        history = str(Path(folder) / "history.csv")
        measured(write, history, str(HISTORY), "0", "2024")
        for ending, plainly in (("xlsx", bare), ("csv", bare_text)):
            path = str(Path(folder) / f"orders.{ending}")
            measured(write, path, str(rows), str(HISTORY), "2025")
            plain = best(plainly, path)
            print_row(f"{rows:,} x {len(HEADER)} {ending}, bare read", plain.wall, plain.peak, 1.0,
                      f"{Path(path).stat().st_size / 1e6:.0f} MB, cpu {plain.cpu:.2f} s")
            mine = measured(arrive, path, history)
            steps = ", ".join(f"{k} {v} s" for k, v in mine.answer.items() if isinstance(v, float))
            print_row("  from the file to the figure, with history", mine.wall, mine.child, mine.wall / plain.wall,
                      f"cpu {mine.cpu:.2f} s = {mine.cpu / plain.cpu:.2f} x; {steps}; own process {mine.own:.0f} MB")
            told = measured(meanwhile, path, history).answer
            print_row("  through the product, until it is served", told["took"],
                      note=f"{told['asked']} answers meanwhile")
            print_row("  the slowest of them", max(told["slowest"].values()), note=json.dumps(
                {k.partition('?')[0]: round(v, 2) for k, v in told["slowest"].items()}) + f", p95 {told['p95']:.2f} s, "
                f"{told['failed']} failed")
