"""Measure understanding: send each message of a labelled file to the product, then score the answers.

    python bench/comprendre.py ../shared/exemples/messages.jsonl
    python bench/comprendre.py tests/nlu/essai.jsonl --adresse http://127.0.0.1:8000
    python bench/comprendre.py tests/nlu/essai.jsonl --modele models/jalon.tar.gz   # dialogue server's environment

Writes one prediction a line, runs the shared scorer when it is there (JALON_SHARED or ../shared)
and prints the milliseconds a message. Labelled files: docs beside the examples.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_NO_ACT = ("informer", "danger", "nlu_fallback")
# Facts that the shared examples do not label: right or wrong, the scorer counts them as false.
UNLABELLED = frozenset((
    "sejour", "lien_paris", "titulaire_bail", "loyer", "aide_logement", "colocation", "enfant_handicape",
    "handicap_titre", "duree_hebergement_mois", "attente_hlm_mois", "couverture_sante", "duree_france_mois",
    "revenu_fiscal_reference", "logement_indigne", "suroccupation", "enfants_majeurs_a_charge",
    "accord_accompagnement", "entree_logement_prevue", "habite_paris",
))  # fmt: skip


def main() -> int:
    """Run the measure; 0 when it ended, 1 when the product cannot be reached."""
    arguments = _arguments()
    understand = _model(arguments.modele) if arguments.modele else _door(arguments.adresse)
    messages = [
        json.loads(line) for line in arguments.fichier.read_text("utf-8").splitlines() if line.strip()
    ]
    predictions, times = [], []
    for message in messages:
        start = time.perf_counter()
        try:
            answer = understand(message["texte"], message.get("canal", "web"))
        except OSError as error:
            print(f"Impossible de joindre le produit : {error}", file=sys.stderr)
            return 1
        times.append((time.perf_counter() - start) * 1000)
        predictions.append(prediction(message["id"], answer, arguments.faits_etiquetes))
    arguments.sortie.parent.mkdir(parents=True, exist_ok=True)
    lines = (json.dumps(item, ensure_ascii=False) for item in predictions)
    arguments.sortie.write_text("\n".join(lines) + "\n", "utf-8")
    _score(arguments.fichier, arguments.sortie)
    print(f"{len(times)} messages, médiane {statistics.median(times):.1f} ms, p95 {_p95(times):.1f} ms")
    return 0


def prediction(identifier: str, answer: dict, labelled_only: bool) -> dict:
    """One line for the scorer: booleans become « oui » and « non »."""
    facts = {
        name: ("oui" if value else "non") if isinstance(value, bool) else value
        for name, value in answer["faits"].items()
        if not (labelled_only and name in UNLABELLED)
    }
    return {
        "id": identifier, "besoins": answer["besoins"], "faits": facts,
        "alertes": answer["alertes"], "acte": answer["acte"],
    }  # fmt: skip


def from_parse(parse: dict) -> dict:
    """The answer of /comprendre for a raw Rasa parse (needs, facts, dangers, act)."""
    answer: dict = {"besoins": [], "faits": {}, "alertes": [], "acte": None}
    for entity in parse["entities"]:
        name, value = entity["entity"], entity["value"]
        if name in ("besoin", "alerte"):
            answer[name + "s"].append(value)
        elif name not in ("nombre", "besoin_possible"):
            answer["faits"][name] = value
    intent = parse["intent"]["name"]
    answer["acte"] = None if intent in _NO_ACT or answer["besoins"] or answer["faits"] else intent
    return answer


def _door(address: str) -> Callable[[str, str], dict]:
    def understand(text: str, channel: str) -> dict:
        body = json.dumps({"texte": text, "canal": channel}).encode()
        request = urllib.request.Request(
            f"{address.rstrip('/')}/api/v1/comprendre", body, {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=30) as response:
            return json.load(response)

    return understand


def _model(path: Path) -> Callable[[str, str], dict]:
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from rasa.core.agent import Agent

    agent = Agent.load(str(path))

    def understand(text: str, channel: str) -> dict:
        return from_parse(asyncio.run(agent.parse_message(text)))

    return understand


def _score(labels: Path, predictions: Path) -> None:
    shared = Path(os.environ.get("JALON_SHARED", ROOT.parent / "shared"))
    scorer = shared / "exemples" / "score.py"
    if not scorer.exists():
        print(f"Pas de mesure : {scorer} absent (dossier partagé : variable JALON_SHARED).")
        return
    subprocess.run([sys.executable, str(scorer), str(labels), str(predictions)], check=True)


def _p95(times: list[float]) -> float:
    return sorted(times)[int(0.95 * (len(times) - 1))]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Mesure la compréhension des messages.")
    parser.add_argument("fichier", type=Path, help="messages étiquetés (jsonl)")
    parser.add_argument("--adresse", default="http://127.0.0.1:8000", help="adresse du produit")
    parser.add_argument("--modele", type=Path, help="modèle Rasa à interroger sans passer par la porte")
    parser.add_argument("--sortie", type=Path, default=ROOT / "run" / "pred.jsonl")
    parser.add_argument(
        "--faits-etiquetes",
        action="store_true",
        help="laisser de côté les faits que les exemples n'étiquettent pas",
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
