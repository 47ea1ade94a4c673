"""Exchange places with other directories: data·inclusion, HSDS, GeoJSON, CSV, Ville de Paris open data.

What comes in is kept in `data/apports.db` with its raw record, and joins data/services.yml when the base is
built. One module a format; how a city's data person uses it is told in docs/echanges.md.
"""
