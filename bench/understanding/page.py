"""The page of figures and the lists of errors, as Markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from bench.understanding.scoring import Mistake, Report, Tally

_FAMILIES = {"besoin": "Needs", "fait": "Facts", "alerte": "Dangers"}
_HEAD = "| {} | precision | recall | F1 | right | false | missed |\n|---|---:|---:|---:|---:|---:|---:|"


def tables(report: Report) -> str:
    """Every table of one set of messages."""
    parts = [_whole(report)]
    for family, title in _FAMILIES.items():
        for what, table in (("label", report.labels), ("channel", report.channels), ("style", report.styles)):
            rows = {key: tally for (name, key), tally in table.items() if name == family and key}
            if len(rows) > 1:
                parts.append(f"### {title} by {what}\n\n{_table(what, rows)}")
    if confused := _confusions(report.mistakes):
        parts.append(confused)
    return "\n\n".join(parts)


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


def _whole(report: Report) -> str:
    lines = [f"{report.messages} messages, {report.messages - len(report.mistakes)} understood whole.", ""]
    for family, title in _FAMILIES.items():
        tally = report.family(family)
        if tally != Tally():
            lines.append(
                f"- {title}: F1 {tally.f1:.3f} (precision {tally.precision:.3f}, recall {tally.recall:.3f})"
            )
    if report.acts[1]:
        lines.append(f"- Acts: {report.acts[0]}/{report.acts[1]} ({report.acts[0] / report.acts[1]:.3f})")
    if report.dangers[1]:
        raised, dangers = report.dangers
        lines.append(f"- Danger messages that raise an alert: {raised}/{dangers} ({raised / dangers:.3f})")
    if report.calm[1]:
        false, calm = report.calm
        lines.append(f"- False alarms on messages without danger: {false}/{calm} ({false / calm:.3f})")
    return "\n".join(lines)


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
