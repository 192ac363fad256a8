"""The dataset: what was collected, as files that other programs read. Knows the warehouse, not Dagster."""
