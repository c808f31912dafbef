"""Random lives of a dataset against a plain model of visibility: every mode, undo, redo, and every moment asked."""
from __future__ import annotations

import shutil
import tempfile
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from dashapp.core.rollup import rollup_of
from dashapp.facts import delta, source
from dashapp.facts.ledger import Ledger
from tests.facts.ground import START, Ground, checksum, order

KEYS = st.sampled_from(["a", "b", "c", None])
DAYS = st.sampled_from([date(2026, 3, d) for d in (1, 2, 3, 9)] + [None])
REGIONS = st.sampled_from(["EMEA", "APAC", None])
ROWS = st.lists(st.tuples(KEYS, DAYS, REGIONS, st.sampled_from(["1.10", "2.20", None])), max_size=5)
KEY_COLUMNS = st.sampled_from([("order_id",), ("order_id", "region")])


class Plain:
    """What should be visible, kept the slow and obvious way: a list of commits with their rows in memory."""

    def __init__(self) -> None:
        self.commits: list[dict[str, Any]] = []

    def live(self, commit: dict[str, Any], at: datetime | None) -> bool:
        if at is not None and commit["at"] > at:
            return False
        alive = True
        for when, state in commit["events"]:
            if at is None or when <= at:
                alive = state
        return alive

    def visible(self, at: datetime | None) -> list[tuple[str, int]]:
        out = []
        live = [c for c in self.commits if self.live(c, at)]
        for place, commit in enumerate(live):
            for number, row in enumerate(commit["rows"]):
                if not any(self.hides(later, row) for later in live[place + 1:]):
                    out.append((commit["id"], number + 2))
        return sorted(out)

    @staticmethod
    def hides(later: dict[str, Any], row: dict[str, Any]) -> bool:
        if later["mode"] != "append" and later["key"]:
            mine = [row[k] for k in later["key"]]
            if any([r[k] for k in later["key"]] == mine for r in later["rows"]):
                return True
        if later["mode"] != "replace-period":
            return False
        days = [r["day"] for r in later["rows"] if r["day"]]
        if not days or row["day"] is None or not min(days) <= row["day"] <= max(days):
            return False
        return all(row[s] in {r[s] for r in later["rows"]} for s in later["slices"])


class Life(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder, self.share = tempfile.mkdtemp(), delta.SHARE
        delta.SHARE = 0  # former serving files are used however much has come since
        self.ground, self.plain = Ground(Path(self.folder)), Plain()
        self.moments = [START]

    def teardown(self) -> None:
        shutil.rmtree(self.folder)
        delta.SHARE = self.share

    @rule(rows=ROWS, mode=st.sampled_from(["upsert", "append", "replace-period"]), key=KEY_COLUMNS,
          keyed=st.booleans(), sliced=st.booleans())
    def upload(self, rows: list[Any], mode: str, key: tuple[str, ...], keyed: bool, sliced: bool) -> None:
        data = [order(*row) for row in rows]
        key = key if keyed or mode == "upsert" else ()
        slices = ("region",) if sliced and mode == "replace-period" else ()
        made = self.ground.upload(data, mode, key=key, slices=slices)
        self.plain.commits.append({"id": made.id, "rows": data, "mode": mode, "key": key, "slices": slices,
                                   "at": made.committed_at, "events": []})
        self.moments.append(self.ground.now)

    @precondition(lambda self: self.plain.commits)
    @rule(data=st.data())
    def undo_or_redo(self, data: st.DataObject) -> None:
        commit = data.draw(st.sampled_from(self.plain.commits))
        state = not self.plain.live(commit, None)
        self.ground.switch(commit["id"], live=state)
        commit["events"].append((self.ground.now, state))
        self.moments.append(self.ground.now)

    @rule()
    def build(self) -> None:
        before = checksum(self.ground.tables())
        serving = self.ground.ledger.build(self.ground.dataset, self.ground.vintages, rollup_of(self.ground.dataset))
        assert checksum(self.ground.tables()) == before
        assert serving.profile.rows == len(self.plain.visible(None))
        assert "orders" in self.ground.tables().rollups

    @rule()
    def lose_serving_files(self) -> None:
        for path in (self.ground.root / "orders").glob("*.duckdb"):
            path.unlink()

    @rule(data=st.data())
    def ask_the_past(self, data: st.DataObject) -> None:
        moment = data.draw(st.sampled_from(self.moments)) + timedelta(seconds=data.draw(st.sampled_from([-1, 0, 1])))
        assert self.ground.seen(moment) == self.plain.visible(moment)

    @rule(data=st.data())
    def ask_the_past_of_what_is_served_now(self, data: st.DataObject) -> None:
        moment = data.draw(st.sampled_from(self.moments))
        kept, small, share = self.ground.ledger, source.SMALL, delta.SHARE
        source.SMALL, delta.SHARE = -1, 10**9  # nothing is read into memory, no former file serves as a base
        self.ground.ledger = Ledger(self.ground.root, memory_limit="512MB", threads=2)
        try:
            assert self.ground.seen(moment) == self.plain.visible(moment)
        finally:
            self.ground.ledger, source.SMALL, delta.SHARE = kept, small, share

    @invariant()
    def what_is_seen_is_what_counts(self) -> None:
        assert self.ground.seen() == self.plain.visible(None)


class TestLife(Life.TestCase):
    settings = settings(max_examples=12, stateful_step_count=12, deadline=None, derandomize=True)


@pytest.mark.long
@pytest.mark.timeout(3600)
class TestManyLives(Life.TestCase):
    settings = settings(max_examples=120, stateful_step_count=30, deadline=None)
