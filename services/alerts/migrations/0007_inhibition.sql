-- Districts that did not report (rule 8): found once for a period and due date, when its lights of record were fixed.
CREATE TABLE alerts.inhibition (
  programme text NOT NULL,
  district text NOT NULL,
  period text NOT NULL,
  due_at timestamptz NOT NULL,
  due integer NOT NULL,
  overdue integer NOT NULL,
  PRIMARY KEY (programme, district, period, due_at)
);
CREATE INDEX light_place ON alerts.light (programme, district, period);
