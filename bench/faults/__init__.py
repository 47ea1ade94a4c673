"""Faults injected into a real Jalon: what the person sees, what was lost, how long until it works again."""
