"""Finding prompts. Knows the warehouse, neither Dagster nor the API."""
