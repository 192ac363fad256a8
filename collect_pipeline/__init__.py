"""Collects image prompts from CivitAI: API → pages → prompts → categories."""
