"""A statement that a person wrote for a warehouse: one SELECT that reads rows, or a refusal in words.

This is the first of three doors. The engine's driver takes one statement only, and it runs in a transaction that cannot
write; what it may read is the business of the account that the connection signs in with.
"""
from __future__ import annotations

import logging
import re
from typing import Any

from dashapp.core.errors import Invalid
from dashapp.query.dialects import DIALECTS

LONGEST = 20_000
# Functions that do more than read rows, whatever transaction they run in: files, other servers, locks, settings.
_DEEDS = re.compile(r"(pg_(?!typeof|size_pretty).*|lo_.*|dblink.*|set_config|nextval|setval|query_to_xml.*|"
                    r"table_to_xml.*|java_method|reflect|try_reflect)", re.IGNORECASE)


def selecting(sql: str, engine: str) -> str:
    """The statement, without what ends it. engine: name of a dialect. Raises Invalid."""
    text = (sql or "").strip()
    if not text:
        raise Invalid("Write the statement whose rows are brought: SELECT ...")
    if len(text) > LONGEST:
        raise Invalid(f"A statement has at most {LONGEST:,} characters.")
    tree = _one(text, DIALECTS[engine].sqlglot)
    _refuse_deeds(tree)
    return re.sub(r"[;\s]+$", "", text)


def is_ordered(sql: str, engine: str) -> bool:
    """Does the statement say in which order its rows come?"""
    return bool(_one(sql, DIALECTS[engine].sqlglot).args.get("order"))


def _one(text: str, grammar: str) -> Any:
    import sqlglot
    from sqlglot import errors, exp

    logging.getLogger("sqlglot").setLevel(logging.ERROR)  # it would write the statement into the log
    try:
        found = [t for t in sqlglot.parse(text, read=grammar) if t is not None]
    except errors.SqlglotError as error:
        raise Invalid(f"The statement cannot be read{_place(error)}.") from None
    if len(found) != 1:
        raise Invalid("A feed is one statement; there are several.")
    if not isinstance(found[0], exp.Query | exp.Values):
        raise Invalid("A feed reads rows: its statement is a SELECT.")
    return found[0]


def _refuse_deeds(tree: Any) -> None:
    from sqlglot import exp

    for node in tree.find_all(exp.DML, exp.DDL, exp.Into, exp.Lock, exp.Command):
        if not isinstance(node, exp.Query | exp.Values):
            raise Invalid("A feed only reads: its statement must not insert, update, delete, lock or make anything.")
    for call in tree.find_all(exp.Anonymous):
        if _DEEDS.fullmatch(call.name):
            raise Invalid(f"A feed only reads rows: the function {call.name[:60]} is not allowed in it.")


def _place(error: Any) -> str:
    """Where, without the text that sqlglot marks with colours."""
    for found in getattr(error, "errors", None) or ():
        if found.get("line"):
            return f" in line {found['line']}, near {str(found.get('highlight') or '')[:40]!r}"
    return ""
