"""The engine itself: what is known of a person and a date in; statuses, proofs and the next question out."""
