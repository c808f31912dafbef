"""Which handler does which kind of job. Written by hand, so that the work of the product can be read in one place."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashapp.jobs.run import Run
from dashapp.jobs.worker import Handler
from dashapp.services import feeding, fetching, placing, preparing, quality, queueing, serving


def _check(run: Run) -> dict[str, Any]:
    return queueing.run_check(run.desk, run.claim.args, run.claim.user_id, now=run.now, progress=run.tell)


def _commit(run: Run) -> dict[str, Any]:
    return queueing.run_commit(run.desk, run.claim.args, run.claim.user_id, now=run.now, progress=run.tell)


def _build(run: Run) -> dict[str, Any]:
    return {"version": serving.build(run.desk, run.claim.args["dataset"], now=run.now, progress=run.tell)}


def _warm(run: Run) -> dict[str, Any]:
    return preparing.warm(run.desk, now=run.now, progress=run.tell)


def _refresh(run: Run) -> dict[str, Any]:
    return placing.refresh(run.desk, run.claim.args["dataset"], now=run.now)


def _quality(run: Run) -> dict[str, Any] | None:
    made = quality.measure(run.desk, run.claim.args["dataset"], now=run.now)
    return made.to_json() if made else None


def _fetch(run: Run) -> dict[str, Any]:
    return fetching.fetch(run.desk, run.claim.args, now=run.now, progress=run.tell)


def _bring(run: Run) -> dict[str, Any]:
    return fetching.bring(run.desk, run.claim.args, now=run.now, progress=run.tell)


HANDLERS: Mapping[str, Handler] = {
    queueing.CHECK_JOB: _check,
    queueing.COMMIT_JOB: _commit,
    serving.BUILD_JOB: _build,
    preparing.WARM_JOB: _warm,
    placing.REFRESH_JOB: _refresh,
    quality.MEASURE_JOB: _quality,
    feeding.FETCH_JOB: _fetch,
    feeding.BRING_JOB: _bring,
}
WAITING = frozenset({feeding.FETCH_JOB})  # kinds that only wait for others: a thread of its own does them
