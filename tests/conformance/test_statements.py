"""The statements of every engine are those that were read and kept, and they ask for groups only."""
from __future__ import annotations

import pytest
import sqlglot
from sqlglot import exp

from tests.golden.statements import CASES, ENGINES, FOLDER, text

GRAMMAR = {"duckdb": "duckdb", "postgres": "postgres", "spark": "spark"}
EVERY = [(e, c) for e in ENGINES for c in CASES]


@pytest.mark.parametrize(("engine", "name"), EVERY)
def test_statements_change_only_on_purpose(engine: str, name: str) -> None:
    kept = (FOLDER / engine / f"{name}.sql").read_text()
    assert text(engine, name) == kept, "look at the difference; python -m tests.golden writes it down"


@pytest.mark.parametrize(("engine", "name"), EVERY)
def test_no_raw_rows_travel_whatever_is_asked(engine: str, name: str) -> None:
    """Every branch of a statement's result is grouped or aggregated before it leaves the engine."""
    for statement in sqlglot.parse(text(engine, name), read=GRAMMAR[engine]):
        assert statement is not None
        assert _is_grouped(statement, _named(statement)), statement.sql()


@pytest.mark.parametrize(("engine", "name"), [e for e in EVERY if e[0] != "duckdb"])
def test_foreign_tables_are_read_by_their_own_names_and_never_by_ours(engine: str, name: str) -> None:
    for statement in sqlglot.parse(text(engine, name), read=GRAMMAR[engine]):
        assert statement is not None
        known = _named(statement)
        tables = {(t.db, t.name) for t in statement.find_all(exp.Table) if t.name not in known}
        assert tables <= {("shop", "The orders"), ("shop", "The catalogue")}
        assert not {"_vintage", "_sheet", "_row"} & {c.name for c in statement.find_all(exp.Column)}
        assert not [f for f in statement.find_all(exp.Anonymous) if f.name.lower() == "fsum"]


def _named(statement: exp.Expression) -> dict[str, exp.Expression]:
    return {c.alias: c.this for c in statement.find_all(exp.CTE)}


def _is_grouped(node: exp.Expression, named: dict[str, exp.Expression]) -> bool:
    """Is it a union of, or a projection over, something that is grouped? A bare table is not."""
    if isinstance(node, exp.Union):
        return _is_grouped(node.left, named) and _is_grouped(node.right, named)
    if isinstance(node, exp.Subquery):
        return _is_grouped(node.this, named)
    if isinstance(node, exp.Table):
        return node.name in named and _is_grouped(named[node.name], named)
    assert isinstance(node, exp.Select)
    if node.args.get("group") or any(e.find(exp.AggFunc) for e in node.expressions):
        return True
    source = node.args.get("from_") or node.args.get("from")
    return not node.args.get("joins") and _is_grouped(source.this, named)


def test_a_statement_that_lists_rows_would_be_found_out() -> None:
    for sql in ("SELECT * FROM t", "SELECT a FROM (SELECT a FROM t) AS u",
                "SELECT a FROM t UNION ALL SELECT sum(a) FROM t"):
        assert not _is_grouped(sqlglot.parse_one(sql), {})
