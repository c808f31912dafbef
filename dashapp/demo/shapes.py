"""The company's datasets and the mappings of their files: every column declared, nothing left to a guess.

Measures are named so that a bare name in a formula means one dataset only: revenue is the orders' (the finance sheet
says Booked Revenue), marketing_spend is the finance sheet's (the daily sheet says spend), and the marketing sheet's
own channels are called medium, because `channel=web` is a question about orders.
"""
from __future__ import annotations

from collections.abc import Iterable

from dashapp.core.dataset import Column, ColumnType, Dataset, Kind, RoleOf, snake_case
from dashapp.core.mapping import ColumnMapping, Mapping
from dashapp.core.period import Grain

Field = tuple[str, RoleOf, ColumnType]


def _date(header: str = "Date") -> Field:
    return header, RoleOf.DATE, "date"


def _text(header: str, role: RoleOf = RoleOf.DIMENSION) -> Field:
    return header, role, "text"


def _money(*headers: str) -> list[Field]:
    return [(h, RoleOf.MEASURE, "money") for h in headers]


def _number(*headers: str) -> list[Field]:
    return [(h, RoleOf.MEASURE, "number") for h in headers]


def _dataset(key: str, name: str, fields: Iterable[Field], keys: tuple[str, ...], *, kind: Kind = "facts",
             grain: Grain = Grain.EVENT, ends: bool = False, joins: tuple[tuple[str, str], ...] = ()) -> Dataset:
    columns = tuple(Column(snake_case(header), header, role, type_) for header, role, type_ in fields)
    return Dataset(key, name, kind, grain, "end" if ends else "start", keys, "upsert", (), joins, columns, is_demo=True)


ORDERS = _dataset("orders", "Orders", [
    _text("order_id", RoleOf.ID), _date("date"), _text("sku"), _text("region"), _text("channel"),
    _text("customer_id", RoleOf.ENTITY), *_number("qty"), *_money("price", "discount", "revenue"), *_number("returned"),
], ("order_id", "sku"), joins=(("sku", "catalogue.sku_id"),))

CATALOGUE = _dataset("catalogue", "Catalogue", [
    _text("sku_id", RoleOf.ID), _text("category"), _text("name"), *_money("list_price", "unit_cost"),
], ("sku_id",), kind="reference")

FINANCE = _dataset("finance", "Finance sheet", [
    _date(), *_money("Booked Revenue", "COGS", "Payroll", "Fulfilment", "Rent and IT", "Marketing Spend", "Refunds",
                     "Operating Expenses", "Cash Flow", "Current Assets", "Current Liabilities", "MRR"),
    *_number("Headcount"),
], ("date",), grain=Grain.MONTH, ends=True)

MARKETING = _dataset("marketing", "Marketing", [
    _date("date"), _text("region"), _text("medium"), *_money("spend"), *_number("visits", "conversions"),
], ("date", "region", "medium"), grain=Grain.DAY)

SURVEY = _dataset("survey", "Customer survey", [
    _date(), _text("Region"), *_number("Satisfaction", "Promoters", "Detractors", "Responses"),
], ("date", "region"), grain=Grain.WEEK)

MARKET = _dataset("market", "Market", [
    _date(), _text("Region"), *_money("Market Size"),
], ("date", "region"), grain=Grain.MONTH)

READINGS = _dataset("readings", "Brand tracker", [
    _date(), _text("KPI"), *_number("Value"),
], ("date", "kpi"), grain=Grain.MONTH)

OPERATIONS = _dataset("operations", "Operations", [
    _date(), _text("Site"), *_number("Output", "Input", "Units Produced", "Defects"),
], ("date", "site"), grain=Grain.WEEK)

# References first: a fact that is asked about finds what it is joined to.
DATASETS = (CATALOGUE, ORDERS, FINANCE, MARKETING, SURVEY, MARKET, READINGS, OPERATIONS)


def mapping(dataset: Dataset, sheet: str | None, data_through: str | None) -> Mapping:
    """The complete mapping of the dataset's file, its header in row 1. Delimiter and encoding for CSV (no sheet)."""
    return Mapping(
        sheet=sheet, header_row=1, kind=dataset.kind, grain=dataset.grain if dataset.kind == "facts" else None,
        marks=dataset.marks if dataset.kind == "facts" else None, key=dataset.key_columns, mode=dataset.mode,
        joins=dict(dataset.joins), columns={c.header: ColumnMapping(c.role, c.type) for c in dataset.columns},
        encoding=None if sheet else "utf-8", delimiter=None if sheet else ",", data_through=data_through)
