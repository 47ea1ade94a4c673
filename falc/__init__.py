"""The plain-French gate: finds, in every text that a person may read, what easy-to-read rules refuse.

A text (`model.Text`) is cut into sentences (`sentences`), read by spaCy and wordfreq (`syntax`, the only module that
needs the development environment), and judged (`gate`) by small rules (`checks/`) that share one lexicon (`lexicon`,
`lexique/*.yml`). `collecting/` finds the texts in the repository, `waivers` the faults that were accepted.

Nothing of the product imports this package: only the command line, the tests and the measures do.
"""
