"""The page of figures, as Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.readability.figures import Figures
from bench.readability.separation import Estimate
from falc.checks.length import AIM, FLOOR, SHORTEST_MESSAGE
from falc.reading import Reading

HARDEST, RAREST = 15, 30
_INTRODUCTION = """# Lisibilité des textes

Écrit par `make bench-lisibilite`. Aucun de ces chiffres ne dit qu'un texte est FALC : seules des personnes concernées
peuvent le dire. Textes relus par elles : {relus} (`jalon relecture etat`).

- **Kandel-Moles** : 207 − 1,015 × mots par phrase − 73,6 × syllabes par mot. Plus haut, plus facile. Formule de
  L. Kandel et A. Moles, « Application de l'indice de Flesch à la langue française », *Cahiers d'études de radio-télévision*,
  n° 19, 1958. Calculé par texte de {mots} mots ou plus. Une adresse ou un numéro de téléphone ne compte pas.
- **Mot le plus rare** : fréquence Zipf (paquet wordfreq) du mot le plus rare de chaque phrase, en moyenne. 6 : très
  courant ; 3 : 1 fois par million de mots.
- Les phrases « à la manière » FALC et administrative ont été écrites pour ce banc, avant le contrôle
  (tests/falc/). Elles ne remplacent pas de vrais textes."""
_KNOWN_TITLE = """## Chiffres connus de textes publics

Mesurés en novembre 2026 sur des textes publiés, par phrase, avec un autre programme : l'ordre se compare, pas la
décimale.

| textes | phrases | mots par phrase | Kandel-Moles |
|---|---:|---:|---:|"""
# Short name, sources, sentences, words a sentence, Kandel-Moles.
KNOWN = (
    (
        "Textes FALC publiés",
        "facile-a-lire.iledefrance.fr (validé par des ESAT), Envol Isère Autisme sur l'AAH, HAS sur la protection juridique",
        50,
        12.9,
        84,
    ),
    ("Textes « FALC souple »", "la tutelle en FALC, Creai Hauts-de-France", 18, 15.9, 77),
    ("Information ordinaire", "une mairie, une page sur l'AAH, InfoMigrants", 18, 19.6, 61),
    ("Cinq documents de départ", "phrases tirées au sort", 200, 30.4, 47),
)


@dataclass(frozen=True)
class Separation:
    """`by_count`, `by_block`: areas under the curve. `passes`: plain texts that nothing blocks; `caught`: hard ones."""

    name: str
    by_count: Estimate
    by_block: Estimate
    passes: Estimate
    caught: Estimate


def render(
    found: Mapping[str, Figures],
    hardest: Sequence[tuple[Reading, float]],
    rarest: Sequence[tuple[str, float, int]],
    separation: Sequence[Separation],
    documents: Sequence[str],
    reread: int,
) -> str:
    """The whole page. `documents`: which names of `found` are the founding documents."""
    parts = [
        _INTRODUCTION.format(relus=reread, mots=SHORTEST_MESSAGE),
        _table(found, documents),
        "![Kandel-Moles de chaque texte](../../docs/images/lisibilite.png)",
    ]
    if not documents:
        parts.append("Les documents de départ n'étaient pas sur cette machine : ils ne sont pas mesurés ici.")
    parts += [_known(), _separations(separation), _hardest(hardest), _rarest(rarest)]
    return "\n\n".join(parts) + "\n"


def _table(found: Mapping[str, Figures], documents: Sequence[str]) -> str:
    lines = [
        "## Ici",
        "",
        f"| textes | nombre | phrases | mots par phrase | la plus longue | Kandel-Moles | ≥ {AIM} | ≥ {FLOOR} | mot le plus rare |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for name, one in found.items():
        number = "" if name in documents else one.texts  # their sentences are drawn out of the whole
        lines.append(
            f"| {name} | {number} | {one.sentences} | {_fr(one.words)} | {one.longest} | {_fr(one.mean, 0)}"
            f" | {_percent(one.share_from(AIM))} | {_percent(one.share_from(FLOOR))} | {_fr(one.rarest)} |"
        )
    return "\n".join(lines)


def _known() -> str:
    lines = [
        f"| {name} : {source} | {count} | {_fr(words)} | {value} |"
        for name, source, count, words, value in KNOWN
    ]
    return "\n".join([_KNOWN_TITLE, *lines])


def _separations(separation: Sequence[Separation]) -> str:
    lines = [
        "## Ce que vaut le contrôle (`jalon falc`)",
        "",
        "Sur les phrases mises de côté, que personne n'a regardées en réglant le contrôle.",
        "Entre crochets : l'intervalle à 95 %. AUC : chance qu'un texte administratif ait plus de fautes qu'un texte à la",
        "manière FALC.",
        "",
        "| textes | AUC (nombre de fautes) | AUC (bloqué ou non) | manière FALC non bloqués | administratifs bloqués |",
        "|---|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {one.name} | {_interval(one.by_count)} | {_interval(one.by_block)}"
        f" | {_share(one.passes)} | {_share(one.caught)} |"
        for one in separation
    ]
    return "\n".join(lines)


def _hardest(hardest: Sequence[tuple[Reading, float]]) -> str:
    lines = [f"## Les {len(hardest)} textes les plus difficiles de Jalon", ""]
    lines += [
        f"- {_fr(value, 0)} : {reading.text.words.strip()} (`{reading.text.file}:{reading.text.line}`)"
        for reading, value in hardest
    ]
    return "\n".join(lines)


def _rarest(rarest: Sequence[tuple[str, float, int]]) -> str:
    words = ", ".join(f"{word} ({_fr(frequency)}, {count} fois)" for word, frequency, count in rarest)
    return f"## Les {len(rarest)} mots les plus rares de Jalon\n\n{words}."


def _fr(value: float, digits: int = 1) -> str:
    return f"{value:.{digits}f}".replace(".", ",")


def _percent(value: float) -> str:
    return f"{_fr(100 * value, 0)} %"


def _interval(one: Estimate) -> str:
    return f"{_fr(one.value, 3)} [{_fr(one.low, 3)} ; {_fr(one.high, 3)}]"


def _share(one: Estimate) -> str:
    return f"{_percent(one.value)} [{_fr(100 * one.low, 0)} ; {_fr(100 * one.high, 0)}]"
