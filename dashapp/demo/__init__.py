"""The demo company: a seeded mail-order business for workshop and office equipment, with known incidents.

Pure: seed, size and last day are arguments; nothing here asks a clock or a database. Import `dashapp.demo.company`
where it is used; it needs numpy and pyarrow, which web processes do not load at start.
"""
