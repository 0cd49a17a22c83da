"""Completeness and timeliness in SQL: of the cells as they are known, or as they were known at a moment (rule 7.2)."""

_COUNTED = """
WITH duty AS (
    SELECT * FROM ({duties}) AS every
    WHERE programme = $1 AND ($2::text[] IS NULL OR indicator = ANY($2))
      AND ($3::text[] IS NULL OR district = ANY($3)) AND ($5::text IS NULL OR department = $5)),
counted AS (
    SELECT 'district' AS by, district AS unit, count(*) AS due, count(*) FILTER (WHERE received) AS received,
           count(*) FILTER (WHERE on_time) AS on_time FROM duty GROUP BY district
    UNION ALL
    SELECT 'department', department, count(*), count(*) FILTER (WHERE received), count(*) FILTER (WHERE on_time)
    FROM duty GROUP BY department)
SELECT by, unit, coalesce(d.name_zh, p.name_zh) AS name_zh, coalesce(d.name_en, p.name_en) AS name_en,
       due, received, on_time, round(received::numeric / due, 4)::text AS completeness,
       round(on_time::numeric / due, 4)::text AS timeliness
FROM counted
LEFT JOIN metrics.district AS d ON by = 'district' AND d.programme = $1 AND d.district = unit
LEFT JOIN metrics.department AS p ON by = 'department' AND p.programme = $1 AND p.department = unit
ORDER BY by DESC, coalesce(d.position, p.position)"""

# What metrics.duties says of the cells as they are, from the rows that carry moments: the newest version of a cell's
# standing known by then (`known_at` of a value behind the lock is its approval), and the last act by then that began or
# ended an excuse. Whether such an act counted depends on earlier ones only, so that its present outcome was its outcome
# then. Dates are those of the version of the catalogue that holds the cell today, as for one standing.
_THEN = """
    SELECT c.programme, c.indicator, c.district, s.department,
           coalesce(told.received_at <= $4 AND NOT told.withdrawn, false) AS received,
           coalesce(told.received_at < c.due_at AND NOT told.withdrawn, false) AS on_time
    FROM metrics.cell AS c JOIN metrics.series AS s USING (programme, indicator, district)
    LEFT JOIN LATERAL (
        SELECT (h.document ->> 'received_at')::timestamptz AS received_at,
               (h.document -> 'flags')::jsonb ? 'withdrawn' AS withdrawn
        FROM metrics.standing AS h
        WHERE (h.programme, h.indicator, h.district, h.period) = (c.programme, c.indicator, c.district, c.period)
          AND h.known_at <= coalesce($6::timestamptz, 'infinity')
        ORDER BY h.version DESC LIMIT 1) AS told ON true
    LEFT JOIN (
        SELECT DISTINCT ON (a.indicator, a.district, a.period) a.indicator, a.district, a.period,
               a.kind = 'cell.excused' AS excused, (a.until + 1)::timestamp AT TIME ZONE 'Asia/Shanghai' AS until
        FROM metrics.act AS a JOIN metrics.act_outcome AS o USING (act)
        WHERE a.programme = $1 AND a.kind IN ('cell.excused', 'cell.unexcused') AND o.outcome = 'applied'
          AND a.received_at <= coalesce($6::timestamptz, 'infinity')
        ORDER BY a.indicator, a.district, a.period, a.received_at DESC, a.source COLLATE "C" DESC,
                 a.id COLLATE "C" DESC) AS ruled
      ON (ruled.indicator, ruled.district, ruled.period) = (c.indicator, c.district, c.period)
    WHERE c.applicable AND c.due_at <= $4 AND ($7::date IS NULL OR c.period_end <= $7)
      AND NOT (coalesce(ruled.excused AND (ruled.until IS NULL OR $4 < ruled.until), false)
               AND (told.received_at IS NULL OR told.received_at > $4 OR told.withdrawn))"""

COMPLETENESS = _COUNTED.format(duties="SELECT * FROM metrics.duties($4)")
COMPLETENESS_THEN = _COUNTED.format(duties=_THEN)
