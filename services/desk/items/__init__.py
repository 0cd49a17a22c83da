"""What the pages of indicators are made of: pure arrangements of what the APIs answer, tested alone."""
