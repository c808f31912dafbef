"""The restatement bridge over the API: exact texts that add up, and refusals."""
from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.api.conftest import HEADER, Stage, as_sent, assemble, bring, orders
from tests.conftest import NOW


@pytest.fixture(scope="module")
def restated(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Stage:
    """Orders, and an hour later a correction of six of them with two new ones."""
    stage = assemble(tmp_path_factory.mktemp("bridges"), sqlite_template)
    bring(stage)
    stage.clock.now = NOW + timedelta(hours=1)
    rows = [dict(zip(HEADER, row, strict=True)) for row in as_sent()[240:246]]
    rows = [{**r, "revenue": r["revenue"] + 1.01} for r in rows] + [
        {**rows[0], "order_id": f"late-{n}", "revenue": 0.1} for n in range(2)]
    answer = stage.caller("finance")("POST", "/datasets/orders/rows", json={"rows": rows})
    assert answer.status_code == 201, answer.get_data(as_text=True)
    stage.clock.now = NOW + timedelta(hours=2)
    return stage


def asked(stage: Stage, kpi: str = "sales", who: str = "executive", **more: Any) -> Any:
    before = (NOW + timedelta(minutes=30)).isoformat().replace("+00:00", "Z")
    return stage.regular(who).get(f"/kpis/{kpi}/bridge", **{"period": "2026-03", "before": before, **more})


def test_the_parts_add_up_to_the_difference_to_the_last_digit(restated: Stage) -> None:
    body = asked(restated).get_json()
    march = sum((o[5] for o in orders() if f"{o[1]:%Y-%m}" == "2026-03"), Decimal(0))
    assert Decimal(body["before"]["exact"]) == march
    assert {p["kind"]: Decimal(p["delta_exact"]) for p in body["parts"]} == {
        "new": Decimal("0.2"), "changed": Decimal("6.06")}
    assert Decimal(body["difference_exact"]) == Decimal("6.26")
    assert body["difference"] == 6.26
    (upload,) = body["uploads"]
    assert (upload["came"], upload["went"], upload["deed"]) == (8, 6, "uploaded")


def test_a_ratio_and_a_part_of_a_split_add_up_too(restated: Stage) -> None:
    for more in ({"kpi": "per_unit"}, {"split": "region=EMEA"}, {"kpi": "per_unit", "where": "region!=APAC"}):
        body = asked(restated, **more).get_json()
        shares = sum(Decimal(p["delta_exact"]) for p in body["parts"])
        assert shares == Decimal(body["difference_exact"]) != 0
        assert Decimal(body["after"]["exact"]) - Decimal(body["before"]["exact"]) == shares


def test_the_figures_of_both_sides_are_those_asked_as_of_the_moments(restated: Stage) -> None:
    body = asked(restated).get_json()
    for side, as_of in (("before", {"as_of": body["before"]["at"].replace("+00:00", "Z")}), ("after", {})):
        series = restated.regular("executive").get(
            "/kpis/sales/series", **{"from": "2026-03-01", "to": "2026-03-16"}, **as_of).get_json()
        assert body[side]["value"] == series["points"][-1]["value"]


@pytest.mark.parametrize(("more", "status"), [
    ({"kpi": "nothing"}, 404), ({"before": "2026-03-17"}, 422), ({"before": "soon"}, 422), ({"period": "2026-13"}, 422),
    ({"split": "planet=Mars"}, 422), ({"where": "planet=Mars"}, 422), ({"as_of": "2026-03-01"}, 422),
    ({"after": "2026-01-01"}, 422)])
def test_what_cannot_be_compared_is_refused(restated: Stage, more: dict[str, str], status: int) -> None:
    answer = asked(restated, **more)
    assert answer.status_code == status, answer.get_data(as_text=True)
    assert answer.content_type.startswith("application/problem+json")
