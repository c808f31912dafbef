"""The named fail points of the product, by what is under way when they are passed. Tests walk these; the house compares
them with the code, so that a new point cannot stay untried."""
from __future__ import annotations

RECEIVE = ("import.stored",)
CHECK = ("import.staged", "import.checked")
REJECT = ("import.rejected",)
COMMIT = ("facts.seal.written", "facts.seal.renamed", "import.sealed", "import.recorded", "import.committed")
TOGGLE = ("revert.recorded",)
CLOSE = ("closing.recorded",)
MEASURE = ("quality.recorded",)
BUILD = ("facts.build.rows", "facts.build.written", "facts.build.renamed")
FOLDER = ("folder.taken", "folder.received", "arriving.sealed", "arriving.committed", "folder.told")
FETCH = ("feed.fetched", "feed.kept")
BRING = ("feed.committed",)
WALKED = (*FOLDER, *FETCH, *BRING, *RECEIVE, *CHECK, *REJECT, *COMMIT, *TOGGLE, *CLOSE, *MEASURE, *BUILD)
