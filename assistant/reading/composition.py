"""Longer training messages made from short ones: people give facts and several needs at once."""

from __future__ import annotations

import random

_LINK = " . "


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
