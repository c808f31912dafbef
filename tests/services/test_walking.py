"""Random lives of orders and their catalogue, replayed row by row in plain Python: every step of every bridge."""
from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashapp.core.bridge import parts_of, total
from dashapp.core.calendar import Calendar
from dashapp.core.dataset import Dataset
from dashapp.core.digits import exact
from dashapp.core.organisation import Organisation
from dashapp.core.period import DateRange, Grain
from dashapp.core.question import Question
from dashapp.core.rollup import rollup_of
from dashapp.core.vintage import Vintage
from dashapp.core.where import parse_wheres
from dashapp.facts import delta, source
from dashapp.facts.ledger import Ledger
from dashapp.query.names import bind
from dashapp.services.bridging import pair_of
from dashapp.services.desk import Desk
from dashapp.services.scene import Scene
from dashapp.services.walking import Walk
from tests.facts.ground import START, Ground
from tests.query.plainly import Plain, Span
from tests.query.shop import columns, kpis

ORDERS = Dataset("orders", "Orders", joins=(("sku", "catalogue.sku_id"),), key_columns=("order_id",), columns=columns(
    order_id="id text", date="date date", sku="dimension text", region="dimension text", customer="entity text",
    revenue="measure money", qty="measure number"))
CATALOGUE = Dataset("catalogue", "Catalogue", kind="reference", key_columns=("sku_id",),
                    columns=columns(sku_id="id text", category="dimension text", cost="measure money"))
KPIS = kpis(
    revenue="sum(orders.revenue)", ratio="sum(orders.revenue) / sum(orders.qty)", rows="count(orders)",
    tea='sum(orders.revenue, orders.catalogue.category == "Tea")', cost="sum(orders.qty * orders.catalogue.cost)",
    people="distinct(orders.customer)", fresh="new(orders.customer)", middle="median(orders.revenue)",
    margin="(revenue - cost) / revenue",
)
TREES = {k: bind(v.formula, {"orders": ORDERS, "catalogue": CATALOGUE}, KPIS).tree for k, v in KPIS.items()}
Row = dict[str, Any]

sku = st.sampled_from(["s1", "s2", None])
cents = st.sampled_from([None, Decimal("0.1"), Decimal("19.99"), Decimal("-3.3333"), Decimal(250)])
order = st.fixed_dictionaries({
    "order_id": st.sampled_from(["a", "b", "c", "d", None]),
    "date": st.sampled_from([date(2026, 2, 27), date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 30), None]),
    "sku": sku, "region": st.sampled_from(["EMEA", "APAC", None]), "customer": st.sampled_from(["x", "y", None]),
    "revenue": cents, "qty": st.one_of(st.none(), st.sampled_from([0.0, 0.25, 2.0, 3.0]))})
article = st.fixed_dictionaries({"sku_id": st.sampled_from(["s1", "s2"]),
                                 "category": st.sampled_from(["Tea", "Cake", None]), "cost": cents})
upload = st.tuples(st.just("orders"), st.lists(order, max_size=5),
                   st.sampled_from(["upsert", "append", "replace-period", "replace-slice"]))
prices = st.tuples(st.just("catalogue"), st.lists(article, max_size=2, unique_by=lambda r: r["sku_id"]),
                   st.just("upsert"))
toggle = st.tuples(st.just("toggle"), st.integers(0, 5), st.just(""))
build = st.tuples(st.sampled_from(["build"]), st.just(0), st.just(""))
life = st.lists(st.one_of(upload, upload, upload, prices, toggle, build), min_size=2, max_size=9)
asked = st.fixed_dictionaries({
    "kpi": st.sampled_from(sorted(KPIS)), "where": st.sampled_from([(), (), ("region=EMEA|",), ("region!=EMEA",)]),
    "scope": st.sampled_from([(), (), ("region=EMEA|APAC",)]),
    "category": st.sampled_from([(), (), ("catalogue.category=Tea",), ("catalogue.category!=Tea",)])})


