"""The starter catalogue: one file per KPI. `dashapp.query.starter` reads it and binds it to the data that are here."""
