"""REST `/api/v1`: one file per resource, thin over the services.

The gate in front (bearer tokens, roles, sizes of bodies) and the translation of errors to problem+json are the web's;
what is decided here is the form of a call and the pace of a caller.
"""
from __future__ import annotations

from flask import Flask

from dashapp.api import (
    bridges,
    closing,
    connections,
    datasets,
    deliveries,
    derivations,
    drafts,
    exports,
    feeds,
    figures,
    kpis,
    nothing,
    pacing,
    profiles,
    qualities,
    reading,
    specification,
    uploads,
)
from dashapp.api.closing import LateOut, LatePeriod, PeriodIn
from dashapp.api.connections import PlacedIn
from dashapp.api.deliveries import DeliveriesOut, Rhythm, Slot
from dashapp.api.drafts import FormulaIn, VersionOut
from dashapp.api.feeds import FeedIn
from dashapp.api.kpis import KpiIn, KpiPatch
from dashapp.api.profiles import ProfileIn
from dashapp.api.pushed import RowsIn
from dashapp.api.qualities import RuleOut
from dashapp.api.resource import PREFIX

RESOURCES = (datasets.api, uploads.api, profiles.api, kpis.api, drafts.api, figures.api, derivations.api, bridges.api,
             exports.api, connections.api, qualities.api, closing.api, deliveries.api,
             feeds.api)
# Bodies are read by hand, after the caller is known to be allowed; a version stands in a list only.
BODIES = (KpiIn, KpiPatch, RowsIn, PlacedIn, FormulaIn, ProfileIn, VersionOut, RuleOut, PeriodIn, FeedIn,
          DeliveriesOut, Rhythm, Slot, LateOut, LatePeriod)


def register(app: Flask) -> None:
    """Put the API on the app: resources, specification, meter of calls, and a 404 for the rest of /api."""
    app.validation_error_callback = reading.refuse  # type: ignore[attr-defined]
    for resource in RESOURCES:
        app.register_blueprint(resource)
    specification.register(app, RESOURCES, BODIES)
    pacing.register(app, PREFIX)
    nothing.register(app)
