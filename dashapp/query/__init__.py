"""The query room: KPI formulas and questions become Ibis expressions; their results become series. Executes nothing."""
