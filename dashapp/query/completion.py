"""What could stand at the caret of a formula: columns of every dataset, functions, other KPIs, units of time, and in
conditions the values of a text column and the signs that compare."""
from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from dashapp.core.dataset import Dataset, RoleOf
from dashapp.core.draft import Completion, Proposal, Signature
from dashapp.core.kpi import Kpi
from dashapp.query.caret import Caret, Frame, caret_in
from dashapp.query.columns import Field, find, known_paths
from dashapp.query.compared import Wanted, compared_column, ends_condition, fitting, literal, wanted_value
from dashapp.query.functions import FUNCTIONS
from dashapp.query.graph import paths_to
from dashapp.query.names import DATED, NUMERIC
from dashapp.query.spelling import spelled
from dashapp.query.tree import AGGREGATES, ENTITY, TIME, UNITS
from dashapp.query.written import MAX_LENGTH

MOST = 60
_UNCALLED = ("rolling", "to_date")  # time functions do not stand inside of these
_TYPES = {"money": "money", "number": "numbers", "text": "texts", "date": "dates"}
_COMPARES = {"==": "equal to", "!=": "not equal to", "in": "one of several", "not in": "none of several",
             ">": "greater than", ">=": "at least", "<": "less than", "<=": "at most"}
_ALSO = {"and": "Both conditions hold.", "or": "One of the conditions holds."}
_Ranked = tuple[int, int, str, Proposal]


def complete(text: str, position: int, datasets: Mapping[str, Dataset], kpis: Mapping[str, Kpi],
             key: str | None = None, values: Sequence[str] = ()) -> Completion:
    """Everything that could stand at `position` (0-based, any number) of `text` (any text), best first, at most 60;
    nothing for a text that is longer than formulas are.

    key: the KPI that is written; itself and what stands on it are not proposed, because that would be a cycle.
    values: of the column that `column_of_value` says.
    """
    if len(text) > MAX_LENGTH:
        return Completion(0, 0)
    caret = caret_in(text, position)
    shown, start, end = signature(caret), caret.start, caret.end
    wanted = wanted_value(text, position, caret, datasets)
    if wanted and not _is_before_word(text, wanted.end):
        start, end, ranked = wanted.start, wanted.end, _values(wanted, values, datasets)
    elif not caret.wants_operand:
        ranked = _signs(text, caret, datasets)
    elif not caret.kind and _is_before_word(text, end):
        ranked = iter(())
    else:
        ranked = _ranked(caret, datasets, kpis, key)
    found = sorted(ranked, key=lambda r: r[:3])
    once = dict.fromkeys(p for *_, p in found if p.insert != text[start:end])
    return Completion(start, end, tuple(once)[:MOST], shown)


def column_of_value(text: str, position: int, datasets: Mapping[str, Dataset]) -> Field | None:
    """The text column whose value is written at `position` of `text`, if one is; see `complete`."""
    if len(text) > MAX_LENGTH:
        return None
    wanted = wanted_value(text, position, caret_in(text, position), datasets)
    return wanted.field if wanted else None


def signature(caret: Caret) -> Signature | None:
    """The function that is written at the caret."""
    call = caret.call
    if call is None or call.name not in FUNCTIONS:
        return None
    told = FUNCTIONS[call.name]
    return Signature(told.signature, told.places, min(call.place, len(told.places) - 1), told.help)


def _is_before_word(text: str, at: int) -> bool:
    """A name or text begins right there: what is inserted would run into it."""
    return text[at:at + 1].isidentifier() or text[at:at + 1] in ("`", '"', "'")


def _ranked(caret: Caret, datasets: Mapping[str, Dataset], kpis: Mapping[str, Kpi], key: str | None
            ) -> Iterator[_Ranked]:
    call = caret.call
    if call and call.name in TIME and call.place > 0:
        yield from _units(caret, call)
    elif caret.kind in ("text", "number") or caret.is_in_list:
        return
    elif call is None or (call.name in TIME and call.place == 0):
        yield from _figures(caret, datasets, kpis, key)
    elif call.name in AGGREGATES and call.place < 2:
        yield from _inside(caret, call, datasets)
    elif call.name == "contains" and call.place == 0:
        yield from _columns(caret, _outer(caret) or call, datasets, "condition")


# figures ---------------------------------------------------------------------------------------------------------
def _figures(caret: Caret, datasets: Mapping[str, Dataset], kpis: Mapping[str, Kpi], key: str | None
             ) -> Iterator[_Ranked]:
    above = {key, *paths_to(key, kpis)} if key else set()
    for kpi in kpis.values():
        rank = _rank(caret.word, kpi.key, kpi.name)
        if rank is not None and kpi.key not in above:
            insert = spelled(kpi.key)
            help = f"{kpi.name}: {kpi.formula[:90]}{'…' if len(kpi.formula) > 90 else ''}"
            yield rank, 0, insert, Proposal(insert, "kpi", kpi.key, help, len(insert))
    is_windowed = any(f.name in _UNCALLED for f in caret.frames)
    names = (*AGGREGATES, *(() if is_windowed else TIME))
    yield from _functions(caret, names)
    if caret.word:
        yield from _whole(caret, datasets)


def _functions(caret: Caret, names: tuple[str, ...]) -> Iterator[_Ranked]:
    for name in names:
        rank = _rank(caret.word, name, "")
        if rank is not None:
            told = FUNCTIONS[name]
            insert = name if caret.follows == "(" else f"{name}()"
            yield rank, 1, name, Proposal(insert, "function", told.signature, told.help, len(name) + 1)


