"""Why a status (`jalon expliquer`), and what two days or two bases change (`jalon comparer`)."""
