"""What headers usually mean, by their words. English first, with the common German, French, Spanish and Italian
ones.
"""

from __future__ import annotations

import re

from dashapp.core.dataset import RESERVED, snake_case
from dashapp.ingest.address import letters


def _any(words: str) -> re.Pattern[str]:
    return re.compile(r"(?:^|_)(?:" + "|".join(words.split()) + r")(?:_|$)")


_DATE = _any(
    "date day datum tag jour fecha dia data giorno month monat mois mes mese week woche semaine semana period "
    "periode timestamp time datetime"
    " ds dt created_at created order_date posted year_month yearmonth quarter week_ending week_start week_of wk"
)
_MONEY = _any(
    "revenue revenues price prices cost costs amount amounts spend spending cogs cash sales profit income expense "
    "expenses budget fee fees tax"
    " taxes balance salary salaries wage wages payment payments refund refunds turnover gmv mrr arr asset assets "
    "liability liabilities"
    " freight earnings ebit ebitda debit credit gross net margin_amount cash_flow cashflow opex capex equity debt "
    "paid invoice_total subtotal"
    " umsatz preis einzelpreis kosten betrag erloes gewinn ausgaben einnahmen chiffre prix cout couts montant "
    "depense depenses recette recettes"
    " ventas precio coste importe ingresos gastos vendite prezzo costo importo ricavi market_size"
)
_NOT_MONEY = _any(
    "pct percent percentage rate ratio share index score count qty quantity units number num no id orders "
    "customers days hours growth margin_pct"
    " volume visits clicks sessions rank rating headcount factor weight"
)
_ID = re.compile(
    r"_(?:no|nr|num|number)$|(?:^|_)(?:id|ids|code|key|sku|ean|upc|isbn|asin|uuid|guid|ref|reference|nummer|numero|artikel|barcode|serial)$"
    r"|^(?:order|invoice|ticket|transaction|receipt|sku|item|article|stock_?code|bestellung|rechnung|commande|facture)$|^(?:nr|no|id)_"
)
_ENTITY = _any(
    "customer client user member account patient subscriber buyer kunde kunden kundennr kundennummer cliente "
    "household guest"
)
_CURRENCY = _any("currency ccy currency_code waehrung wahrung devise moneda valuta iso_currency")
_LABEL = _any(
    "year quarter month week day weekday store shop region country state city zip zipcode postcode postal "
    "postal_code plz phone telephone"
    " type class category status level segment channel branch department code kpi metric name jahr monat"
)
_KPI = re.compile(r"^(?:kpi|kpi_name|metric|metric_name|measure|indicator|kennzahl|indicateur)$")
_VALUE = re.compile(r"^(?:value|reading|wert|valeur|valor|valore|actual|actuals|amount|result|score)$")
_COUNTED = _any(
    "orders order_count new_customers returning_customers visits clicks sessions units conversions impressions "
    "headcount responses promoters"
    " detractors customers"
)
_TOTAL = (
    r"^\s*(?:grand |sub[- ]?|overall |net |report )?totals?\b|^\s*(?:gesamt|summe|zwischensumme|insgesamt|total "
    r"g[ée]n[ée]ral|sous-total|totale|sum|суммa)\b\s*:?.{0,30}$"
    r"|\btotals?\s*:?\s*$"
)
TOTAL = re.compile(_TOTAL, re.I)


def key_of(header: str, column: int) -> str:
    """The dataset key of a header; `column_c` for one without Latin letters or digits, `period_column` for a reserved
    word.

    The letter behind a header that stands twice (`Amount [C]`) is no part of its name.
    """
    letter = letters(column)
    key = snake_case(header.removesuffix(f"[{letter}]"))[:60].strip("_") or f"column_{letter.lower()}"
    return f"{key}_column" if key in RESERVED else key


def is_date(key: str) -> bool:
    return _DATE.search(key) is not None


def is_money(key: str) -> bool:
    return _MONEY.search(key) is not None and _NOT_MONEY.search(key) is None


def is_rate(key: str) -> bool:
    """A column of counts, shares or rates: numbers that are no amounts of money."""
    return _NOT_MONEY.search(key) is not None


def is_id(key: str) -> bool:
    return _ID.search(key) is not None and _COUNTED.search(key) is None


def is_entity(key: str) -> bool:
    """A column that identifies a customer: `customer_id`, `client`, `user_email` - not a count or an attribute of
    one.
    """
    if _COUNTED.search(key) or not _ENTITY.search(key):
        return False
    return (
        re.search(
            r"(?:^|_)(?:customer|client|user|member|account|patient|subscriber|buyer|kunde|kunden|cliente|household|guest)(?:_(?:id|no|nr|num|number|code|key|email|uuid|ref|hash))?$"
            r"|kundennr|kundennummer",
            key,
        )
        is not None
    )


def is_identifier(key: str) -> bool:
    """Does the header of a customer column say that its numbers are names: `customer_id`, `kundennr`?"""
    return is_id(key) or re.search(r"_(?:num|email|hash)$|kundennr|kundennummer", key) is not None


def is_one(key: str) -> bool:
    """A customer and nothing else: `customer`, `kunde` - not several, nor a kind of them as in `neue_kunden`."""
    return is_entity(key) and "_" not in key and not key.endswith(("kunden",))


def is_currency(key: str) -> bool:
    return _CURRENCY.search(key) is not None


def is_label(key: str) -> bool:
    """A column whose numbers are names: a year, a store, a postal code."""
    return _LABEL.search(key) is not None and not _MONEY.search(key)


def is_kpi_name(key: str) -> bool:
    return _KPI.match(key) is not None


def is_reading(key: str) -> bool:
    return _VALUE.match(key) is not None
