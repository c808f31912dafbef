"""Statements that people write for a warehouse: what reads rows goes through, everything else is refused in words."""
from __future__ import annotations

import logging

import pytest

from dashapp.core.errors import Invalid
from dashapp.query.reading import LONGEST, is_ordered, selecting

READS = [
    "SELECT 1", "select a::date, b->>'x' from t where c ~* 'x'", "VALUES (1), (2)", "(SELECT 1) UNION ALL (SELECT 2)",
    "WITH a AS (SELECT 1 AS x) SELECT * FROM a", "SELECT count(*) FILTER (WHERE x) OVER (PARTITION BY y) FROM t",
    "SELECT * FROM t CROSS JOIN LATERAL (SELECT 1) AS l", "SELECT 1 AS \"a;b\"", "SELECT 'x; DROP TABLE y'",
    "SELECT my_function(a) FROM t", "SELECT pg_typeof(a) FROM t", "SELECT 1 -- all of them",
]
REFUSED = {
    "": "Write the statement", "  ;": "there are several", "SELECT 1; DROP TABLE x": "there are several",
    "SELECT 1; SELECT 2": "there are several", "COMMIT": "is a SELECT", "DELETE FROM x": "is a SELECT",
    "INSERT INTO x VALUES (1)": "is a SELECT", "CREATE TABLE x AS SELECT 1": "is a SELECT", "CALL f()": "is a SELECT",
    "EXPLAIN SELECT 1": "is a SELECT", "COPY x TO PROGRAM 'ls'": "is a SELECT", "SET ROLE admin": "is a SELECT",
    "WITH d AS (DELETE FROM x RETURNING *) SELECT * FROM d": "must not insert",
    "WITH d AS (INSERT INTO x VALUES (1) RETURNING *) SELECT * FROM d": "must not insert",
    "WITH d AS (UPDATE x SET a = 1 RETURNING *) SELECT * FROM d": "must not insert",
    "SELECT * INTO y FROM x": "must not insert", "SELECT * FROM x FOR UPDATE": "must not insert",
    "SELECT pg_sleep(1)": "pg_sleep", "SELECT pg_catalog.pg_read_file('/etc/passwd')": "pg_read_file",
    "SELECT PG_TERMINATE_BACKEND(1)": "not allowed", "SELECT lo_export(1, '/x')": "lo_export",
    "SELECT * FROM dblink('host=x', 'SELECT 1') AS t(a int)": "dblink", "SELECT nextval('s')": "nextval",
    "SELECT set_config('a', 'b', false)": "set_config", "SELECT FROM (": "cannot be read",
    "SELECT 1 -- " + "x" * LONGEST: "at most",
}


@pytest.mark.parametrize("sql", READS)
@pytest.mark.parametrize("end", ["", ";", " ;\n\t"])
def test_what_reads_rows_goes_through_as_it_was_written(sql: str, end: str) -> None:
    assert selecting(f"\n {sql}{'' if '--' in sql else end}", "postgres") == sql


@pytest.mark.parametrize("sql", REFUSED)
def test_what_does_more_is_refused_and_stands_in_no_log(sql: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), pytest.raises(Invalid, match=REFUSED[sql]):
        selecting(sql, "postgres")
    assert not [r for r in caplog.records if sql and sql[:20] in r.getMessage()]


def test_the_other_engine_is_asked_in_its_own_grammar() -> None:
    assert selecting("SELECT `a b` FROM t LATERAL VIEW explode(c) AS d", "spark")
    with pytest.raises(Invalid):
        selecting("INSERT OVERWRITE t SELECT 1", "spark")
    with pytest.raises(Invalid, match="reflect"):
        selecting("SELECT reflect('java.lang.Runtime', 'x')", "spark")


def test_an_order_counts_where_it_is_that_of_all_rows() -> None:
    assert is_ordered("SELECT a FROM t ORDER BY a", "postgres")
    assert is_ordered("SELECT 1 UNION SELECT 2 ORDER BY 1", "postgres")
    assert not is_ordered("SELECT a FROM (SELECT a FROM t ORDER BY a) AS s", "postgres")
