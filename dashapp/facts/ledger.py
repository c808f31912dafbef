"""The ledger of one installation: every door to the facts."""
from __future__ import annotations

import shutil
import threading
from collections import OrderedDict
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dashapp.core.calendar import Calendar
from dashapp.core.dataset import Dataset, Mode
from dashapp.core.history import History
from dashapp.core.rollup import RollupSpec
from dashapp.core.vintage import Vintage, live_vintages
from dashapp.core.where import Where
from dashapp.facts import record
from dashapp.facts.engines._pool import Warehouses
from dashapp.facts.folder import dataset_folder

if TYPE_CHECKING:
    from dashapp.core.closing import Touched
    from dashapp.core.contrast import Contrast
    from dashapp.core.join import JoinMatch
    from dashapp.facts.between import Between, Pair
    from dashapp.facts.effect import Effect
    from dashapp.facts.profile import Profile
    from dashapp.facts.serving import Serving
    from dashapp.facts.tables import TableAt, Tables

OPEN_HANDLES = 6
KEPT_PROFILES = 500
KEPT_HISTORIES = 20
Shown = tuple[str, str, str]  # dataset, fingerprint of its state, name of the serving file or the empty text


class Ledger:
    """Facts under one folder. `memory_limit` and `threads` hold for each DuckDB that is opened.

    A value of it is shared by all threads of a process. Handles stay open per combination of dataset states, the last
    six asked for. DuckDB itself is loaded by whoever asks first: it weighs thirty megabytes, and a web process is up
    before anybody asks.
    """

    def __init__(self, root: Path, *, memory_limit: str = "1GB", threads: int = 2) -> None:
        self.root = root
        self._config: dict[str, Any] = {"memory_limit": memory_limit, "threads": threads}
        self._handles: OrderedDict[frozenset[Shown], Tables] = OrderedDict()
        self._profiles: OrderedDict[tuple[str, str], Profile] = OrderedDict()
        self._histories: OrderedDict[tuple[tuple[str, str], tuple[Where, ...]], History] = OrderedDict()
        self._guard = threading.Lock()
        self.warehouses = Warehouses()

    def staging(self, dataset: str, vintage: str) -> Path:
        """Temporary name to write the vintage's Parquet file to."""
        return record.staging_path(self.root, dataset, vintage)

    def seal(self, dataset: str, vintage: str) -> tuple[str, str, int]:
        """Make the staged file durable under its final name: (file name, sha256, rows)."""
        return record.seal(self.root, dataset, vintage)

    def discard(self, dataset: str, vintage: str) -> None:
        """Forget a staged file."""
        record.discard(self.root, dataset, vintage)

    def sweep(self, dataset: str, known: Iterable[str], before: datetime) -> int:
        """Delete files that are not among the recorded file names `known` and were not touched since `before`."""
        return record.sweep(self.root, dataset, known, before)

    def drop(self, dataset: str) -> None:
        """Delete every file of a dataset that is deleted."""
        folder = dataset_folder(self.root, dataset)
        if folder.exists():
            shutil.rmtree(folder)

    def effect(self, dataset: Dataset, vintages: tuple[Vintage, ...], candidate: Path, mode: Mode,
               key: tuple[str, ...] = (), slices: tuple[str, ...] = (), scope: tuple[Where, ...] = (), *,
               calendar: Calendar | None = None) -> Effect:
        """What committing the staged file `candidate` would do; nothing is changed. See `facts.effect`."""
        from dashapp.facts.effect import effect_of

        return effect_of(self.root, dataset, vintages, candidate, mode=mode, key=key, slices=slices, scope=scope,
                         calendar=calendar or Calendar(), config=self._config)

    def history(self, dataset: Dataset, vintages: tuple[Vintage, ...], scope: tuple[Where, ...] = (), *,
                calendar: Calendar | None = None) -> History:
        """What the rows within a data scope are like now, kept by state. See `facts.history`."""
        from dashapp.facts.history import history_of
        from dashapp.facts.tables import TableAt

        table = TableAt(dataset, vintages)
        name = (table.state, scope)
        found = self._histories.get(name)
        if found is None:
            found = history_of(self.tables([table]), dataset, scope, calendar or Calendar())
            with self._guard:
                self._histories[name] = found
                while len(self._histories) > KEPT_HISTORIES:
                    self._histories.popitem(last=False)
        return found

    def keys(self, dataset: Dataset, vintages: tuple[Vintage, ...], key: str, out: Path) -> None:
        """Write the distinct visible values of a column to `out`: a Parquet file of one text column `k`."""
        from dashapp.facts.matching import write_keys

        write_keys(self.root, dataset, vintages, key, out, config=self._config)

    def closed(self, dataset: Dataset, before: tuple[Vintage, ...], after: tuple[Vintage, ...], until: date,
               scope: tuple[Where, ...] = (), *, calendar: Calendar | None = None) -> Touched:
        """What the step from the vintages `before` to `after` does to days up to `until`. See `facts.closed`."""
        from dashapp.facts.closed import touched_of

        return touched_of(self.root, dataset, live_vintages(before), live_vintages(after), until, scope,
                          calendar or Calendar(), self._config)

    def contrast(self, dataset: Dataset, one: Vintage, other: Vintage) -> Contrast:
        """The rows of two vintages side by side. See `facts.contrast`."""
        from dashapp.facts.contrast import contrast_of

        return contrast_of(self.root, dataset, one, other, self._config)

    def match(self, candidate: Path, column: str, reference: Dataset, vintages: tuple[Vintage, ...],
              key: str) -> JoinMatch | None:
        """Which rows of the staged file find their row in `reference`. See `facts.matching`."""
        from dashapp.facts.matching import match_of

        return match_of(self.root, candidate, column, reference, vintages, key, config=self._config)

    def build(self, dataset: Dataset, vintages: tuple[Vintage, ...], rollups: RollupSpec) -> Serving:
        """Make the serving file of the dataset as it is now. The caller sees to it that builds of one dataset do not
        run at the same time (nothing breaks if they do: the later rename wins).
        """
        from dashapp.facts.serving import build_serving

        return build_serving(self.root, dataset, live_vintages(vintages), rollups, self._config)

    def tables(self, wanted: Iterable[TableAt]) -> Tables:
        """A handle over these datasets, new or kept. Raises ValueError when a dataset is named twice."""
        tables = list(wanted)
        if len({t.dataset.key for t in tables}) != len(tables):
            raise ValueError("a handle shows each dataset at one moment")
        shown = {self._shown(t) for t in tables}
        return self._kept(shown) or self._open(tables)

    def between(self, pairs: Iterable[Pair], seconds: float) -> Between:
        """Both moments of these datasets and the mixtures between them, to be closed. See `facts.between`."""
        from dashapp.facts.between import Between

        return Between(self.root, pairs, self._config, seconds)

    def _shown(self, table: TableAt) -> Shown:
        from dashapp.facts.serving import find_serving

        path = find_serving(self.root, table.dataset, table.live)
        return (*table.state, path.name if path else "")

    def _kept(self, shown: set[Shown]) -> Tables | None:
        """An open handle that shows all these states (and perhaps more).

        Where a state has no serving file any more, a handle that still holds it open serves as well.
        """
        with self._guard:
            for key in reversed(self._handles):
                if shown <= {*key, *((dataset, state, "") for dataset, state, _ in key)}:
                    self._handles.move_to_end(key)
                    return self._handles[key]
        return None

    def _open(self, tables: list[TableAt]) -> Tables:
        from dashapp.facts.tables import Tables

        handle = Tables(self.root, tables, self._config)
        with self._guard:
            self._handles[handle.shown] = handle
            while len(self._handles) > OPEN_HANDLES:
                self._handles.popitem(last=False)
        return handle

    def profile(self, dataset: Dataset, vintages: tuple[Vintage, ...], at: datetime | None = None) -> Profile:
        """The profile of a dataset at a moment, kept by state; read from its serving file where there is one."""
        from dashapp.facts.serving import find_serving, stored_profile
        from dashapp.facts.tables import TableAt

        table = TableAt(dataset, vintages, at)
        found = self._profiles.get(table.state)
        if found is None:
            path = find_serving(self.root, dataset, table.live)
            found = (stored_profile(path) if path else None) or self.tables([table]).profile(dataset.key)
            with self._guard:
                self._profiles[table.state] = found
                while len(self._profiles) > KEPT_PROFILES:
                    self._profiles.popitem(last=False)
        return found
