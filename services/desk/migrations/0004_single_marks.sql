-- Feed messages that a person has read behind the position up to which all are (read_mark).
CREATE TABLE desk.read_single (
  subject text NOT NULL REFERENCES desk.person,
  seq bigint NOT NULL,
  PRIMARY KEY (subject, seq)
);
