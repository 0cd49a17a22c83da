"""A rule on trial: the recorded history judged again under other rules, touching nothing."""