class Lives:
    """Both datasets on one clock, in the ledger and in plain lists."""

    def __init__(self, root: Path, keyed: bool) -> None:
        orders = ORDERS if keyed else replace(ORDERS, key_columns=())
        self.keyed = keyed
        self.grounds = {d.key: Ground(root, d) for d in (orders, CATALOGUE)}
        self.commits: dict[str, list[Row]] = {"orders": [], "catalogue": []}
        self.moments = [START]
        self.now = START

    def live(self, event: tuple[str, Any, str]) -> None:
        what, given, mode = event
        self.now += timedelta(minutes=10)
        for ground in self.grounds.values():
            ground.now = self.now
        if what == "build":
            for ground in self.grounds.values():
                ground.ledger.build(ground.dataset, ground.vintages, rollup_of(ground.dataset))
        elif what == "toggle":
            self._toggle(given)
        else:
            self._upload(what, given, mode)
        self.moments.append(self.now + timedelta(minutes=5))

    def _upload(self, what: str, rows: list[Row], mode: str) -> None:
        ground = self.grounds[what]
        slices = ("region",) if mode == "replace-slice" else ()
        mode = "replace-period" if slices else mode
        key = ground.dataset.key_columns
        mode = "append" if mode == "upsert" and not key else mode
        made: Vintage = ground.upload(rows, mode, columns=ground.dataset.columns, key=key, slices=slices)
        self.commits[what].append({"id": made.id, "rows": rows, "mode": mode, "key": key, "slices": slices,
                                   "at": made.committed_at, "events": []})

    def _toggle(self, number: int) -> None:
        known = [(what, c) for what in self.commits for c in self.commits[what]]
        if not known:
            return
        what, commit = known[number % len(known)]
        state = not alive(commit, None)
        self.grounds[what].switch(commit["id"], live=state)
        commit["events"].append((self.grounds[what].now, state))

    def visible(self, what: str, at: datetime) -> list[tuple[tuple[str, int], Row]]:
        """(upload, number) and row, of every row that counts at a moment."""
        commits = [c for c in self.commits[what] if alive(c, at)]
        return [((c["id"], n), row) for place, c in enumerate(commits) for n, row in enumerate(c["rows"])
                if not any(hides(later, row) for later in commits[place + 1:])]


def alive(commit: Row, at: datetime | None) -> bool:
    if at is not None and commit["at"] > at:
        return False
    return next((state for when, state in reversed(commit["events"]) if at is None or when <= at), True)


def hides(later: Row, row: Row) -> bool:
    if later["mode"] != "append" and later["key"]:
        mine = [row[k] for k in later["key"]]
        if any([r[k] for k in later["key"]] == mine for r in later["rows"]):
            return True
    days = [r["date"] for r in later["rows"] if r.get("date")]
    if later["mode"] != "replace-period" or not days or row["date"] is None:
        return False
    return min(days) <= row["date"] <= max(days) and all(
        row[s] in {r[s] for r in later["rows"]} for s in later["slices"])


def mixtures(before: list[Any], after: list[Any], key: tuple[str, ...]) -> dict[str, list[Row]]:
    """Rows at each stage, made row by row."""
    old, new = dict(before), dict(after)
    came = [r for i, r in after if i not in old]
    went = [r for i, r in before if i not in new]
    fresh, gone = (unpaired(came, went, key), unpaired(went, came, key))
    return {"before": [r for _, r in before], "new": [r for _, r in before] + fresh,
            "changed": [r for _, r in after] + gone, "removed": [r for _, r in after]}


def unpaired(rows: list[Row], others: list[Row], key: tuple[str, ...]) -> list[Row]:
    if key:
        known = {tuple(r[k] for k in key) for r in others}
        return [r for r in rows if tuple(r[k] for k in key) not in known]
    left = Counter(tuple(sorted(r.items(), key=str)) for r in others)
    out = []
    for row in rows:
        content = tuple(sorted(row.items(), key=str))
        if left[content]:
            left[content] -= 1
        else:
            out.append(row)
    return out


def plain_figure(kpi: str, orders: Iterable[Row], articles: Iterable[Row], where: Any, scope: Any) -> Any:
    by_sku = {r["sku_id"]: r for r in articles}
    rows = [r | {f"catalogue.{c}": by_sku.get(r["sku"], {}).get(c) for c in ("category", "cost")}
            for r in orders if r["date"] is not None]
    rows = [r | {k: Fraction(v) for k, v in r.items() if k in ("revenue", "catalogue.cost", "qty") and v is not None}
            for r in rows]
    plain = Plain({"orders": rows}, {"orders": ORDERS, "catalogue": CATALOGUE}, TREES, Calendar(), {}, where, scope)
    return plain.figure(TREES[kpi], Span((Calendar().parse("2026-03"),)), {})


