"""The sentences of the conversation (`textes.yml`, `variantes.yml`, `accuses.yml`), and what the program asks of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from pathlib import Path

from data.yaml_reader import YamlError, read_yaml
from rules import Fault
from rules.reading.located import line_of

FILE = "actions/textes.yml"
VARIANTS, ACKNOWLEDGEMENTS = "actions/variantes.yml", "actions/accuses.yml"
_IN_BRACES = re.compile(r"\{(\w*)\}")

# The words that the program fills in, for the sentences that have some.
_FILLED: Mapping[str, set[str]] = {
    "lieu_inconnu": {"lieu"},
    "statut_oui": {"nom"},
    "statut_oui_ouvert": {"nom"},
    "statut_oui_appel": {"nom"},
    "statut_a_verifier": {"nom"},
    "statut_non": {"nom"},
    "lieu": {"nom", "adresse"},
    "lieu_sans_adresse": {"nom"},
    "appel": {"nom"},
    "meme_appel": {"nom"},
    "meme_lieu": {"nom"},
    "distance": {"distance", "minutes"},
    "distance_loin": {"distance", "minutes"},
    "metro": {"stations"},
    "telephone": {"numero"},
    "note": {"fait"},
    "corrige": {"fait"},
    "question_rappel": {"question"},
    "aide_rappel": {"numero"},
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
    *(
        "recommence",
        "merci",
        "au_revoir",
        "stop",
        "plus_tard",
        "hors_sujet",
        "insulte",
        "d_accord",
        "on_continue",
    ),
    *("explique", "honte", "colere", "decouragement", "pourquoi_encore"),
)
_IN_ACKNOWLEDGEMENTS = {"valeur", "rang"}


@cache
def texts() -> dict:
    """Every sentence or group of sentences by its key."""
    return _read("textes.yml")


def variants(key: str) -> list[str]:
    """Other ways to say the sentence `key`; none for most."""
    return _variants().get(key, [])


@cache
def _variants() -> dict:
    return _read("variantes.yml")


@cache
def acknowledgements() -> dict:
    """How a fact is said back, by fact: a sentence, or one for each value."""
    return _read("accuses.yml")


def _read(name: str) -> dict:
    return read_yaml(Path(__file__).with_name(name), f"actions/{name}")


def text_faults(root: Path) -> list[Fault]:
    """What an editor may have broken in the sentences of `root`: a key renamed, a word in braces changed."""
    faults: list[Fault] = []
    said = _mapping(root, FILE, faults)
    others = _mapping(root, VARIANTS, faults)
    noted = _mapping(root, ACKNOWLEDGEMENTS, faults)
    if faults:
        return faults
    return [*_sentence_faults(said), *_variant_faults(said, others), *_acknowledgement_faults(noted)]


def _mapping(root: Path, name: str, faults: list[Fault]) -> dict:
    """The content of a file; what prevents reading it is added to `faults`."""
    try:
        content = read_yaml(root / name, name)
    except YamlError as error:
        faults.append(Fault(name, error.line, error.message))
        return {}
    except OSError:
        faults.append(Fault(name, None, "Ce fichier manque."))
        return {}
    if not isinstance(content, dict):
        faults.append(Fault(name, 1, "Le fichier doit être une liste de « mot: phrase »."))
        return {}
    return content


def _sentence_faults(said: Mapping[str, object]) -> list[Fault]:
    missing = [
        Fault(FILE, None, f"Il manque « {key} » : le programme en a besoin.", _renamed(key, said))
        for key in _NEEDED
        if not said.get(key)
    ]
    return [*missing, *_brace_faults(said)]


def _renamed(key: str, said: Mapping[str, object]) -> str | None:
    found = get_close_matches(key, [name for name in said if name not in _NEEDED], n=1)
    return f"Remettez ce nom à la place de « {found[0]} »." if found else None


def _variant_faults(said: Mapping[str, object], others: Mapping[str, object]) -> Iterator[Fault]:
    for key, wordings in others.items():
        if key not in said:
            hint = "Donnez le nom d'une phrase de textes.yml."
            yield Fault(VARIANTS, line_of(others, key), f"« {key} » n'existe pas.", hint)
        if not isinstance(wordings, list) or not all(isinstance(one, str) for one in wordings):
            yield Fault(VARIANTS, line_of(others, key), f"« {key} » : il faut une liste de phrases.")
            continue
        for wording in wordings:
            yield from _unknown(wording, key, _FILLED.get(key, set()), VARIANTS, line_of(others, key))


def _acknowledgement_faults(noted: Mapping[str, object]) -> Iterator[Fault]:
    for fact, words in noted.items():
        for sentence in words.values() if isinstance(words, dict) else (words,):
            yield from _unknown(
                str(sentence), fact, _IN_ACKNOWLEDGEMENTS, ACKNOWLEDGEMENTS, line_of(noted, fact)
            )


def _brace_faults(said: Mapping[str, object]) -> Iterator[Fault]:
    for key, sentence in said.items():
        if isinstance(sentence, str):
            yield from _unknown(sentence, key, _FILLED.get(key, set()), FILE, line_of(said, key))


def _unknown(sentence: str, key: str, known: set[str], file: str, line: int | None) -> Iterator[Fault]:
    for word in _IN_BRACES.findall(sentence):
        if word not in known:
            hint = f"Ici, vous pouvez écrire {_listed(known)}." if known else "Retirez les accolades."
            yield Fault(file, line, f"« {{{word}}} » n'est pas connu dans « {key} ».", hint)


def _listed(words: set[str]) -> str:
    return " et ".join(f"« {{{word}}} »" for word in sorted(words))
