"""Checks that need Rasa itself: run in its own Python 3.10 by tests/test_dialogue_server.py."""