def close(got: Any, want: Any, approximate: bool) -> bool:
    if got is None or want is None:
        return got is None and want is None
    return abs(Fraction(exact(got)) - Fraction(want)) <= (Fraction(1, 10**9) if approximate else 0)


def check(events: list[Any], asked: Row, keyed: bool, picks: tuple[int, int]) -> None:
    folder = tempfile.mkdtemp()
    try:
        _check(Path(folder), events, asked, keyed, picks)
    finally:
        shutil.rmtree(folder)


def _check(folder: Path, events: list[Any], asked: Row, keyed: bool, picks: tuple[int, int]) -> None:
    lives = Lives(folder, keyed)
    for event in events:
        lives.live(event)
    early, late = sorted(p % len(lives.moments) for p in picks)
    before, after = lives.moments[early], lives.moments[late]
    datasets = {k: g.dataset for k, g in lives.grounds.items()}
    scene = Scene((), datasets, {k: g.vintages for k, g in lives.grounds.items()}, {}, {}, {})
    desk = Desk(Ledger(folder, memory_limit="512MB", threads=2), Organisation(), folder, b"")
    when, where = Calendar().parse("2026-03"), parse_wheres((*asked["where"], *asked["category"]))
    scope = parse_wheres(asked["scope"])
    question = Question((asked["kpi"],), Grain.MONTH, DateRange(when.start, when.end), (), where, "none", None, scope)
    today = date(2026, 4, 1)
    with desk.ledger.between([pair_of(scene, k, before, after) for k in datasets], 60) as between:
        walk = Walk(desk, scene, question, when, between, before, after, KPIS, today,
                    dict.fromkeys(datasets, "before"))
        first, steps = walk.point(), tuple(walk.steps(today, KPIS, False))
        walk.stages = {}
        last = walk.point()
    rows = {k: mixtures(lives.visible(k, before), lives.visible(k, after), d.key_columns)
            for k, d in datasets.items()}
    approximate = asked["kpi"] in ("ratio", "margin", "cost", "middle")

    def told(stages: dict[str, str]) -> Any:
        return plain_figure(asked["kpi"], rows["orders"][stages["orders"]], rows["catalogue"][stages["catalogue"]],
                            where, scope)

    stages = dict.fromkeys(datasets, "before")
    want = told(stages)
    assert close(first.value, want, approximate), ("before", first, want)
    found = {(s.kind, s.dataset): s for s in steps}
    for stage in ("new", "changed", "removed"):
        for name in ("orders", "catalogue"):
            stages[name] = stage
            earlier, want = want, told(stages)
            step = found.pop((stage, name), None)
            if step is None:
                assert earlier == want, ("left out", stage, name, earlier, want)
            else:
                assert close(step.value, want, approximate), (step, want)
    assert not found
    assert close(last.value, want, approximate), ("after", last, want)
    assert last.value == (steps[-1].value if steps else first.value)
    parts = parts_of(first.value, steps)
    if first.value is not None and last.value is not None:
        deltas = total(p.delta for p in parts if p.delta is not None)
        assert Fraction(deltas) == Fraction(exact(last.value)) - Fraction(exact(first.value))  # type: ignore[arg-type]


@pytest.mark.parametrize("kept", ["in memory", "from files"])
@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(events=life, asked=asked, keyed=st.booleans(), picks=st.tuples(st.integers(0, 9), st.integers(0, 9)))
def test_every_step_between_two_moments_is_the_figure_of_rows_mixed_by_hand(
        kept: str, events: list[Any], asked: Row, keyed: bool, picks: tuple[int, int]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        if kept == "from files":
            patch.setattr(source, "SMALL", -1)
            patch.setattr(delta, "SHARE", 10**9)  # former serving files never serve as a base: later ones do
        check(events, asked, keyed, picks)


@pytest.mark.long
@pytest.mark.timeout(3600)
@settings(max_examples=1500, deadline=None, suppress_health_check=list(HealthCheck))
@given(events=life, asked=asked, keyed=st.booleans(), picks=st.tuples(st.integers(0, 9), st.integers(0, 9)),
       small=st.sampled_from([-1, 500_000]))
def test_every_step_between_two_moments_at_length(
        events: list[Any], asked: Row, keyed: bool, picks: tuple[int, int], small: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(source, "SMALL", small)
        check(events, asked, keyed, picks)
