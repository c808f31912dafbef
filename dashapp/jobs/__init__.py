"""The worker: claims job rows, runs their handlers, keeps leases alive, and does small chores between jobs."""
