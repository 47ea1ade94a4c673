"""What `jalon verifier` proves of a base, beyond what reading it already refuses."""
