"""Training lines made from the examples: longer ones, and the same words spelled as on a phone."""

from __future__ import annotations

import random

from assistant.reading.lexicon import Lexicon
from assistant.reading.phone_spelling import phone_spelling
from assistant.reading.text import read

SEED = 20261121
_LINK = " . "


def training_texts(texts: list[str], targets: list[set[str]]) -> tuple[list[str], list[set[str]]]:
    """Texts as typed and their labels: the examples, longer ones, and a phone spelling of each that asks."""
    made, labels = compose(texts, targets, SEED)
    chance = random.Random(SEED)
    for text, target in zip(texts, targets, strict=True):
        if target:
            made.append(phone_spelling(text, chance))
            labels.append(target)
    return made, labels


def training_lines(
    texts: list[str], targets: list[set[str]], lexicon: Lexicon
) -> tuple[list[str], list[set[str]]]:
    """The same, normalised as the learned model reads them."""
    made, labels = training_texts(texts, targets)
    return [" ".join(read(text, lexicon).learning_forms) for text in made], labels


def compose(lines: list[str], targets: list[set[str]], seed: int) -> tuple[list[str], list[set[str]]]:
    """The examples, and beside each one that asks for something, longer ones.

    One is wrapped in sentences that ask for nothing (same labels); for every other example, one more
    joins a second request (both labels). Acts are left alone: they are whole messages. Same seed, same result.
    """
    chance = random.Random(seed)
    plain = [line for line, target in zip(lines, targets, strict=True) if not target]
    asking = [
        (line, target)
        for line, target in zip(lines, targets, strict=True)
        if target and not any(label.startswith("acte:") for label in target)
    ]
    made, labels = list(lines), list(targets)
    for index, (line, target) in enumerate(asking):
        parts = [chance.choice(plain), line, chance.choice(plain)]
        chance.shuffle(parts)
        made.append(_LINK.join(parts))
        labels.append(target)
        if index % 2 == 0:
            other, second = chance.choice(asking)
            made.append(_LINK.join([chance.choice(plain), line, other]))
            labels.append(target | second)
    for _ in range(len(plain)):
        made.append(_LINK.join(chance.sample(plain, k=min(3, len(plain)))))
        labels.append(set())
    return made, labels
