"""The starter catalogue: one KPI per file, each with alternative formulas tried in order.

A new starter KPI is one new file that binds `ENTRY`. `propose` says which of them the datasets at hand support.
"""
from __future__ import annotations

from dashapp.query.catalog._proposal import Proposal, propose
from dashapp.query.catalog._starter import STARTERS, Starter

__all__ = ["STARTERS", "Proposal", "Starter", "propose"]
