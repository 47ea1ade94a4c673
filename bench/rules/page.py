"""What the bench found, as one page of Markdown."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import psutil

from bench.rules.neutral import SHARES

NAMES = {
    "jalon/raisons": "**Jalon**, statut, raisons et faits manquants",
    "jalon/statuts": "**Jalon**, statut seul",
    "parcours/parcours": "aucun moteur : l'arbre parcouru en Python",
    "zen/graphe": "zen-engine, graphe",
    "zen/liste": "zen-engine, une liste compilée",
    "rule_engine/regles": "rule-engine",
    "publicodes": "publicodes",
    "jalon": "**Jalon**",
    "zen": "zen-engine",
    "rule_engine": "rule-engine",
    "parcours": "ordre fixe",
    "openfisca": "OpenFisca-Paris",
}
OURS = "jalon/raisons"


def machine() -> dict[str, object]:
    return {
        "date": datetime.now().astimezone().isoformat(timespec="seconds"),
        "system": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
        "memory": round(psutil.virtual_memory().total / 1e9),
        "load": round(os.getloadavg()[0], 1),
    }


def render(found: Mapping) -> str:
    here = found["machine"]
    versions = ", ".join(
        f"{NAMES[name].strip('*')} ({version})" for name, version in found["versions"].items()
    )
    lines = [
        "# Le moteur de règles et les autres",
        "",
        (
            f"{here['date']}. {here['system']}, {here['cores']} cœurs, {here['memory']} Go."
            f" Charge de la machine : {here['load']} au début, {os.getloadavg()[0]:.1f} à la fin."
        ),
        f"Versions : {versions}.",
        "",
        (
            f"Une seule exécution, {found['rounds']} tours : à chaque tour, chaque moteur à son tour, dans son processus."
            " Les durées sont des médianes. « × » : médiane, sur les tours, du rapport à la première ligne."
            " La base neutre : 60 règles sur 30 faits, tirées au hasard (graine 7)."
        ),
        "",
        *(f"Non mesuré : {NAMES[name].strip('*')}. {why}\n" for name, why in found["absent"].items()),
        *_aims(found),
        *_answers(found),
        *_times(found),
        *_crowds(found),
        *_questions(found),
        *(found["aids"]["lines"] if found["aids"] else []),
    ]
    return "\n".join(lines) + "\n"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return [
        f"| {' | '.join(head)} |",
        f"|---|{'---:|' * (len(head) - 1)}",
        *(f"| {' | '.join(row)} |" for row in rows),
        "",
    ]


def number(value: float | None, unit: str = "") -> str:
    """Three figures, a French comma."""
    if value is None:
        return ""
    decimals = 0 if value >= 100 else 1 if value >= 10 else 2 if value >= 1 else 3
    return f"{value:,.{decimals}f}".replace(",", " ").replace(".", ",") + (f" {unit}" if unit else "")


def middle(values: Sequence[float | None]) -> float | None:
    return None if not values or None in values else statistics.median(values)


def ratio(theirs: Sequence[float | None], ours: Sequence[float | None]) -> str:
    if None in theirs or None in ours or not theirs:
        return ""
    return "× " + number(statistics.median(a / b for a, b in zip(theirs, ours, strict=True)))


def _aims(found: Mapping) -> list[str]:
    times, check, first = found["times"], found["check"], found["first"]["jalon"]
    means = [seed["mean"] for seed in found["questions"]["jalon"].values()]

    def ours(measure: str, way: str = OURS) -> float:
        return middle(times[measure][way])

    wanted = [
        ("Réponses exactes", check["exact"], check["answers"], "", True),
        ("60 règles, une personne, avec les raisons", ours("same 1.0"), 0.20, "ms", False),
        ("— une personne jamais vue", ours("others 1.0"), 0.20, "ms", False),
        ("60 règles, une personne, sans les raisons", ours("same 1.0", "jalon/statuts"), 0.08, "ms", False),
        ("10 000 personnes différentes, avec les raisons", ours("crowd") / 1000, 1.0, "s", False),
        ("Question suivante, personne jamais vue", ours("question", "jalon"), 1.0, "ms", False),
        ("— moteur neuf, qui n'a encore vu personne", ours("question new", "jalon"), 1.0, "ms", False),
        ("Nombre moyen de questions", means[0], 8.0, "", False),
        ("— la moins bonne des cinq bases", max(means), 8.0, "", False),
        ("Du lancement à la première réponse", first["seconds"], 0.3, "s", False),
        ("Mémoire au plus, première réponse", first["peak_mib"], 80, "Mio", False),
    ]
    rows = []
    for name, value, aim, unit, at_least in wanted:
        held = value >= aim if at_least else value <= aim
        sign = "≥" if at_least else "≤"
        shown = (f"{value:,}" if at_least else number(value)).replace(",", " " if at_least else ",")
        limit = f"{aim:,}".replace(",", " ") if at_least else number(aim)
        rows.append(
            (name, f"{shown} {unit}".strip(), f"{sign} {limit} {unit}".strip(), "oui" if held else "**non**")
        )
    return ["## Ce qui est visé", "", *table(("mesure", "valeur", "visé", "tenu"), rows)]


def _answers(found: Mapping) -> list[str]:
    check = found["check"]
    rows = []
    for name, counts in found["answers"].items():
        if name == "jalon":
            rows.append((NAMES[name], check["kleene"], check["beyond"], check["exact"], 0, 0))
        else:
            plain = not counts["other"] and not counts["error"]
            exact = counts["same"] - check["beyond"] if plain else ""
            rows.append((NAMES[name], counts["same"], 0, exact, counts["other"], counts["error"]))
    return [
        "## Réponses",
        "",
        (
            f"{check['answers']} réponses : 60 règles pour 301 personnes, dont tout, 60 %, 30 % ou rien n'est connu."
            f" Pour {check['beyond']} d'entre elles, la logique à trois valeurs (Kleene) dit « inconnu » alors que toutes"
            " les personnes possibles ont la même réponse. Jalon la donne. Chacune est prouvée en essayant toutes les"
            f" personnes possibles ({check['beyond_proved']} sur {check['beyond']}, jusqu'à {check['combinations']}"
            " combinaisons)."
        ),
        "",
        *table(
            ("moteur", "comme Kleene", "plus précises que Kleene", "exactes", "fausses", "erreurs"),
            [tuple(map(str, row)) for row in rows],
        ),
    ]


def _times(found: Mapping) -> list[str]:
    times = found["times"]
    lines = ["## 60 règles pour une personne", ""]
    for measure, title in (
        ("same", "Les 100 personnes des cas, toujours les mêmes : Jalon garde les réponses déjà données"),
        ("others", "D'autres personnes à chaque tour. Jalon en a déjà servi 2 000 autres"),
        ("new", "Jalon seul, moteur neuf : les 99 personnes qui suivent la première"),
        ("very first", "Jalon seul, moteur neuf : la toute première personne du jour"),
    ):
        shares = [
            share for share in SHARES if None not in times.get(f"{measure} {share}", {}).get(OURS, [None])
        ]
        ways = list(times[f"{measure} {shares[0]}"])
        rows = []
        for way in ways:
            row = [NAMES[way]]
            for share in shares:
                values, ours = times[f"{measure} {share}"][way], times[f"{measure} {share}"][OURS]
                if None in values:
                    row.append("erreur")
                else:
                    row.append(
                        f"{number(middle(values))} ms" + ("" if way == OURS else f" ({ratio(values, ours)})")
                    )
            rows.append(row)
        head = ("moteur", *(f"{share:.0%} connu".replace("%", " %") for share in shares))
        lines += [f"{title}.", "", *table(head, rows)]
    return lines


def _crowds(found: Mapping) -> list[str]:
    times, first = found["times"], found["first"]
    rows = []
    for way, values in times["crowd"].items():
        engine = way.split("/")[0]
        partly = middle(times["partly known crowd"].get(way, []))
        rows.append(
            (
                NAMES[way],
                f"{number(middle(values) / 1000)} s"
                + ("" if way == OURS else f" ({ratio(values, times['crowd'][OURS])})"),
                number(partly and partly / 1000, "s") if partly else "",
                number(middle(times["load"][way]), "ms") if engine != "parcours" else "",
                number(first[engine]["seconds"], "s") if engine in first else "",
                number(first[engine]["peak_mib"], "Mio") if engine in first else "",
            )
        )
    return [
        "## 10 000 personnes, démarrage, mémoire",
        "",
        (
            "Les 10 000 personnes sont différentes, et Jalon commence neuf. rule-engine en traite 1 000 et publicodes 100 :"
            " la durée est multipliée. Le lancement va du début du processus à la première réponse."
            f" Après toutes ces mesures, le processus de Jalon a occupé au plus {number(found['peak_after'])} Mio."
        ),
        "",
        *table(
            (
                "moteur",
                "10 000, tout connu",
                "10 000, 60 % connu",
                "chargement",
                "lancement",
                "mémoire au plus",
            ),
            rows,
        ),
    ]


def _questions(found: Mapping) -> list[str]:
    times, counts = found["times"], found["questions"]
    seeds = list(next(iter(counts.values())))
    rows = []
    for name, by_seed in counts.items():
        ours = [by_seed[seed]["mean"] for seed in seeds]
        rows.append(
            (
                NAMES[name],
                *(number(mean) for mean in ours),
                number(by_seed[seeds[0]]["median"]),
                str(max(one["most"] for one in by_seed.values())),
            )
        )
    speed = [("**Jalon**, personne jamais vue", times["question"]["jalon"])]
    speed.append(("**Jalon**, moteur neuf", times["question new"]["jalon"]))
    speed.append(("**Jalon**, moteur neuf, la plus longue", times["question new, longest"]["jalon"]))
    speed.append(("**Jalon**, la même personne encore", times["question again"]["jalon"]))
    if "publicodes" in times["question"]:
        speed.append(("publicodes", times["question"]["publicodes"]))
    ours = speed[0][1]
    return [
        "## Questions",
        "",
        (
            "10 groupes de 6 règles, 100 personnes : combien de questions avant que les 6 règles soient décidées."
            " publicodes suit l'ordre de son module de formulaires ; l'ordre fixe saute ce qu'aucune condition ouverte"
            " ne nomme. Les faits sont tirés au hasard, chacun à part : sur de vraies personnes, l'écart peut être autre."
        ),
        "",
        *table(
            (
                "ordre",
                *(f"base {seed}" for seed in seeds),
                f"médiane, base {seeds[0]}",
                "le plus, toutes bases",
            ),
            rows,
        ),
        "Choisir la question suivante parmi les 60 règles, 30 % des faits connus.",
        "",
        *table(
            ("moteur", "durée"),
            [
                (
                    name,
                    f"{number(middle(values))} ms" + ("" if values is ours else f" ({ratio(values, ours)})"),
                )
                for name, values in speed
            ],
        ),
    ]
