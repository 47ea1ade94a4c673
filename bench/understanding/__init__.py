"""How well messages are understood: `make evaluer` writes a page, the errors and a reliability diagram."""
