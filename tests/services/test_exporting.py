"""Exports: who may, what is in them, and the line they leave."""

from __future__ import annotations

import io
from datetime import datetime

import openpyxl
import pytest
from flask import Flask

from dashapp.core.derivation import SourceRow, SourceRows
from dashapp.core.errors import Forbidden, Invalid
from dashapp.core.rule import Limits
from dashapp.services import auditing, exporting, limiting, targeting
from dashapp.services.desk import Desk
from tests.cast import Cast
from tests.services.stage import define


def sheet(content: bytes) -> list[list[object]]:
    return [[c.value for c in row] for row in openpyxl.load_workbook(io.BytesIO(content)).worksheets[0].iter_rows()]


def test_thresholds_are_exported_as_they_are(sqlite_database: Flask, cast: Cast, desk: Desk, now: datetime) -> None:
    define(now, "revenue")
    limiting.save(cast.analyst, Limits("revenue", "month", "below", 100.0, 80.5), now=now)
    name, media, content = exporting.limits(cast.executive, desk, "xlsx", now=now)
    assert (name, media) == ("thresholds-20260316-0900.xlsx", exporting.MEDIA["xlsx"])
    assert sheet(content) == [
        ["KPI", "Grain", "Bad are", "Warning", "Critical", "Version"],
        ["revenue", "month", "low values", 100, 80.5, 1],
    ]


def test_targets_are_exported_with_who_set_them(sqlite_database: Flask, cast: Cast, desk: Desk, now: datetime) -> None:
    define(now, "revenue")
    targeting.save(cast.finance, desk, "revenue", "2026-03", 1234.5, now=now)
    _, _, content = exporting.targets(cast.executive, desk, "csv", now=now)
    assert content.decode("utf-8-sig").splitlines()[1] == (
        f"revenue,month,2026-03,2026-03-01,2026-03-31,1234.5,{now.isoformat()},finance@example.org"
    )


def test_users_are_for_admins(sqlite_database: Flask, cast: Cast, desk: Desk, now: datetime) -> None:
    _, _, content = exporting.users(cast.admin, desk, "xlsx", now=now)
    rows = sheet(content)
    assert rows[0] == ["E-mail", "Name", "Role", "Data scope", "Active"]
    assert ["scoped@example.org", "Scoped", "executive", "region=EMEA", "yes"] in rows
    for actor in (cast.executive, cast.finance, cast.analyst):
        with pytest.raises(Forbidden):
            exporting.users(actor, desk, "xlsx", now=now)


def test_rows_in_bulk_are_for_finance(sqlite_database: Flask, cast: Cast, desk: Desk, now: datetime) -> None:
    with pytest.raises(Forbidden):
        exporting.rows(cast.executive, desk, "revenue", "2026-03", "csv", now=now)


def test_another_kind_is_refused_and_leaves_no_line(
    sqlite_database: Flask, cast: Cast, desk: Desk, now: datetime
) -> None:
    with pytest.raises(Invalid):
        exporting.limits(cast.executive, desk, "pdf", now=now)
    assert auditing.listing(cast.admin) == ()


def test_i8_an_export_leaves_exactly_one_line(sqlite_database: Flask, cast: Cast, desk: Desk, now: datetime) -> None:
    exporting.limits(cast.executive, desk, "csv", now=now)
    (line,) = auditing.listing(cast.admin)
    assert (line.action, line.subject, line.email) == ("export", "thresholds.csv", cast.executive.email)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("revenue", "revenue-20260316-0900.csv"),
        ("a/b\\c:d\r\n", "a-b-c-d-20260316-0900.csv"),
        ("../../etc", "etc-20260316-0900.csv"),
        ("ünï", "n-20260316-0900.csv"),
        ("🙂", "export-20260316-0900.csv"),
        ("x" * 200, "x" * 80 + "-20260316-0900.csv"),
    ],
)
def test_file_names_are_safe(name: str, expected: str, now: datetime) -> None:
    assert exporting.filename(name, "csv", now) == expected


def test_rows_that_one_file_cannot_hold_are_refused_and_never_cut(
    sqlite_database: Flask, cast: Cast, desk: Desk, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    part = SourceRows("orders", ("x",), (SourceRow("u", "f", None, 2, (1,)),), 2)
    monkeypatch.setattr("dashapp.services.exploring.rows", lambda *a, **k: part)
    with pytest.raises(Invalid, match="These are 2 rows"):
        exporting.rows(cast.finance, desk, "revenue", "2026-03", "csv", now=now)
    assert auditing.listing(cast.admin) == ()
