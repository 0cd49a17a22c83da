"""What the reporting calendar is made of: pure arrangements of cells and counts, tested alone."""
