"""A schema as pg_dump tells it, without what changes from run to run: held against a committed schema.sql."""

import re
import subprocess

from deploy.local.postgres import binaries

_NOISE = re.compile(r"^(--.*|SET .*|SELECT pg_catalog\.set_config.*|\\(un)?restrict .*)?\n", re.MULTILINE)


def dumped(url: str, schema: str) -> str:
    """The statements that would make the schema, as its migrations left it."""
    wanted = ["--schema-only", "--no-owner", f"--schema={schema}", f"--exclude-table={schema}.schema_migrations"]
    command = [f"{binaries()}/pg_dump", *wanted, url]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return _NOISE.sub("", text)
