"""Running Jalon: is all well, is it saved, can it be replaced without a cut."""
