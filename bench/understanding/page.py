"""The page of figures and the lists of errors, as Markdown."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from bench.understanding.places import PlaceReport
from bench.understanding.scoring import Mistake, Report, Tally

INTRODUCTION = """# How well messages are understood

Written by `make evaluer`. The test part was written by another hand than the training examples, and none of its
texts is close to one of theirs (tests/test_epreuve.py). Of what was understood, facts that a part never labels
are left out: it says nothing of them."""
_FAMILIES = {"besoin": "Needs", "fait": "Facts", "alerte": "Dangers", "acte": "Acts"}
_HEAD = "| {} | precision | recall | F1 | right | false | missed |\n|---|---:|---:|---:|---:|---:|---:|"
_EXPECTED = """## Expected figure, label by label

What the test parts that nobody looked at predict, weakest first. A label said less than 20 times (right + missed) is
only a rough guess: one message more or less moves it by 0.05 or more."""


def expected(reports: Sequence[Report]) -> str:
    """One table for each kind of label, over several parts together."""
    parts = [_EXPECTED]
    for family, title in _FAMILIES.items():
        rows: dict[str, Tally] = {}
        for report in reports:
            for (name, label), tally in report.labels.items():
                if name == family:
                    rows[label] = rows.get(label, Tally()) + tally
        if rows:
            parts.append(f"### {title}\n\n{_table('label', rows)}")
    return "\n\n".join(parts)


def tables(report: Report) -> str:
    """Tables of one set of messages: by channel, by style, and what was heard instead of what was said."""
    parts = []
    for family, title in _FAMILIES.items():
        for what, table in (("channel", report.channels), ("style", report.styles)):
            rows = {key: tally for (name, key), tally in table.items() if name == family and key}
            if len(rows) > 1:
                parts.append(f"### {title} by {what}\n\n{_table(what, rows)}")
    if confused := _confusions(report.mistakes):
        parts.append(confused)
    return "\n\n".join(parts)


def speed(milliseconds: Sequence[float]) -> str:
    """« 12.1 ms a message (median), 20.3 ms (p95). »"""
    p95 = sorted(milliseconds)[int(0.95 * (len(milliseconds) - 1))]
    return f"{statistics.median(milliseconds):.1f} ms a message (median), {p95:.1f} ms (p95)."


def places(reports: Mapping[str, PlaceReport]) -> str:
    """One line for each way of reading the same phrases."""
    rows = [
        f"| {way} | {_share(one.arrondissement, one.phrases)} | {_share(one.name, one.phrases)} "
        f"| {one.asked} ({one.offered}) |"
        for way, one in reports.items()
    ]
    head = "| way | right arrondissement | right name | asked which one (right one offered) |\n|---|---:|---:|---:|"
    return "\n".join([f"{next(iter(reports.values())).phrases} phrases.", "", head, *rows])


def place_errors(reports: Mapping[str, PlaceReport]) -> str:
    """Every phrase that was not placed where it should be, by way of reading."""
    lines = []
    for way, report in reports.items():
        lines += [f"## {way}", ""]
        for phrase, found in report.mistakes:
            wanted = f"{phrase['lieu']} ({phrase['commune']}, {phrase['arrondissements_acceptes']})"
            lines.append(f"- `{phrase['id']}` {phrase['texte']} : {wanted} ; {found.facts} {found.choices}")
        lines.append("")
    return "\n".join(lines)


def errors(report: Report) -> str:
    """Every message that was not understood whole, the hardest last."""
    lines = []
    for mistake in sorted(report.mistakes, key=lambda one: one.message.get("difficulte", 0)):
        message = mistake.message
        lines.append(
            f"- `{message['id']}` ({message.get('canal')}, {message.get('style')}) {message['texte']}"
        )
        if mistake.missed:
            lines.append(f"  - missed: {_labels(message, mistake.missed)}")
        if mistake.false:
            lines.append(f"  - false: {', '.join(mistake.false)}")
    return "\n".join(lines) + "\n"


def _labels(message: Mapping, missed: Iterable[str]) -> str:
    facts = message.get("faits", {})
    return ", ".join(
        f"{name} = {facts[name.split(':')[1]]}" if name.startswith("fait:") else name for name in missed
    )


def whole(report: Report) -> str:
    """The whole figures of one set of messages, one a line."""
    lines = [f"{report.messages} messages, {report.messages - len(report.mistakes)} understood whole.", ""]
    for family, title in _FAMILIES.items():
        tally = report.family(family)
        if tally != Tally() and family != "acte":
            lines.append(
                f"- {title}: F1 {tally.f1:.3f} (precision {tally.precision:.3f}, recall {tally.recall:.3f})"
            )
    if report.acts[1]:
        lines.append(f"- Acts: {_share(*report.acts)}")
    if report.dangers[1]:
        lines.append(f"- Danger messages that raise an alert: {_share(*report.dangers)}")
    if report.calm[1]:
        lines.append(f"- False alarms on messages without danger: {_share(*report.calm)}")
    return "\n".join(lines)


def _share(part: int, count: int) -> str:
    return f"{part}/{count} ({part / count:.3f})"


def _table(what: str, rows: Mapping[str, Tally]) -> str:
    body = [
        f"| {key} | {t.precision:.2f} | {t.recall:.2f} | {t.f1:.2f} | {t.right} | {t.false} | {t.missed} |"
        for key, t in sorted(rows.items(), key=lambda item: (item[1].f1, item[0]))
    ]
    return "\n".join([_HEAD.format(what), *body])


def _confusions(mistakes: Iterable[Mistake]) -> str:
    """Needs and dangers heard instead of others, most frequent first."""
    pairs: Counter = Counter()
    for mistake in mistakes:
        missed = [label for label in mistake.missed if not label.startswith("fait:")] or ["(nothing)"]
        heard = [label for label in mistake.false if not label.startswith("fait:")] or ["(nothing)"]
        if missed != heard:
            pairs.update((wanted, got) for wanted in missed for got in heard)
    if not pairs:
        return ""
    rows = [f"| {wanted} | {got} | {count} |" for (wanted, got), count in pairs.most_common(30)]
    return "\n".join(["### Confusions", "", "| said | heard | times |", "|---|---|---:|", *rows])
