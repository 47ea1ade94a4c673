"""Measure needs, dangers and acts on training parts left out in turn (each written apart from the others).

    .venv-rasa/bin/python bench/epreuve_croisee.py              # about five minutes
    .venv-rasa/bin/python bench/epreuve_croisee.py --besoin 0.4 # with another threshold

A part is a file of assistant/nlu/: its situations and its wording are its own, so leaving it out tells
more than leaving out random lines of the same list. The expressions of assistant/lexique/ know every
part: the recall of dangers is therefore flattered here; the needs are not.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import fields
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from rasa.shared.nlu.training_data.formats import RasaYAMLReader

from assistant.components.requests import labels_of
from assistant.reading.composition import training_lines
from assistant.reading.lexicon import load_lexicon
from assistant.reading.linear_model import LinearModel
from assistant.reading.places import load_gazetteer
from assistant.reading.reader import MessageReader
from assistant.reading.requests import RequestReader
from assistant.reading.text import read
from assistant.reading.understanding import Thresholds, Understander, Understanding

FOLDER = ROOT / "assistant" / "nlu"
TODAY = date(2026, 11, 21)
# Left out together: parts that hold different labels, so that every label keeps examples.
TURNS = (
    ("besoins_recits", "besoins_plusieurs", "alertes_sms", "faux_amis"),
    ("besoins_oral", "pieges_besoins", "actes_bis"),
    ("besoins_sms", "faux_amis_bis"),
    ("besoins_etranger", "besoins_guichet", "pieges_besoins_bis", "alertes_voilees"),
    ("besoins_histoires", "besoins_demandes", "actes", "hors_sujet"),
    ("melanges",),
)
STRENGTH = 20.0


def main() -> int:
    """Print one line a part, then the whole."""
    thresholds = Thresholds(**_arguments())
    parts = {path.stem: list(_examples(path)) for path in sorted(FOLDER.glob("*.yml"))}
    total: Counter = Counter()
    for turn in TURNS:
        kept = [example for name, part in parts.items() if name not in turn for example in part]
        judge = _Judge(kept, thresholds)
        for name in turn:
            counts = sum((judge.counts(*example) for example in parts[name]), Counter())
            print(f"{name:20} {_summary(counts)}", flush=True)
            total += counts
    print(f"{'ensemble':20} {_summary(total)}")
    return 0


class _Judge:
    """A product trained on some examples."""

    def __init__(self, examples: list[tuple[str, set[str]]], thresholds: Thresholds):
        self._lexicon = load_lexicon()
        lines, labels = training_lines(*map(list, zip(*examples, strict=True)), self._lexicon)
        model = LinearModel.train(lines, labels, STRENGTH)
        self._facts = MessageReader(self._lexicon, load_gazetteer(ROOT))
        self._understander = Understander(RequestReader(self._lexicon), model, thresholds)

    def counts(self, text: str, labels: set[str]) -> Counter:
        """What is right and wrong for one example. Needs are not judged beside a danger: not labelled."""
        reading = read(text, self._lexicon)
        facts = self._facts.facts(reading, TODAY)
        answer = self._understander.understand(reading, facts)
        found = {f"{label.kind}:{label.value}" for label in answer.labels}
        return Counter(dict(_judged(found, labels, answer, bool(facts))))


def _judged(
    found: set[str], wanted: set[str], answer: Understanding, facts: bool
) -> Iterator[tuple[str, int]]:
    alarm, danger = (any(label.startswith("alerte:") for label in labels) for labels in (found, wanted))
    yield (
        ("alerte levée" if alarm else "alerte manquée")
        if danger
        else ("fausse alerte" if alarm else "calme"),
        1,
    )
    act = next((label for label in wanted if label.startswith("acte:")), None)
    if act:
        yield "acte juste" if act == f"acte:{answer.intent}" and not facts else "acte faux", 1
    elif not danger:
        needs = {label for label in found if label.startswith("besoin:")}
        yield "juste", len(needs & wanted)
        yield "en trop", len(needs - wanted)
        yield "oublié", len(wanted - needs)


def _summary(counts: Counter) -> str:
    right, extra, missed = counts["juste"], counts["en trop"], counts["oublié"]
    f1 = 2 * right / (2 * right + extra + missed) if right else 0.0
    return (
        f"besoins F1 {f1:.3f} (justes {right}, en trop {extra}, oubliés {missed}) ; "
        f"alertes {counts['alerte levée']}/{counts['alerte levée'] + counts['alerte manquée']}, "
        f"fausses {counts['fausse alerte']}/{counts['fausse alerte'] + counts['calme']} ; "
        f"actes {counts['acte juste']}/{counts['acte juste'] + counts['acte faux']}"
    )


def _examples(path: Path) -> Iterator[tuple[str, set[str]]]:
    for example in RasaYAMLReader().read(str(path)).intent_examples:
        yield example.get("text"), labels_of(example)


def _arguments() -> dict[str, float]:
    parser = argparse.ArgumentParser(description="Mesure la compréhension sur des exemples laissés de côté.")
    for field in fields(Thresholds):
        parser.add_argument(f"--{field.name}", type=float, default=field.default)
    return vars(parser.parse_args())


if __name__ == "__main__":
    sys.exit(main())
