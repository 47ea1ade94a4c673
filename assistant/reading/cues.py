"""What a line must hold for an expression to stand in it: the beginnings of words, of which one at least is there.

Read in the regular expression itself. Most expressions stand in no message: telling so by its words costs a
fraction of looking for them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import Any

if sys.version_info >= (3, 11):
    from re import _constants as codes
    from re import _parser as parser
else:
    import sre_constants as codes
    import sre_parse as parser

Nodes = Sequence[tuple[Any, Any]]

_MOST = 300
_NOT_READ = (codes.ASSERT, codes.ASSERT_NOT, codes.AT)
_REPEATS = (codes.MAX_REPEAT, codes.MIN_REPEAT)


def beginnings(words: Iterable[str]) -> frozenset[str]:
    """Every beginning of these words, and each whole word with a space after it."""
    return frozenset(f"{word} "[:length] for word in words for length in range(1, len(word) + 2))


def cues(pattern: str) -> frozenset[str] | None:
    """Beginnings of words, of which one is in any text where `pattern` is found; None when nothing is sure.

    The pattern is one of those of `patterns.py`, that begin where a word begins.
    """
    found = _required(parser.parse(pattern).data, starts=True)
    return frozenset(found) if found else None


def _required(nodes: Nodes, starts: bool) -> set[str] | None:
    """The rarest set of beginnings among those that the nodes cannot do without. `starts`: a word begins before them."""
    best: set[str] | None = None
    for rank, node in enumerate(nodes):
        found = _inside(node, starts)
        if found is None and starts:
            found = _heads(nodes[rank:])
        if found and (best is None or _frequency(found) < _frequency(best)):
            best = found
        starts = _ends_between_words(node, starts)
    return best


def _frequency(found: set[str]) -> float:
    """How often one of these beginnings is met: a letter more makes it some four times rarer."""
    return sum(4.0 ** -len(text.strip()) for text in found)


def _inside(node: tuple[Any, Any], starts: bool) -> set[str] | None:
    code, value = node
    if code is codes.SUBPATTERN:
        return _required(value[-1].data, starts)
    if code in _REPEATS and value[0]:
        return _required(value[2].data, starts)
    if code is codes.BRANCH:
        found = [_required(branch.data, starts) for branch in value[1]]
        return set().union(*found) if all(found) else None
    return None


def _ends_between_words(node: tuple[Any, Any], starts: bool) -> bool:
    """Whether a word surely begins after the node, when one begins before it or not (`starts`)."""
    code, value = node
    if code is codes.LITERAL:
        return value == ord(" ")
    if code in _NOT_READ:
        return starts
    if code is codes.SUBPATTERN:
        return _end(value[-1].data, starts)
    if code in _REPEATS:
        return (starts or value[0] > 0) and _end(value[2].data, False)
    if code is codes.BRANCH:
        return all(_end(branch.data, starts) for branch in value[1])
    return False


def _end(nodes: Nodes, starts: bool) -> bool:
    for node in nodes:
        starts = _ends_between_words(node, starts)
    return starts


def _heads(nodes: Nodes) -> set[str] | None:
    """The beginnings that the nodes may have; None when they may begin by anything."""
    known, going = _begun(nodes)
    found = known | going
    return None if "" in found else found


def _begun(nodes: Nodes) -> tuple[set[str], set[str]]:
    """The beginnings that the nodes may have: those at their end, and those that go on with what follows the nodes."""
    ended: set[str] = set()
    going = {""}
    for code, value in nodes:
        if code is codes.LITERAL:
            letter = chr(value)
            going = {text + letter for text in going}
            if letter == " ":
                return ended | going, set()
            continue
        stopped, more = _begun_by(code, value)
        if len(going) * (len(more) + len(stopped)) > _MOST:
            return ended | going, set()
        ended.update(text + end for text in going for end in stopped)
        going = {text + end for text in going for end in more}
        if not going:
            break
    return ended, going


def _begun_by(code: Any, value: Any) -> tuple[set[str], set[str]]:
    if code in _NOT_READ:
        return set(), {""}
    if code is codes.SUBPATTERN:
        return _begun(value[-1].data)
    if code is codes.IN and all(kind is codes.LITERAL for kind, _ in value):
        letters = {chr(letter) for _, letter in value}
        return letters & {" "}, letters - {" "}
    if code is codes.BRANCH:
        parts = [_begun(branch.data) for branch in value[1]]
        return set().union(*(ended for ended, _ in parts)), set().union(*(going for _, going in parts))
    if code in _REPEATS and value[:2] == (0, 1):
        ended, going = _begun(value[2].data)
        return ended, going | {""}
    if code in _REPEATS and value[0]:
        ended, going = _begun(value[2].data)
        return ended | going, set()
    return {""}, set()
