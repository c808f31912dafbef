"""Are labels names of figures (revenue, costs, margin) or of parts of one figure (regions, products)?"""

from __future__ import annotations

import re
from collections.abc import Sequence

from dashapp.ingest import words
from dashapp.ingest.units import unit_of

_HEADS = re.compile(
    r"^(?:kpis?|metrics?|kpi_name|measures?|indicators?|kennzahl(?:en)?|indicateurs?|account(?:_name)?s?|line_?items?|items?|"
    r"positions?|posten|konto|poste|rubrique|concepto|voce|figures?|description|bezeichnung|p_?and_?l|p_?l|guv|"
    r"income_statement|balance_sheet|cash_flow_statement)$")
_PARTS = re.compile(
    r"(?:^|_)(?:region|country|store|shop|product|sku|category|channel|segment|department|team|branch|city|brand|customer|"
    r"client|market|land|filiale|produkt|artikel|kanal|pays|produit|magasin|pais|tienda|site|plant|unit|entity|campaign)"
    r"(?:_|$)")
_FIGURES = re.compile(
    r"(?:^|_)(?:margin|ebit|ebitda|profit|headcount|fte|ftes|employees|orders|customers|units|visits|conversions?|churn|"
    r"retention|nps|satisfaction|volume|rate|ratio|share|marge|mitarbeiter|auftraege|kunden|bestellungen|inventory|stock|"
    r"receivables|payables|depreciation|amortization|interest|result|ergebnis|aufwand|ertrag|personalkosten|materialaufwand|"
    r"sessions|clicks|leads|backlog|bookings|arpu|cac|clv|gmv|output|defects|days|hours)(?:_|$)")


def is_figure(label: str) -> bool:
    """Is the label called like a figure: an amount, a count, a rate?"""
    key = words.key_of(label, 0)
    return words.is_money(key) or words.is_rate(key) or _FIGURES.search(key) is not None


def sureness(header: str | None, labels: Sequence[str]) -> float:
    """0 (parts of one figure) to 1 (figures), around 0.5 for unsure, of the labels of one column."""
    key = words.key_of(header, 0) if header else ""
    if key and _PARTS.search(key):
        return 0.0
    distinct = [label for label in dict.fromkeys(labels) if not words.TOTAL.search(label) or is_figure(label)]
    if not distinct:
        return 0.0
    share = sum(map(is_figure, distinct)) / len(distinct)
    if key and _HEADS.match(key):
        return max(0.8, share)
    if header and unit_of(header):
        return max(0.7, share)
    return share


def best(columns: Sequence[tuple[str | None, Sequence[str]]]) -> tuple[int | None, float]:
    """(index of the column whose labels are figures most surely, how surely)."""
    scores = [sureness(h, labels) for h, labels in columns]
    if not scores:
        return None, 0.0
    at = max(range(len(scores)), key=lambda i: scores[i])
    return at, scores[at]
