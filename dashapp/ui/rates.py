"""What a list of exchange rates is, told where files are brought."""
from __future__ import annotations

from dash import html

from dashapp.core.currency import DAYS, RATES
from dashapp.ui.table import boxed

COLUMNS = (("date", "the day from which the rate holds", "2026-03-02"), ("currency", "its code", "USD"),
           ("rate", "what one unit of it is worth in the reporting currency", "0.9217"),
           ("to", "optional: another currency than the reporting one that the rate leads to", "EUR"))


def about_rates() -> html.Details:
    """The columns of the dataset of rates, and what comes of it."""
    rows = [html.Tr([html.Th(html.Code(key), scope="row"), html.Td(what), html.Td(html.Code(example))])
            for key, what, example in COLUMNS]
    head = html.Thead(html.Tr([html.Th(h, scope="col") for h in ("Column", "Holds", "Example")]))
    table = html.Table([head, html.Tbody(rows)], className="ll-table ll-table-compact")
    return html.Details([
        html.Summary("Amounts in several currencies"),
        html.P(["Bring the exchange rates as the dataset ", html.Code(RATES), ". From then on files may hold amounts "
                "in other currencies, with a column of codes: they are kept as written, and figures convert them at "
                f"the rate of the row's date, the latest one that is at most {DAYS} days old. Without a rate a figure "
                "has no value, and says which rate is missing."]),
        boxed(table, "Columns of the dataset of exchange rates"),
    ])
