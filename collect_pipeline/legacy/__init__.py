"""Taking over what the tool that this project replaces left in its SQLite file.

`source` reads the file, `prompts`, `categories`, `resources` and `states` turn its rows into ours, `importing` does all
of it in order, `report` counts. Asks CivitAI nothing and knows nothing of Dagster.
"""
