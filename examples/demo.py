"""`make demo`: the whole path against the sandbox, with the commands that a user would type.

Starts the sandbox, follows one of its models, collects, deduplicates and categorizes it through Dagster, shows what
was found and where to look, and stops the sandbox. Asks nothing but loopback.
"""

import os
import re
import subprocess
import sys

import duckdb
from rich.console import Console
from rich.table import Table

from collect_pipeline.settings import load_settings

COMMAND = [sys.executable, "-m", "collect_pipeline"]
MODEL = "640210"

CATEGORIES = """
    SELECT category, count(*) AS prompts, count(*) FILTER (is_primary) AS primary_in
    FROM prompt_categories GROUP BY category ORDER BY prompts DESC, category
"""
EXAMPLES = """
    SELECT left(prompt, 90) AS prompt, string_agg(category, ', ' ORDER BY is_primary DESC, category) AS categories
    FROM prompts JOIN prompt_categories USING (prompt_id)
    GROUP BY prompt_id, prompt ORDER BY prompt_id LIMIT 5
"""
TOTALS = """
    SELECT (SELECT count(*) FROM images) AS images, (SELECT count(*) FROM prompts) AS prompts,
        (SELECT count(DISTINCT cluster_id) FROM prompts) AS clusters
"""


def main() -> int:
    """Run the demo; the exit code is that of the first command that fails."""
    sandbox = subprocess.Popen([*COMMAND, "sandbox", "--port", "0"], stdout=subprocess.PIPE, text=True)
    try:
        url = _address(sandbox)
        print(f"The sandbox, an offline CivitAI, serves at {url}.\n", flush=True)
        environment = os.environ | {"CIVITAI_BASE_URL": url, "CIVITAI_REQUEST_INTERVAL": "0.05", "CIVITAI_API_KEY": ""}
        for arguments in (["follow", MODEL], ["run", "--model-id", MODEL], ["status"]):
            print(f"$ collect-pipeline {' '.join(arguments)}", flush=True)
            code = subprocess.run([*COMMAND, *arguments], env=environment, check=False).returncode
            print(flush=True)
            if code != 0:
                return code
    finally:
        sandbox.terminate()
        sandbox.wait()
    show()
    return 0


def show() -> None:
    """Print what is in the warehouse now, and where to look further."""
    database = load_settings().collect_database
    with duckdb.connect(database, read_only=True) as connection:
        images, prompts, clusters = connection.execute(TOTALS).fetchall()[0]
        print(f"{images} images, {prompts} distinct prompts, {clusters} after grouping near-duplicates.\n")
        console = Console()
        for query in (CATEGORIES, EXAMPLES):
            console.print(_table(connection.execute(query)))
    print("\nWhere to look: `make ui` and http://127.0.0.1:3000 for the runs and their tables, or the database itself:")
    print(f"  {database}")


def _address(sandbox: "subprocess.Popen[str]") -> str:
    for line in sandbox.stdout or []:
        found = re.search(r"http://127\.0\.0\.1:\d+", line)
        if found:
            return found.group()
    raise SystemExit("The sandbox did not start.")


def _table(result: duckdb.DuckDBPyConnection) -> Table:
    table = Table(*[column[0] for column in result.description or []])
    for row in result.fetchall():
        table.add_row(*[str(value) for value in row])
    return table


if __name__ == "__main__":
    sys.exit(main())
