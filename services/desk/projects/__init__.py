"""What the pages of major projects (rule 12) are made of: pure arrangements of what the APIs answer, tested alone."""
