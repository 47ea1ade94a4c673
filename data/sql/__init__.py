"""One way to speak SQL to SQLite and to PostgreSQL."""
