"""Keeping the places true: what has grown old, who can be called, and corrections that a person reviews."""
