"""The sentences of the conversation, read from `textes.yml`, and what the program asks of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from pathlib import Path

from data.yaml_reader import YamlError, read_yaml
from rules import Fault
from rules.reading.located import line_of

FILE = "actions/textes.yml"
_IN_BRACES = re.compile(r"\{(\w*)\}")

# The words that the program fills in, for the sentences that have some.
_FILLED: Mapping[str, set[str]] = {
    "lieu_inconnu": {"lieu"},
    "statut_oui": {"nom"},
    "statut_oui_ouvert": {"nom"},
    "statut_a_verifier": {"nom"},
    "statut_non": {"nom"},
    "lieu": {"nom", "adresse"},
    "lieu_sans_adresse": {"nom"},
    "distance": {"distance", "minutes"},
    "distance_loin": {"distance", "minutes"},
    "metro": {"stations"},
    "telephone": {"numero"},
}
# The sentences without which an answer cannot be made.
_NEEDED = (
    *_FILLED,
    *("accueil", "besoin_question", "besoin_pourquoi", "besoins_proposes", "besoin_retire", "lieu_ambigu"),
    *("bouton_autre_lieu", "bouton_ne_sait_pas", "bouton_prefere_pas", "bouton_pourquoi", "bouton_oui"),
    *("bouton_non", "bouton_humain", "bouton_continuer", "bouton_recommencer", "question_passee"),
    *(
        "regle_a_verifier",
        "papiers",
        "rien_trouve",
        "fin",
        "aide_humaine",
        "aide_humaine_rue",
        "danger_suite",
    ),
    *("humain", "humain_urgence", "pourquoi_rien", "pas_compris", "pas_compris_choix", "pas_compris_encore"),
    "recommence",
)


@cache
def texts() -> dict:
    """Every sentence or group of sentences by its key."""
    return read_yaml(Path(__file__).with_name("textes.yml"), FILE)


def text_faults(root: Path) -> list[Fault]:
    """What an editor may have broken in the sentences of `root`: a key renamed, a word in braces changed."""
    try:
        said = read_yaml(root / FILE, FILE)
    except YamlError as error:
        return [Fault(FILE, error.line, error.message)]
    except OSError:
        return [Fault(FILE, None, "Ce fichier manque.")]
    if not isinstance(said, dict):
        return [Fault(FILE, 1, "Le fichier doit être une liste de « mot: phrase ».")]
    missing = [
        Fault(FILE, None, f"Il manque « {key} » : le programme en a besoin.", _renamed(key, said))
        for key in _NEEDED
        if not said.get(key)
    ]
    return [*missing, *_brace_faults(said)]


def _renamed(key: str, said: Mapping[str, object]) -> str | None:
    found = get_close_matches(key, [name for name in said if name not in _NEEDED], n=1)
    return f"Remettez ce nom à la place de « {found[0]} »." if found else None


def _brace_faults(said: Mapping[str, object]) -> list[Fault]:
    faults = []
    for key, sentence in said.items():
        known = _FILLED.get(key, set())
        for word in _IN_BRACES.findall(sentence) if isinstance(sentence, str) else ():
            if word not in known:
                hint = f"Ici, vous pouvez écrire {_listed(known)}." if known else "Retirez les accolades."
                told = f"« {{{word}}} » n'est pas connu dans « {key} »."
                faults.append(Fault(FILE, line_of(said, key), told, hint))
    return faults


def _listed(words: set[str]) -> str:
    return " et ".join(f"« {{{word}}} »" for word in sorted(words))
