-- What is counted of every cell that is due (rule 7.2) lies in one index, so that neither the calendar nor the gauges
-- read all standings for it; and how many series there are is told to the planner, which otherwise takes them for few
-- and looks their cells up one series after the other.
DROP INDEX metrics.cell_due;
CREATE INDEX cell_duty ON metrics.cell (due_at)
    INCLUDE (programme, indicator, district, answers, received_at, withdrawn, excused, excused_until)
    WHERE applicable AND due_at IS NOT NULL;
CREATE STATISTICS metrics.series_of (ndistinct) ON indicator, district FROM metrics.series;
ANALYZE metrics.series;
