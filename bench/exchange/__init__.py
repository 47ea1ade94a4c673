"""How long an import takes, and how much memory, with ever more services."""
