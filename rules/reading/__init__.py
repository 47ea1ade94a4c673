"""From documents (YAML with its lines, or the built database) to a checked Base; facts from outside, checked."""
