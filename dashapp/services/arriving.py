"""Many small files of one dataset in a row, as the watched folder brings them: the way of every upload, together.

One sandboxed child reads them one after the other while the ones before are compared; what is known is looked at once
per group; and a group is committed in one transaction - every file a vintage of its own, all of them or none. A file
that is unlike the others (it leaves a question, it cannot be read, it brings new columns) goes the long way alone.
"""
from __future__ import annotations

import secrets
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dashapp.core.actor import Actor
from dashapp.core.errors import AppError, Conflict
from dashapp.core.failpoint import failpoint
from dashapp.core.mapping import Mapping
from dashapp.core.vintage import Vintage
from dashapp.services import checking, importing, knowing, profiling, remembering, uploads
from dashapp.services.checking import DryRun
from dashapp.services.desk import Desk
from dashapp.services.moving import next_vintage
from dashapp.services.receiving import refuse_same_bytes
from dashapp.services.scene import Scene, load_scene
from dashapp.services.turns import CHANGES, take_turn
from dashapp.services.unit import reading, writing
from dashapp.services.uploads import UploadView

if TYPE_CHECKING:
    from dashapp.facts.arrivals import Arrivals
    from dashapp.ingest.model import Conversion
    from dashapp.ingest.sandbox import Series

GROUP = 25  # files that are committed together, and that share what the checks know of the history
BUILD_AFTER = timedelta(seconds=2)  # other workers build no serving file while files keep coming
Outcome = UploadView | AppError


@dataclass(frozen=True)
class _Read:
    """An upload whose rows are staged at `work`, not compared yet."""

    upload: UploadView
    conversion: Conversion
    work: Path


