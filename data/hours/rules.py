"""The rules of an expression: what an editor wrote, cut into pieces."""

from __future__ import annotations

import re
from dataclasses import dataclass

OSM_DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
OSM_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
DAY, MONTH = "|".join(OSM_DAYS), "|".join(OSM_MONTHS)
SPAN = r"\d?\d:\d\d(?:-\d?\d:\d\d\+?|\+)"
TIMES = rf"{SPAN}(?:\s*,\s*{SPAN})*"
WEEKLY = re.compile(rf"(?P<days>(?:{DAY})(?:\s*[-,]\s*(?:{DAY}))*)?\s*(?P<times>{TIMES})?")

COMMENT = re.compile(r'"([^"]*)"')
_NEXT_RULE = re.compile(
    r'(;)|(?:(?<=\d:\d\d)|(?<=[+"])|(?<=24/7)|(?<=off)|(?<=closed)|(?<=open)|(?<=unknown))\s*(,)\s*(?=[A-Za-z])'
)
_RULE = re.compile(
    r'(?P<body>.*?)\s*(?:\b(?P<modifier>open|off|closed|unknown)\b)?\s*(?:"(?P<comment>\d+)")?', re.DOTALL
)


class HoursFault(ValueError):
    """Hours that cannot be used: what is wrong, and a likely fix."""

    def __init__(self, message: str, hint: str):
        super().__init__(message)
        self.message, self.hint = message, hint


@dataclass(frozen=True)
class Rule:
    """One rule of an expression. `joint` is « ; » (replaces the days before) or « , » (adds to them)."""

    joint: str
    body: str
    modifier: str = ""
    comment: str = ""

    def __str__(self) -> str:
        comment = f'"{self.comment}"' if self.comment else ""
        return " ".join(part for part in (self.body, self.modifier, comment) if part)


def read_rules(osm: str) -> list[list[Rule]]:
    """The rules of an expression; a list for what is said first, then one for each `||` (otherwise)."""
    comments: list[str] = []

    def keep(found: re.Match) -> str:
        comments.append(found.group(1).strip())
        return f'"{len(comments) - 1}"'

    text = COMMENT.sub(keep, osm)
    if '"' in re.sub(r'"\d+"', "", text):
        raise HoursFault("Un guillemet n'est pas fermé.", 'Exemple : Mo-Fr 09:00-12:00 "sur rendez-vous".')
    return [_rules_of(group, comments) for group in text.split("||")]


def _rules_of(group: str, comments: list[str]) -> list[Rule]:
    pieces = [piece for piece in _NEXT_RULE.split(group) if piece is not None]
    joints, texts = [";", *pieces[1::2]], pieces[::2]
    rules = []
    for joint, text in zip(joints, texts, strict=True):
        if not text.strip():
            continue
        parts = _RULE.fullmatch(text.strip())
        comment = comments[int(parts["comment"])] if parts["comment"] else ""
        rules.append(Rule(joint, parts["body"].strip(), parts["modifier"] or "", comment))
    return rules


def written(rules: list[Rule]) -> str:
    """The expression made of `rules`."""
    text = ""
    for rule in rules:
        text += f"{rule.joint} {rule}" if text else str(rule)
    return text


def weekdays(body: str) -> frozenset[int] | None:
    """The days (0 is Monday) of a rule that has no other dates, all of them when it names none; None for others."""
    found = WEEKLY.fullmatch(body)
    if not found:
        return None
    if not found["days"]:
        return frozenset(range(7))
    days: set[int] = set()
    for part in re.split(r"\s*,\s*", found["days"].strip()):
        first, *last = (OSM_DAYS.index(name) for name in re.split(r"\s*-\s*", part))
        days |= {(first + count) % 7 for count in range(((last or [first])[0] - first) % 7 + 1)}
    return frozenset(days)


def runs_past_midnight(body: str) -> bool:
    """True when one of the times of a rule ends on the next day."""
    spans = re.findall(r"(\d?\d):(\d\d)-(\d?\d):(\d\d)", body)
    times = ((int(h) * 60 + int(m), int(end_h) * 60 + int(end_m)) for h, m, end_h, end_m in spans)
    return any(end > 24 * 60 or end <= start for start, end in times)
