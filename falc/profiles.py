"""Which rules read which text.

Public texts are read by all rules. What we do not write ourselves (names of places) is only warned about. A
professional's screen keeps its professional words: only promises, dates, numbers to call and « vous » are judged.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from falc.model import Text

_COUNTER = frozenset({"PROM", "PHONE", "DATE", "LEN"})
_A_SHORT_LABEL = frozenset({"KANDEL", "MSG", "MOYENNE", "PRON", "IDEA", "GLOSS"})
_EXCEPT = {
    "bouton": _A_SHORT_LABEL,
    "titre": _A_SHORT_LABEL,
    "nom": _A_SHORT_LABEL | {"WORD", "NOM", "JARG", "META", "FOREIGN", "GLOSS", "SAME", "PCT", "NUM"},
    "resultat": frozenset({"MSG"}),
    "page": frozenset({"MSG"}),
    "erreur": frozenset(),
}
_SMS_KEEPS = frozenset({"TIME", "ABBR", "PRON", "LIST"})  # what 160 characters cost: « 9 h », « Tél. »

# A text ready to be sent has lost its accents: its pieces were judged with them, here only their assembly is.
_SENT = frozenset({"LEN", "PUNCT", "DATE", "PHONE", "PROM", "YOU"})


@dataclass(frozen=True)
class Profile:
    """`reads`: whether a rule reads the text; `gentle`: whether nothing blocks."""

    reads: Callable[[str], bool]
    gentle: bool = False


def profile_of(text: Text) -> Profile:
    if text.kind == "style":
        return Profile(lambda code: code == "FONT")
    if text.channel == "guichet":
        return Profile(lambda code: code in _COUNTER)
    refused = _EXCEPT.get(text.kind, frozenset())
    if text.channel == "sms" and text.kind == "resultat":
        return Profile(lambda code: code in _SENT)
    if text.channel == "sms":
        refused |= _SMS_KEEPS
    return Profile(lambda code: code not in refused, gentle=text.kind == "nom")
