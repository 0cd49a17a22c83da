"""All SQL of metrics, one module a purpose: recording, what the API reads, what the gauges show, the programme."""
