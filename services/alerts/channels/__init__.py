"""Ways to people: robots in chat groups and e-mail. Each sends one text at a time and says what the answer means."""
