"""One file per check of the ingest room, and what all of them promise."""
