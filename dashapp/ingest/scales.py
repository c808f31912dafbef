"""What the numbers of each column are multiplied by: as declared, as its header or a line beside the table says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from dashapp.core.dataset import Dataset, RoleOf
from dashapp.core.issue import Issue
from dashapp.core.mapping import Mapping
from dashapp.ingest import units, words
from dashapp.ingest.cells import is_plain
from dashapp.ingest.currencies import upload_rates
from dashapp.ingest.guess import Field
from dashapp.ingest.model import Ask, Choice
from dashapp.ingest.units import Unit

_RATIO = 1.5  # shares are rarely above 150 %, percents rarely all below 1.5


@dataclass(slots=True)
class Scaled:
    """The fields with their scales; what is told, and what only a person knows. units: header of an amount -> the
    currency that it, or a line beside the table, speaks of."""

    fields: list[Field]
    units: dict[str, str] = field(default_factory=dict)
    issues: list[Issue] = field(default_factory=list)
    asks: list[Ask] = field(default_factory=list)


def decide(fields: Sequence[Field], lines: Sequence[str], known: Dataset | None, currency: str,
           sheet: str | None, before: Mapping | None = None) -> Scaled:
    """Declared scales hold; a header's own unit wins over one that the lines above or below the table speak of.

    lines: texts beside the table. before: the sender's last mapping.
    currency: the reporting currency; a unit in another one refuses the file.
    """
    out = Scaled([])
    title = _title(lines, out, sheet)
    for f in fields:
        if f.role is RoleOf.MEASURE:
            out.fields.append(_compared(_scaled(f, title, known, currency, sheet, out), before, out))
        else:
            out.fields.append(f)
    return out


def _compared(f: Field, before: Mapping | None, out: Scaled) -> Field:
    """A column that the sender's last file had in another unit is a question: figures a thousand times larger are."""
    last = before.columns.get(f.header) if before else None
    now, then = f.scale or 1.0, (last.scale or 1.0) if last else 1.0
    if last is None or last.role is not RoleOf.MEASURE or now == then or (f.declared and f.declared.scale is not None):
        return f
    if any(a.column == f.header for a in out.asks):
        return f
    out.issues = [i for i in out.issues if not (i.code == "scale-applied" and i.column == f.header)]
    text = next((t for t in f.samples if is_plain(t.strip())), "5")
    said = (f"{f.header!r} was multiplied by {then:,.15g} in the last file; this one speaks for {now:,.15g}. "
            "Which is right?")
    out.asks.append(Ask("scale-changed", said, f.header, tuple(
        Choice(f"{s:.15g}", f"by {s:,.15g}: {text} is {float(text) * s:,.15g}") for s in (now, then))))
    return f


def _title(lines: Sequence[str], out: Scaled, sheet: str | None) -> Unit | None:
    found = {(u.scale, u.currency): u for line in lines if (u := units.of_title(line))}
    if len(found) > 1:
        out.issues.append(Issue(
            "unit-several",
            "The lines beside the table name several units: "
            f"{', '.join(u.text for u in found.values())}. None is applied: say in the mapping what each column is "
            "multiplied by.", "warning", sheet))
        return None
    return next(iter(found.values()), None)


def _scaled(  # noqa: PLR0911 - a ladder of evidence, best first
    f: Field, title: Unit | None, known: Dataset | None, currency: str, sheet: str | None, out: Scaled
) -> Field:
    own = units.split(f.header)[1]
    unit = own or title
    if unit is not None and unit.currency is not None and (own or f.type == "money"):
        out.units[f.header] = unit.currency
        out.issues += [_foreign(f, unit, currency, sheet)] if unit.currency != currency else []
    if f.declared is not None and f.declared.scale is not None:
        return _applied(f, f.declared.scale, "as the mapping says", sheet, out)
    if own is not None and own.scale != 1.0:
        if known is not None and known.column(words.key_of(f.header, 0)) is not None and f.key != _short(f.header):
            return f
        return _applied(_as_money(f, own), own.scale, f"as its header says ({own.text})", sheet, out)
    if "%" in f.header:
        return _percent(f, sheet, out)
    if title is None or own is not None:
        return f
    if _is_meant(f, title):
        return _applied(_as_money(f, title), title.scale, f"as a line beside the table says ({title.text})", sheet, out)
    if words.is_rate(f.key):
        return f
    out.asks.append(_ask(f, title))
    return f


def _short(header: str) -> str:
    return words.key_of(units.split(header)[0], 0)


def _as_money(f: Field, unit: Unit) -> Field:
    """A number with a currency is an amount, unless somebody said or knows otherwise."""
    free = f.known is None and not (f.declared and f.declared.type)
    return replace(f, type="money") if unit.currency and free and f.type == "number" else f


def _is_meant(f: Field, title: Unit) -> bool:
    """Does a unit of the whole table hold for this column beyond doubt? For amounts of money, and for the one column of
    numbers of a table that was turned."""
    return f.type == "money" or (title.currency is not None and words.is_reading(f.key))


def _percent(f: Field, sheet: str | None, out: Scaled) -> Field:
    """Percents are kept as shares: 12.5 under `Margin %` is 0.125. Cells that carry the sign are so by themselves."""
    numbers = [abs(float(t)) for t in f.samples if is_plain(t.strip())]
    if not numbers or any("%" in t for t in f.samples):
        return f
    if f.known is not None and f.declared is None:
        return f
    if max(numbers) > _RATIO:
        return _applied(f, 0.01, "as its header says (%)", sheet, out)
    out.issues.append(Issue("scale-ratio", f"{f.header!r} is called a percentage, but its numbers look like shares of "
                            f"one ({', '.join(f.samples[:3])}): they are taken as written.", "info", sheet,
                            column=f.header, help="Say 0.01 as its scale if they are percents."))
    return f


def _applied(f: Field, scale: float, why: str, sheet: str | None, out: Scaled) -> Field:
    if scale != 1.0:
        said = f"multiplied by {scale:,.0f}" if scale > 1 else f"divided by {1 / scale:,.0f}"
        out.issues.append(Issue("scale-applied", f"Every number of {f.header!r} is {said}, {why}.", "warning", sheet,
                                column=f.header))
    return replace(f, scale=scale)


def _foreign(f: Field, unit: Unit, currency: str, sheet: str | None) -> Issue:
    return Issue("currency-mix", f"{f.header!r} is in {unit.currency} ({unit.text}), but the reporting currency is "
                 f"{currency}: amounts are not converted without rates.", "error", sheet, column=f.header,
                 help=upload_rates(currency))


def _ask(f: Field, title: Unit) -> Ask:
    text = next((t for t in f.samples if is_plain(t.strip())), "5")
    times = f"{float(text) * title.scale:,.15g}"
    return Ask("scale", f"A line beside the table says {title.text!r}. Does that hold for {f.header!r}, too?", f.header,
               (Choice(f"{title.scale:.0f}", f"yes: {text} is {times}"), Choice("1", f"no: {text} is {text}")))
