"""Cells and series as they were known at a moment, in SQL (rules 2.10 and 7.2): for every question with `known_at`.

What facts said comes from the rows that carry moments: the newest version of a cell's standing known by then (its
`known_at`; of a value behind the lock the approval), and the last act by then that began or ended an excuse. Whether
such an act counted depends on earlier ones only, so that its present outcome was its outcome then. Dates and units are
those of the version of the catalogue known then.
"""


def series_then(known: str) -> str:
    """The series with the units of the version known at the parameter `known`, NULL for now."""
    return f"""(
    SELECT n.programme, n.indicator, n.district, coalesce(was.department, n.department) AS department,
           coalesce(was.answers, n.answers) AS answers
    FROM metrics.series AS n LEFT JOIN LATERAL (
        SELECT p.department, p.answers FROM metrics.series_past AS p
        WHERE (p.programme, p.indicator, p.district) = (n.programme, n.indicator, n.district) AND p.until > {known}
        ORDER BY p.until LIMIT 1) AS was ON true)"""


def dates_then(cell: str, known: str) -> str:
    """A lateral join `dates`: existed, due_at, lock_at, applicable and answers of a cell as known at `known`, NULL for
    now."""
    of = f"({cell}.programme, {cell}.indicator, {cell}.district, {cell}.period)"
    return f"""CROSS JOIN LATERAL (
        SELECT * FROM (
            SELECT p.until, p.existed, p.due_at, p.lock_at, p.applicable, p.answers FROM metrics.cell_past AS p
            WHERE (p.programme, p.indicator, p.district, p.period) = {of} AND p.until > {known}
            UNION ALL SELECT 'infinity', true, {cell}.due_at, {cell}.lock_at, {cell}.applicable,
                   {cell}.answers) AS told
        ORDER BY until LIMIT 1) AS dates"""


def cells_then(known: str) -> str:
    """The cells of programme $1, indicators $2, districts $3 and department $4 as known at `known`, NULL for now."""
    by = f"coalesce({known}::timestamptz, 'infinity')"
    return f"""(
    SELECT c.programme, c.indicator, c.district, s.department, coalesce(dates.answers, s.answers) AS answers,
           c.period, c.period_end, dates.due_at,
           least(dates.lock_at, CASE WHEN c.published_at <= {by} THEN c.published_at END) AS locked_at,
           dates.applicable, told.received_at, coalesce(told.withdrawn, false) AS withdrawn,
           coalesce(told.conflict, false) AS conflict, coalesce(ruled.excused, false) AS excused, ruled.excused_until,
           told.value, coalesce(told.flags, '{{}}') AS flags, coalesce(told.version, 0) AS version,
           coalesce(min(c.period_end) FILTER (WHERE told.value IS NOT NULL)
                    OVER (PARTITION BY c.indicator, c.district) < c.period_end, false) AS earlier
    FROM metrics.cell AS c JOIN {series_then(known)} AS s USING (programme, indicator, district)
    {dates_then("c", known)}
    LEFT JOIN LATERAL (
        SELECT f.flags, 'withdrawn' = ANY(f.flags) AS withdrawn, 'revision_conflict' = ANY(f.flags) AS conflict,
               (h.document ->> 'received_at')::timestamptz AS received_at, h.document ->> 'value' AS value, h.version
        FROM metrics.standing AS h
        CROSS JOIN LATERAL (SELECT ARRAY(SELECT json_array_elements_text(h.document -> 'flags')) AS flags) AS f
        WHERE (h.programme, h.indicator, h.district, h.period) = (c.programme, c.indicator, c.district, c.period)
          AND h.known_at <= {by}
        ORDER BY h.version DESC LIMIT 1) AS told ON true
    LEFT JOIN (
        SELECT DISTINCT ON (a.indicator, a.district, a.period) a.indicator, a.district, a.period,
               a.kind = 'cell.excused' AS excused, CASE WHEN a.kind = 'cell.excused'
                   THEN (a.until + 1)::timestamp AT TIME ZONE 'Asia/Shanghai' END AS excused_until
        FROM metrics.act AS a JOIN metrics.act_outcome AS o USING (act)
        WHERE a.programme = $1 AND a.kind IN ('cell.excused', 'cell.unexcused') AND o.outcome = 'applied'
          AND a.received_at <= {by}
        ORDER BY a.indicator, a.district, a.period, a.received_at DESC, a.source COLLATE "C" DESC,
                 a.id COLLATE "C" DESC) AS ruled
      ON (ruled.indicator, ruled.district, ruled.period) = (c.indicator, c.district, c.period)
    WHERE c.programme = $1 AND dates.existed
      AND ($2::text[] IS NULL OR c.indicator = ANY($2)) AND ($3::text[] IS NULL OR c.district = ANY($3))
      AND ($4::text IS NULL OR s.department = $4))"""
