"""Models of understanding side by side: same examples, same unseen messages, same way to set thresholds."""
