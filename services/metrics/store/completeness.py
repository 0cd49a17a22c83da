"""Completeness and timeliness in SQL: of the cells as they are known, or as they were known at a moment (rule 7.2)."""

from services.metrics.store.past import cells_then

# One pass over the duties for both kinds of unit.
_COUNTED = """
SELECT CASE WHEN department IS NULL THEN 'district' ELSE 'department' END AS by, coalesce(department, district) AS unit,
       due, received, on_time, round(received::numeric / due, 4)::text AS completeness,
       round(on_time::numeric / due, 4)::text AS timeliness
FROM (SELECT district, department, count(*) AS due, count(*) FILTER (WHERE received) AS received,
             count(*) FILTER (WHERE on_time) AS on_time
      FROM ({duties}) AS duty GROUP BY GROUPING SETS ((district), (department))) AS counted"""

_NOW = """
    SELECT district, department, received, on_time FROM metrics.duties($5) AS every
    WHERE programme = $1 AND ($2::text[] IS NULL OR indicator = ANY($2))
      AND ($3::text[] IS NULL OR district = ANY($3)) AND ($4::text IS NULL OR department = $4)"""

# What metrics.duties says of the cells as they are.
_THEN = f"""
    SELECT district, department, coalesce(received_at <= $5 AND NOT withdrawn, false) AS received,
           coalesce(received_at < due_at AND NOT withdrawn, false) AS on_time
    FROM {cells_then("$6")} AS known
    WHERE applicable AND due_at <= $5 AND ($7::date IS NULL OR period_end <= $7)
      AND NOT (excused AND (excused_until IS NULL OR $5 < excused_until)
               AND (received_at IS NULL OR received_at > $5 OR withdrawn))"""

COMPLETENESS = _COUNTED.format(duties=_NOW)
COMPLETENESS_THEN = _COUNTED.format(duties=_THEN)