def _whole(caret: Caret, datasets: Mapping[str, Dataset]) -> Iterator[_Ranked]:
    """A column where a figure is wanted comes with the aggregate around it."""
    for found in _fields(datasets.values(), datasets):
        rank = _rank(caret.word, ".".join(found.path), found.column.header)
        is_counted = found.column.role in (RoleOf.ENTITY, RoleOf.ID)
        if rank is not None and (is_counted or found.column.type in ("money", "number")):
            insert = f"{'distinct' if is_counted else 'sum'}({_written(found)})"
            yield rank, 2, insert, Proposal(insert, "column", insert, _told(found, datasets), len(insert))


def _units(caret: Caret, call: Frame) -> Iterator[_Ranked]:
    place = {"rolling": 2, "to_date": 1}.get(call.name)
    if call.place != place or caret.kind == "number":
        return
    word = caret.word.strip("\"'")
    for n, unit in enumerate(UNITS):
        if unit.startswith(word):
            yield n, 0, unit, Proposal(f'"{unit}"', "unit", unit, f"By {unit}.", len(unit) + 2)


# inside aggregates -----------------------------------------------------------------------------------------------
def _inside(caret: Caret, call: Frame, datasets: Mapping[str, Dataset]) -> Iterator[_Ranked]:
    if call.place == 1:
        if caret.before and (caret.before.kind == "sign" or caret.before.text in ("in", "not")):
            return  # the other side of a comparison is a value
        yield from _columns(caret, call, datasets, "condition")
        yield from _functions(caret, ("contains",))
        return
    yield from _columns(caret, call, datasets, call.name)
    if call.name == "count" and caret.before and caret.before.text == "(":
        for dataset in datasets.values():
            rank = _rank(caret.word, dataset.key, dataset.name)
            if rank is not None:
                insert = spelled(dataset.key)
                help = f"All rows of {dataset.name}."
                yield rank, 0, insert, Proposal(insert, "dataset", dataset.key, help, len(insert))


def _columns(caret: Caret, call: Frame, datasets: Mapping[str, Dataset], use: str) -> Iterator[_Ranked]:
    for found in _fields(fitting(call, datasets), datasets):
        rank = _rank(caret.word, ".".join(found.path), found.column.header)
        if rank is None or not _serves(found, use, datasets):
            continue
        insert = _written(found)
        is_other = use in ENTITY and found.column.role is not RoleOf.ENTITY
        first = 2 * is_other + (found.join is not None)  # a dataset's own columns before those joined to it
        yield rank, first, insert, Proposal(insert, "column", ".".join(found.path), _told(found, datasets), len(insert))


def _serves(found: Field, use: str, datasets: Mapping[str, Dataset]) -> bool:
    if use in NUMERIC and found.column.type not in ("money", "number"):
        return False
    return use not in DATED or datasets[found.dataset].date_column is not None


def _outer(caret: Caret) -> Frame | None:
    """The aggregate around a `contains`."""
    return next((f for f in reversed(caret.frames) if f.name in AGGREGATES), None)


# conditions ------------------------------------------------------------------------------------------------------
def _values(wanted: Wanted, values: Sequence[str], datasets: Mapping[str, Dataset]) -> Iterator[_Ranked]:
    """Values that begin with what was typed before those that hold it somewhere."""
    typed, help = wanted.typed.casefold(), _told(wanted.field, datasets)
    for value in values:
        at, insert = value.casefold().find(typed), literal(value)
        if at >= 0 and insert is not None:
            yield int(at > 0), 0, value, Proposal(insert, "value", value or "(empty)", help, len(insert))


def _signs(text: str, caret: Caret, datasets: Mapping[str, Dataset]) -> Iterator[_Ranked]:
    """Behind a column the signs that compare it, with the caret where its value goes; behind a comparison and, or."""
    if caret.follows not in ("", ")") or caret.kind in ("text", "number"):
        return
    column = compared_column(text, caret, datasets)
    if column is not None and column.column.type != "date":
        is_text = column.column.type == "text"
        for n, (sign, told) in enumerate(_COMPARES.items()):
            if sign.startswith(caret.word) and not (is_text and sign[0] in "<>"):
                value = '""' if is_text else ""
                insert = f"{sign} [{value}]" if sign.endswith("in") else f"{sign} {value}"
                at = len(insert) - insert.endswith("]") - is_text
                yield n, 0, sign, Proposal(insert, "operator", sign, f"{column.column.header} is {told} …", at)
    elif ends_condition(text, caret):
        for word, told in _ALSO.items():
            if word.startswith(caret.word):
                yield 0, 0, word, Proposal(f"{word} ", "operator", word, told, len(word) + 1)


# names -----------------------------------------------------------------------------------------------------------
def _fields(pool: Iterable[Dataset], datasets: Mapping[str, Dataset]) -> Iterator[Field]:
    for dataset in pool:
        for path in known_paths(dataset, datasets):
            found = find(dataset, tuple(path.split(".")), datasets)
            if found:
                yield found


def _written(found: Field) -> str:
    return spelled(".".join(found.path))


def _told(found: Field, datasets: Mapping[str, Dataset]) -> str:
    home = datasets[found.join[1] if found.join else found.dataset]
    joined = f", joined to {datasets[found.dataset].name}" if found.join else ""
    return f"{found.column.header}: {_TYPES[found.column.type]} in {home.name}{joined}."


def _rank(word: str, name: str, said: str) -> int | None:
    """How well a name fits what was typed: 0 best, None not at all."""
    typed = "".join(word.split()).strip("`").replace("`", "").lower()
    name, said = name.lower(), said.lower()
    parts = name.split(".")
    if name.startswith(typed) or parts[-1].startswith(typed):
        return 0
    if any(".".join(parts[n:]).startswith(typed) for n in range(1, len(parts))) or said.startswith(typed):
        return 1
    return 2 if typed in name or typed in said else None