class Burst:
    """A context manager for the files of one dataset. Its child is started when there is more than one file to read."""

    def __init__(self, actor: Actor, desk: Desk, dataset: str, mapping: Mapping,
                 vet: Callable[[DryRun], None] = lambda _checked: None) -> None:
        """vet: raises for a first file that may not make the dataset."""
        self._actor, self._desk, self._dataset, self._mapping, self._vet = actor, desk, dataset, mapping, vet
        self._stack = ExitStack()
        self._series: Series | None = None
        self._arrivals: tuple[int, Arrivals] | None = None

    def __enter__(self) -> Burst:
        return self

    def __exit__(self, *_error: object) -> None:
        self._forget_rows()
        self._stack.close()

    def commit(self, found: Sequence[UploadView], *, now: datetime) -> list[Outcome]:
        """Check and commit received uploads in their order; what came of each: the upload, or why it did not go.

        Nothing is raised for one file; Unavailable and OutOfSpace stand in its place as well.
        """
        out: list[Outcome] = []
        while rest := found[len(out):]:
            group = rest[:GROUP] if len(rest) > 1 and self._is_known() else ()
            done = self._together(group, now) if group else []
            out += done
            if len(done) == len(group) and group:
                continue
            out.append(self._alone(found[len(out)], now))
        return out

    def _is_known(self) -> bool:
        dataset = load_scene().datasets.get(self._dataset)
        return dataset is not None and dataset.version > 0 and dataset.place is None

    def _alone(self, found: UploadView, now: datetime) -> Outcome:
        try:
            checked = checking.dry_run(self._actor, self._desk, found.id, self._mapping, now=now, ahead=False)
            self._vet(checked)
            importing.refuse_for_a_person(self._actor, self._desk, checked, self._mapping, now=now)
            return importing.commit_unseen(self._actor, self._desk, checked, self._mapping, now=now)
        except AppError as error:
            return error

    def _together(self, found: Sequence[UploadView], now: datetime) -> list[Outcome]:
        """What came of the first of them, up to one that must be looked at alone: the order of commits is theirs."""
        scene = load_scene()
        try:
            return self._committed(self._read(found, scene, now), scene, now)
        except AppError:  # somebody changed the dataset meanwhile, or the disk is full: the next one alone says so
            self._forget_rows()
            return []

    def _read(self, found: Sequence[UploadView], scene: Scene, now: datetime) -> Generator[_Read, None, None]:
        """They come out of the child, which is at the next one meanwhile, up to one that cannot be read without a word.
        """
        wanted = remembering.shown(found[0], self._mapping)
        begun: list[tuple[UploadView, Path, Future[Conversion]]] = []
        try:
            with (knowing.known_to(self._actor, self._desk, scene, self._dataset, wanted) as history,
                  ThreadPoolExecutor(1) as beside):
                convert = self._converter(scene, history, wanted, now)
                begun += [(one, *self._begun(beside, convert, one)) for one in found]
                try:
                    for one, work, coming in begun:
                        if isinstance(coming.exception(), AppError):
                            return
                        yield _Read(one, coming.result(), work)
                finally:
                    beside.shutdown(cancel_futures=True)
        finally:
            for _, work, _ in begun:
                work.unlink(missing_ok=True)

    def _converter(self, scene: Scene, history: Any, wanted: Mapping, now: datetime) -> Callable[..., Conversion]:
        from dashapp.ingest.sandbox import convert_file

        self._desk.quarantine.mkdir(parents=True, exist_ok=True)
        return partial(convert_file, known=scene.datasets[self._dataset], history=history, mapping=wanted,
                       profiles=profiling.known(self._dataset), series=self._child(),
                       **checking.circumstances(self._desk, now))

    def _begun(self, beside: ThreadPoolExecutor, convert: Callable[..., Conversion],
               one: UploadView) -> tuple[Path, Future[Conversion]]:
        work = self._desk.ledger.staging(self._dataset, f"{one.id}-{secrets.token_hex(4)}")
        return work, beside.submit(convert, self._desk.originals / one.id, one.source_name, out=work, vintage=one.id,
                                   quarantine=self._desk.quarantine / f"{one.id}.csv")

    def _child(self) -> Series:
        from dashapp.ingest.sandbox import Series

        if self._series is None:
            self._series = self._stack.enter_context(Series(self._desk.scratch / "slots"))
        return self._series

    def _committed(self, read: Generator[_Read, None, None], scene: Scene, now: datetime) -> list[Outcome]:
        """Compare them in their order, each with what the ones before would leave, up to one that leaves something
        open; commit them in one transaction."""
        arrivals, ready = self._rows(scene), list[tuple[DryRun, _Read, tuple[str, str, int]]]()
        with closing(read):
            for one in read:
                is_twice = any(r.upload.source_sha256 == one.upload.source_sha256 for _, r, _ in ready)
                checked = None if is_twice else self._compared(scene, one, arrivals)
                if checked is None:
                    break
                file = importing.sealed(self._desk, one.upload, checked.digest)
                ready.append((checked, one, file))
                scene = self._settled(scene, checked, one, file, arrivals)
        if not ready:
            return []
        failpoint("arriving.sealed")
        with writing() as session:
            take_turn(session, CHANGES)
            done: list[Outcome] = [self._record(session, checked, one, file, scene, now)
                                   for checked, one, file in ready]
        failpoint("arriving.committed")
        self._arrivals = (ready[-1][0].base_version + 1, arrivals)
        return done

    def _compared(self, scene: Scene, one: _Read, arrivals: Arrivals) -> DryRun | None:
        """The check of a file that can be committed as it is; None for one that a person, or a check of its own, must
        look at."""
        shape = scene.datasets[self._dataset]
        if not arrivals.fits(shape, one.work) or [c.key for c in one.conversion.columns if shape.column(c.key) is None]:
            return None
        try:
            with reading() as session:
                found = one.conversion.mapping
                refuse_same_bytes(session, self._dataset, one.upload.source_sha256, one.upload.id, found.sheet,
                                  table=found.table, corrections=[c.to_json() for c in found.corrections])
            checked = checking.compare(self._actor, self._desk, one.upload, scene, one.conversion, one.work,
                                       hints=False, arrivals=arrivals)
            importing.refuse_open_decisions(checked)
        except AppError:
            return None  # the long way says why
        one.work.replace(checking.staged(self._desk, self._dataset, one.upload.id, checked.digest))
        return checked

    def _settled(self, scene: Scene, checked: DryRun, one: _Read, file: tuple[str, str, int],
                 arrivals: Arrivals) -> Scene:
        """The scene with this file in it."""
        known, shape = scene.vintages[self._dataset], scene.datasets[self._dataset]
        assert checked.mode is not None, "what is ready has a mode"
        grown = checking.shaped(shape, self._dataset, checked.mapping, checked.columns, checked.key, checked.mode)
        vintage: Vintage = replace(
            next_vintage(grown, known, one.upload.id, file[0], checked.mode, checked.effect.get("replaced")),
            sha256=file[1], rows=file[2], source_name=one.upload.source_name)
        arrivals.settle(vintage)
        return replace(scene, datasets={**scene.datasets, self._dataset: replace(grown, version=shape.version + 1)},
                       vintages={**scene.vintages, self._dataset: (*known, vintage)})

    def _record(self, session: Any, checked: DryRun, one: _Read, file: tuple[str, str, int], scene: Scene,
                now: datetime) -> UploadView:
        row = uploads.load(session, self._actor, checked.upload)
        if row.state not in checking.OPEN:
            raise Conflict(f"This upload is {row.state}.", upload=row.id)
        row.result, row.mapping, row.digest = checked.to_json(), checked.mapping.to_json(), checked.digest
        row.quarantined, row.first, row.last = checked.quarantined, one.conversion.first, one.conversion.last
        return importing.record(session, self._actor, self._desk, row, file, scene, now=now,
                                build_at=now + BUILD_AFTER)

    def _rows(self, scene: Scene) -> Arrivals:
        """The dataset's rows as they are in the scene, kept from group to group."""
        dataset = scene.datasets[self._dataset]
        if self._arrivals is not None and self._arrivals[0] == dataset.version:
            return self._arrivals[1]
        self._forget_rows()
        made = self._desk.ledger.arrivals(dataset, scene.vintages[self._dataset])
        self._arrivals = (dataset.version, made)
        return made

    def _forget_rows(self) -> None:
        if self._arrivals is not None:
            self._arrivals[1].close()
        self._arrivals = None
