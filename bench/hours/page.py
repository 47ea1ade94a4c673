"""The page of results, in French."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from bench.hours.compare import HERE, HORIZON, Answer, Verdict
from bench.hours.explain import REASONS, reason_of
from bench.hours.pairs import FAMILIES, Pair
from bench.hours.speed import LIMIT_MS, PLACES
from data.hours.calendar import PARIS

_STATES = {"open": "ouvert", "closed": "fermé", "unknown": "inconnu"}


def render(
    verdicts: Sequence[Verdict],
    refused: Sequence[tuple[Pair, str]],
    drawn: Sequence[Verdict],
    times: Mapping[str, float],
) -> str:
    """The page: `verdicts` on the pairs of the families, `drawn` on expressions at random, `times` in ms."""
    version = json.loads((HERE / "versions" / "package.json").read_text())["dependencies"]["opening_hours"]
    agreed = sum(verdict.agree for verdict in verdicts)
    return "\n".join(
        [
            "# Horaires : un second avis",
            "",
            "Page écrite par `make bench-horaires`. Ne pas modifier à la main.",
            "",
            (
                f"Jalon lit les horaires avec opening-hours-py. Le second avis est `opening_hours` {version} (node), "
                "l'implémentation de référence d'OpenStreetMap, écrite par d'autres dans un autre langage. On compare "
                f"l'état au moment donné **et** l'instant du prochain changement, dans les {HORIZON.days} jours."
            ),
            "",
            f"**{agreed} accords sur {len(verdicts)} paires** (expression, moment), "
            f"{len({verdict.pair.osm for verdict in verdicts})} expressions. "
            f"{len(verdicts) - agreed} désaccords, tous expliqués plus bas."
            if all(verdict.agree or reason_of(verdict) for verdict in verdicts)
            else f"**{agreed} accords sur {len(verdicts)} paires. Des désaccords n'ont pas d'explication.**",
            "",
            "| Famille | Paires | Accords |",
            "|---|---:|---:|",
            *_families(verdicts),
            "",
            "## Désaccords",
            "",
            *_disagreements(verdicts),
            "## Paires sans second avis",
            "",
            f"{len(refused)} paires : la bibliothèque s'arrête sur une erreur.",
            "",
            *_refusals(refused),
            "",
            *_at_random(drawn),
            "## Temps",
            "",
            (
                f"« Ouvert maintenant ? » pour {PLACES} lieux aux horaires tous différents, avec la phrase "
                f"(limite : {LIMIT_MS:.0f} ms)."
            ),
            "",
            "| Quand | Temps |",
            "|---|---:|",
            f"| une minute plus tard (à chaud ; le plus lent : {times['warm_worst']:.1f} ms) | {times['warm']:.1f} ms |",
            f"| un autre jour : toutes les réponses changent | {times['day']:.0f} ms |",
            f"| la première fois : tout est lu et calculé | {times['cold']:.0f} ms |",
            "",
            (
                "Une réponse reste vraie jusqu'au prochain changement d'état, à la dernière entrée ou à minuit. Elle est "
                "gardée jusque-là, pas plus."
            ),
            "",
        ]
    )


def _families(verdicts: Sequence[Verdict]) -> list[str]:
    asked = Counter(verdict.pair.family for verdict in verdicts)
    agreed = Counter(verdict.pair.family for verdict in verdicts if verdict.agree)
    return [f"| {family.name} | {asked[family.name]} | {agreed[family.name]} |" for family in FAMILIES]


def _disagreements(verdicts: Sequence[Verdict]) -> list[str]:
    differ = [verdict for verdict in verdicts if not verdict.agree]
    lines = []
    for reason in REASONS:
        of_reason = [verdict for verdict in differ if reason_of(verdict) is reason]
        if not of_reason:
            continue
        first = of_reason[0]
        expressions = ", ".join(f"`{osm}`" for osm in dict.fromkeys(one.pair.osm for one in of_reason))
        lines += [
            f"### {reason.title} : {len(of_reason)}",
            "",
            reason.text,
            "",
            f"Expressions : {expressions}.",
            "",
            (
                f"Exemple : `{first.pair.osm}`, le {_moment(first.pair.at)}. Jalon : {_said(first.ours)}. "
                f"Second avis : {_said(first.theirs)}."
            ),
            "",
        ]
    return lines


def _at_random(drawn: Sequence[Verdict]) -> list[str]:
    differ = [verdict for verdict in drawn if not verdict.agree]
    known = [verdict for verdict in differ if reason_of(verdict)]
    rest = [verdict for verdict in differ if not reason_of(verdict)]
    kinds = Counter((verdict.ours.state, verdict.theirs.state) for verdict in rest)
    too_open = [verdict for verdict in rest if verdict.ours.state == "open" != verdict.theirs.state]
    return [
        "## Expressions au hasard",
        "",
        (
            f"{len({verdict.pair.osm for verdict in drawn})} expressions tirées au hasard, plus bizarres que ce qu'une "
            f"personne écrit : {len(drawn) - len(differ)} accords sur {len(drawn)} paires. {len(known)} désaccords ont "
            f"une raison ci-dessus. Il en reste {len(rest)}. La plupart viennent d'une nuit qui finit après minuit "
            "dans une saison ou un énième jour, après une règle qui parle du lendemain : opening-hours-py la coupe à "
            "minuit, et le lieu est dit fermé trop tôt. Les autres viennent de la "
            "contradiction du second avis sur « 16:00+ »."
        ),
        "",
        f"**Jalon dit « ouvert » et pas le second avis : {len(too_open)} fois.**",
        "",
        *[
            f"- `{one.pair.osm}`, le {_moment(one.pair.at)}. Second avis : {_said(one.theirs)}."
            for one in too_open
        ],
        *([""] if too_open else []),
        "| Jalon | Second avis | Paires |",
        "|---|---|---:|",
        *[
            f"| {_STATES[mine]} | {_STATES[other]} | {count} |"
            for (mine, other), count in sorted(kinds.items())
        ],
        "",
    ]


def _refusals(refused: Sequence[tuple[Pair, str]]) -> list[str]:
    errors = Counter((pair.osm, error.split(".")[0][:90]) for pair, error in refused)
    return [f"- `{osm}` : {count} fois. « {error} »" for (osm, error), count in errors.items()]


def _said(answer: Answer) -> str:
    change = f", change le {_moment(answer.change)}" if answer.change else ", ne change plus"
    return f"{_STATES[answer.state]}{change}"


def _moment(text: str) -> str:
    return datetime.fromisoformat(text).astimezone(PARIS).strftime("%d/%m/%Y %H:%M (%z)")
