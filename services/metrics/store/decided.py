"""The outcome of a report or an act as it had been decided by a moment, in SQL (rule 2.10)."""


def decided(history: str, of: str, key: str, by: str, columns: str) -> str:
    """A lateral join `o` with the newest version of `of`.`key` by the parameter `by`, NULL for now; of what was
    received by then but decided a moment later, the first one."""
    then = f"coalesce({by}::timestamptz, 'infinity')"
    return f"""CROSS JOIN LATERAL (
    SELECT {columns} FROM metrics.{history} AS h
    WHERE h.{key} = {of}.{key}
    ORDER BY h.decided_at <= {then} DESC, CASE WHEN h.decided_at <= {then} THEN -h.version ELSE h.version END
    LIMIT 1) AS o"""
