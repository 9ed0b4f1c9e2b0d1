"""The sample conversation that `make demo` loads: invented voices, events and people, kept as data."""
