"""The rates that are there: on which days amounts of which currency can be converted."""
from __future__ import annotations

from dashapp.core.currency import RATES, Covered, covered, rates_in
from dashapp.core.rollup import quoted
from dashapp.core.vintage import live_vintages
from dashapp.services.desk import Desk
from dashapp.services.scene import Scene


def known(desk: Desk, scene: Scene) -> tuple[Covered, ...] | None:
    """The days on which each currency has a rate into the reporting currency; None where there is no list of rates."""
    from dashapp.facts.tables import TableAt
    from dashapp.facts.visible import literal

    columns = rates_in(scene.datasets)
    if columns is None or not live_vintages(scene.vintages.get(RATES, ())):
        return None
    code, day, rate = (quoted(c) for c in (columns.currency, columns.date, columns.rate))
    into = f" AND upper(trim({quoted(columns.to)})) = {literal(desk.organisation.currency)}" if columns.to else ""
    tables = desk.ledger.tables([TableAt(scene.datasets[RATES], scene.vintages[RATES])])
    found = tables.fetch(
        f"SELECT upper(trim({code})) AS code, {day} AS day FROM {quoted(RATES)} "  # noqa: S608 - quoted(), literal()
        f"WHERE {code} IS NOT NULL AND {day} IS NOT NULL AND {rate} > 0{into} GROUP BY 1, 2")
    return covered(zip(found.column("code").to_pylist(), found.column("day").to_pylist(), strict=True))
