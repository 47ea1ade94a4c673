"""What every model learns from and reads: the training part and its folds, the test part, what is no request."""

from __future__ import annotations

import json
import random
import string
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
SEED = 20261121
FOLDS = 2
WHOLE, FEW = -1, -2
# Neighbours in a file often say the same thing: they stay on the same side of a fold.
_BLOCK = 5
_ONE_IN = 20  # of FEW
_NOISE = 100
_SCRIPTS = ("Ѐӿ", "؀ۿ", "一鿿", "😀🙏")


def training_part() -> tuple[list[str], list[set[str]]]:
    """Texts and labels (« besoin:douche », « acte:salut ») of assistant/nlu/. Needs Rasa."""
    from rasa.shared.importers.utils import training_data_from_paths
    from rasa.shared.nlu.constants import TEXT

    from assistant.components.requests import labels_of

    files = sorted(str(path) for path in (ROOT / "assistant" / "nlu").glob("*.yml"))
    found = training_data_from_paths(files, "fr").intent_examples
    return [example.get(TEXT) for example in found], [labels_of(example) for example in found]


def folds(count: int) -> list[int]:
    """Fold (0..FOLDS-1) of each training example."""
    blocks = [index % FOLDS for index in range(-(-count // _BLOCK))]
    random.Random(SEED).shuffle(blocks)
    return [blocks[index // _BLOCK] for index in range(count)]


def learned(fold: int, longer: bool) -> tuple[list[str], list[set[str]]]:
    """What is learned when `fold` is left out; `longer`: with the product's joined messages and phone spellings.

    WHOLE: nothing is left out. FEW: one example in twenty is learned.
    """
    from assistant.reading.composition import training_texts

    texts, targets = training_part()
    kept = [i for i, one in enumerate(folds(len(texts))) if one != fold and (fold != FEW or i % _ONE_IN == 0)]
    chosen = [texts[i] for i in kept], [targets[i] for i in kept]
    return training_texts(*chosen) if longer else chosen


def left_out(fold: int) -> tuple[list[str], list[set[str]]]:
    """The examples of one fold; as many others as were learned for FEW."""
    texts, targets = training_part()
    kept = [i for i, one in enumerate(folds(len(texts))) if one == fold or (fold == FEW and i % _ONE_IN == 1)]
    return [texts[i] for i in kept], [targets[i] for i in kept]


def test_part() -> list[dict]:
    """The messages nobody tuned on, needs and alerts."""
    files = (ROOT / "tests" / "nlu" / f"{name}.jsonl" for name in ("epreuve", "epreuve_alertes"))
    return [json.loads(line) for file in files for line in file.read_text("utf-8").splitlines()]


def off_topic() -> list[str]:
    """Sentences that ask for nothing the service knows."""
    return yaml.safe_load(Path(__file__).with_name("hors_sujet.yml").read_text("utf-8"))


def noise() -> list[str]:
    """What is no sentence: keys struck at random, figures, signs, other scripts. Always the same."""
    chance = random.Random(SEED)
    alphabets = [string.ascii_lowercase, "zrtpqsdfghjklmwxcvbn", string.digits, string.punctuation]
    alphabets += ["".join(map(chr, range(ord(first), ord(last) + 1))) for first, last in _SCRIPTS]
    return [
        " ".join(
            "".join(chance.choices(alphabets[index % len(alphabets)], k=chance.randint(2, 9)))
            for _ in range(chance.randint(1, 7))
        )
        for index in range(_NOISE)
    ]
