"""What a first upload offers: KPIs that its columns support, with readings named as its rows name them."""
from __future__ import annotations

from typing import Any

from dashapp.core.actor import Actor
from dashapp.core.dataset import Column, Dataset, RoleOf
from dashapp.core.mapping import mapping_from_json
from dashapp.services import defining, uploads
from dashapp.services.checking import shaped, staged
from dashapp.services.desk import Desk
from dashapp.services.moving import scene_after
from dashapp.services.readings import reading_names
from dashapp.services.scene import load_scene
from dashapp.services.uploads import UploadView


def offers(actor: Actor, desk: Desk, upload: str, *, without_demo: bool = False) -> tuple[defining.KpiView, ...]:
    """KPIs that would be defined with a first upload: those the columns support, then those that lack something."""
    found, scene = uploads.status(actor, desk, upload), load_scene()
    result = found.result or {}
    if found.dataset in scene.datasets or not result.get("columns"):
        return ()
    shape = shape_of(found.dataset, result)
    demo = {k for k in scene.kpis if without_demo and defining.is_of_demo(k, scene.kpis, scene.datasets)}
    kpis = {k: v for k, v in scene.kpis.items() if k not in demo}
    return defining.proposals({**scene.datasets, shape.key: shape}, kpis, shape.key,
                              staged_readings(desk, shape, found, result))


def has_demo() -> bool:
    """Is the demo company here?"""
    return any(d.is_demo for d in load_scene().datasets.values())


def shape_of(key: str, result: dict[str, Any], known: Dataset | None = None) -> Dataset:
    """The dataset as the dry run shaped it."""
    columns = tuple(Column(k, h, RoleOf(r), t, u) for k, h, r, t, u in result["columns"])
    return shaped(known, key, mapping_from_json(result["mapping"]), columns, tuple(result["key"]), result["mode"])


def staged_readings(desk: Desk, shape: Dataset, upload: UploadView,
                    result: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    """Names of readings in the staged file and in what is known already."""
    path, scene = staged(desk, shape.key, upload.id, upload.digest or ""), load_scene()
    if not path.exists() or shape.mode is None:
        return reading_names(desk, scene.datasets, scene.vintages)
    replaced = result.get("effect", {}).get("replaced")
    after = scene_after(scene, shape, upload.id, str(path.resolve()), shape.mode, replaced)
    return reading_names(desk, after.datasets, after.vintages)
