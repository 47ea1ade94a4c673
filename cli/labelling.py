"""Sentences labelled by a reviewer, as training data: `assistant/nlu/relus.yml`, in Rasa's own format."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import pairwise
from pathlib import Path

from cli.project import ROOT
from data.yaml_reader import YamlError, read_yaml
from rules import Base

REVIEWED = ROOT / "assistant" / "nlu" / "relus.yml"
DOMAIN = ROOT / "assistant" / "domain" / "comprendre.yml"
INFORM, DANGER = "informer", "danger"
NEED, ALERT, ACT, FACT = "besoin", "alerte", "acte", "fait"
_NOT_ACTS = (INFORM, DANGER, "nlu_fallback", "ressenti")
_HEADER = "# Sentences that people left for review, redacted, labelled with « jalon relire ».\n"
_MARK = re.compile(r"\[([^\[\]]+)\]\((besoin|alerte):(\w+)\)")


@dataclass(frozen=True)
class Label:
    """Something a sentence may mean: its kind, its id, and the words that describe it."""

    kind: str
    id: str
    text: str


class LabelError(ValueError):
    """Labels that cannot be read, or do not go together. The message is in French."""


def all_labels(base: Base, domain: Path = DOMAIN) -> list[Label]:
    """Every label, in the order in which a reviewer sees them."""
    acts = [intent for intent in read_yaml(domain)["intents"] if intent not in _NOT_ACTS]
    return [
        *(Label(NEED, need.id, need.label) for need in base.needs.values()),
        *(Label(ALERT, alert.id, alert.text) for alert in base.alerts.values()),
        *(Label(ACT, act, act.replace("_", " ")) for act in acts),
        *(Label(FACT, fact.id, fact.label) for fact in base.facts.values()),
    ]


def read_choice(text: str, labels: Sequence[Label]) -> list[Label]:
    """The labels that a reviewer typed: numbers or names, between commas. Raises LabelError."""
    words = [word.strip() for word in text.split(",") if word.strip()]
    chosen = list(dict.fromkeys(_find(word, labels) for word in words))
    if not chosen:
        raise LabelError("Donnez au moins un numéro ou un nom.")
    if len(chosen) > 1 and any(label.kind == ACT for label in chosen):
        raise LabelError("Un acte va seul : la phrase n'est alors rien d'autre.")
    return chosen


def _find(word: str, labels: Sequence[Label]) -> Label:
    if word.isdecimal():
        if 1 <= int(word) <= len(labels):
            return labels[int(word) - 1]
        raise LabelError(f"Il n'y a pas de numéro {word}. Le dernier est {len(labels)}.")
    names = {}
    for label in reversed(labels):  # the same id may name a need and a fact: the need is meant
        names |= {f"{label.kind}:{label.id}": label, label.id: label}
    key = word.lower().replace(" ", "_")
    if key in names:
        return names[key]
    near = get_close_matches(key, names, n=1, cutoff=0.5)
    hint = f" Vouliez-vous dire « {near[0]} » ?" if near else " Tapez « l » pour la liste."
    raise LabelError(f"« {word} » n'existe pas.{hint}")


def training_text(sentence: str, replacements: Mapping[str, str]) -> str:
    """The redacted sentence with ordinary words for its masks, which the format would not bear."""
    for mask, word in replacements.items():
        sentence = sentence.replace(mask, word)
    return re.sub(r" +([,.])", r"\1", " ".join(re.sub(r"[\[\](){}|]", " ", sentence).split()))


def training_line(text: str, labels: Sequence[Label]) -> tuple[str, str]:
    """(intent, example). Each need or danger marks its share of the words: only their presence is learned.

    Facts are read by expressions, never learned: a sentence that tells only facts is an example of « informer ».
    Raises LabelError when there are more labels than words.
    """
    marks = [label for label in labels if label.kind in (NEED, ALERT)]
    if labels[0].kind == ACT:
        return labels[0].id, text
    intent = DANGER if any(label.kind == ALERT for label in marks) else INFORM
    if not marks:
        return intent, text
    words = text.split()
    if len(words) < len(marks):
        raise LabelError("Il y a plus d'étiquettes que de mots.")
    cuts = [len(words) * rank // len(marks) for rank in range(len(marks) + 1)]
    parts = (" ".join(words[start:end]) for start, end in pairwise(cuts))
    return intent, " ".join(
        f"[{part}]({mark.kind}:{mark.id})" for part, mark in zip(parts, marks, strict=True)
    )


def read_reviewed(path: Path, labels: Collection[Label]) -> dict[str, list[str]]:
    """The examples of each intent. Raises LabelError with every fault, OSError but for an absent file."""
    if not path.exists():
        return {}
    try:
        groups = read_yaml(path)["nlu"]
        examples = {str(group["intent"]): _examples(group["examples"]) for group in groups}
    except YamlError as error:
        raise LabelError(str(error)) from None
    except (KeyError, TypeError, AttributeError):
        raise LabelError(f"{path.name} n'a pas la forme attendue : nlu, intent, examples.") from None
    faults = list(_faults(examples, labels))
    if faults:
        raise LabelError("\n".join(f"{path.name} : {fault}" for fault in faults))
    return examples


def _examples(block: str) -> list[str]:
    return [line.strip().removeprefix("- ") for line in block.splitlines() if line.strip()]


def _faults(examples: Mapping[str, list[str]], labels: Collection[Label]) -> Iterator[str]:
    known = {(label.kind, label.id) for label in labels}
    for intent, lines in examples.items():
        if intent not in (INFORM, DANGER) and (ACT, intent) not in known:
            yield f"l'intention « {intent} » n'existe pas."
        for line in lines:
            for _, kind, name in _MARK.findall(line):
                if (kind, name) not in known:
                    yield f"l'étiquette « {kind}:{name} » n'existe pas : {line}"
            if re.search(r"[\[\](){}]", _MARK.sub("", line)):
                yield f"les crochets ne sont pas fermés comme il faut : {line}"


def add_reviewed(path: Path, intent: str, example: str, labels: Collection[Label]) -> None:
    """Add one example, once. The file is replaced whole: a cut never leaves half of it. Raises LabelError."""
    examples = read_reviewed(path, labels)
    lines = examples.setdefault(intent, [])
    if example in lines:
        return
    lines.append(example)
    text = _HEADER + 'version: "3.1"\nnlu:\n'
    for name, group in examples.items():
        text += f"- intent: {name}\n  examples: |\n" + "".join(f"    - {line}\n" for line in group)
    new = path.with_suffix(".nouveau")
    new.write_text(text, encoding="utf-8")
    os.replace(new, path)
