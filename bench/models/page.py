"""The comparison of models as a page of Markdown."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Mapping, Sequence
from datetime import datetime

import numpy as np

from bench.models.decisions import KINDS
from bench.models.examples import FOLDS, SEED
from bench.understanding.scoring import Report, Tally, score

NAMES = {
    "reader": "**Present reader**",
    "linear": "Linear model alone",
    "linear-short": "Linear model alone, examples not joined",
    "lists": "Expressions and facts alone",
    "linear-vectors": "Linear model + spaCy vectors",
    "linear-lemmas": "Linear model + lemmas",
    "diet": "DIET, words and letters",
    "diet-spacy": "DIET, words and letters + spaCy",
    "lists+linear": "Expressions ∪ linear model",
    "lists+diet": "Expressions ∪ DIET",
    "reader+diet": "Present reader ∪ DIET",
    "reader+diet-spacy": "Present reader ∪ DIET + spaCy",
}
PAIRS = (
    ("linear-short", "diet"),
    ("linear-short", "linear"),
    ("linear", "linear-vectors"),
    ("linear", "linear-lemmas"),
    ("diet", "diet-spacy"),
    ("lists+linear", "lists+diet"),
    ("reader", "linear-lemmas"),
    ("reader", "reader+diet"),
    ("reader", "reader+diet-spacy"),
)
_SMS = ("sms", "phonetique")
_DRAWS = 1000
_QUALITY = (
    "left-out F1", "needs F1", "less the reader's", "SMS", "alerts raised", "near-misses alarmed", "other false alarms", "acts",
    "off-topic left alone", "noise left alone",
)  # fmt: skip
_COST = (
    "training s", "model MB", "memory MB", "processor ms", "ms median", "ms p95", "same twice",
    "thresholds need, alert, act",
)  # fmt: skip
_HEAD = """# Models of understanding, side by side

Written by `make bench-modeles`. {date}, assistant/ at {version}. {system}, {cores} cores,
load {load} while reading, one thread a process.

Every model learns from assistant/nlu/ alone and reads tests/nlu/epreuve.jsonl and epreuve_alertes.jsonl; nothing here
was tuned on those. Every learned model has three thresholds (needs, alerts, acts), those of best micro-F1 on examples
left out of learning, {folds} folds. The present reader (expressions, facts and linear model) keeps its own; expressions
have none. What this shows, and what it does not: docs/comprendre-modeles.md.{lost}"""
_PAIR = ("needs F1", "dangers raised", "false alarms", "acts")
_PAIRS_NOTE = (
    "95 % intervals of the differences, over the same draws of the messages: one that holds 0 shows nothing."
)
_NOTES = """Left-out: micro-F1 of needs · of alerts on the training part, at the thresholds kept. Needs: micro-F1 on {needs} messages;
« less the reader's »: 95 % interval over {draws} draws of the messages; « SMS »: the {sms} in SMS or
phonetic spelling. Alerts: danger messages that raise at least one. Near-misses: messages that only look like a danger.
Off-topic and noise: nothing is asked nor feared, and no act but `hors_sujet`, in {off_topic} sentences and {noise} strings
made for this page."""
_COSTS = """Training: seconds of processor (seconds that passed, on a shared machine). Model: files, without `fr_core_news_md`
(45 MB) where it is used. Memory: most ever held once the model is loaded, over the {base:.0f} MB of a process that has
imported Rasa and TensorFlow. Processor ms: median time of processor for a message. Same twice: largest difference
between the scores of two trainings on a few examples with the same seed; « – »: not tried. Unions: both, one after
the other."""


def render(
    found: Mapping[str, Mapping], messages: Sequence[Mapping], lost: Sequence[str], version: str
) -> str:
    """`found`: what run.py knows of each model; `lost`: those that could not be trained or read.

    `version`: commit of what was compared.
    """
    known = {name: found[name] for name in NAMES if name in found}
    reports = {name: score(messages, one["predictions"]) for name, one in known.items()}
    needs = [message for message in messages if "besoins" in message]
    any_model = next(iter(known.values()))
    head = _HEAD.format(
        version=version,
        date=datetime.now().astimezone().isoformat(timespec="minutes"),
        system=f"{platform.system()} {platform.machine()}",
        cores=os.cpu_count(),
        load=" to ".join(f"{f(one['load'] for one in known.values()):.1f}" for f in (min, max)),
        folds=FOLDS,
        lost=f" **Could not be run: {', '.join(lost)}.**" if lost else "",
    )
    notes = _NOTES.format(
        needs=len(needs),
        sms=sum(message["style"] in _SMS for message in needs),
        draws=_DRAWS,
        off_topic=len(any_model["off_topic"]),
        noise=len(any_model["noise"]),
    )
    costs = _COSTS.format(base=statistics.median(one["base_mb"] for one in known.values()))
    drawn = {name: _drawn(messages, one["predictions"]) for name, one in known.items()}
    quality = [_quality(name, known, reports[name], messages, drawn) for name in known]
    pairs = [
        [f"{NAMES[other]}, less {NAMES[one].strip('*')}", *map(_interval, (drawn[other] - drawn[one]).T)]
        for one, other in PAIRS
        if one in known and other in known
    ]
    price = [_cost(name, one) for name, one in known.items()]
    parts = [head, "## What is understood", _table(_QUALITY, quality), notes]
    parts += ["## Pair by pair", _table(_PAIR, pairs), _PAIRS_NOTE]
    return "\n\n".join([*parts, "## What it costs", _table(_COST, price), costs]) + "\n"


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head = ["Model", *columns], ["---", *("---:" for _ in columns)]
    return "\n".join(f"| {' | '.join(row)} |" for row in (*head, *rows))


def _quality(
    name: str, known: Mapping, report: Report, messages: Sequence[Mapping], drawn: Mapping[str, np.ndarray]
) -> list[str]:
    one = known[name]
    sms = sum((report.styles["besoin", style] for style in _SMS), Tally())
    near = score([m for m in messages if "besoins" not in m], one["predictions"]).calm
    others = [report.calm[0] - near[0], report.calm[1] - near[1]]
    return [
        NAMES[name],
        " · ".join(f"{one['best'][kind][1]:.3f}" for kind in KINDS[:2]) if one["best"] else "",
        f"{report.family('besoin').f1:.3f}",
        "" if name == "reader" else _interval(drawn[name][:, 0] - drawn["reader"][:, 0]),
        f"{sms.f1:.3f}",
        _share(report.dangers),
        _share(near),
        _share(others),
        _share(report.acts),
        _share([sum(map(_silent, one["off_topic"])), len(one["off_topic"])]),
        _share([sum(map(_silent, one["noise"])), len(one["noise"])]),
    ]


def _share(counts: Sequence[int]) -> str:
    return f"{counts[0]}/{counts[1]}"


def _silent(prediction: Mapping) -> bool:
    nothing = not prediction["besoins"] and not prediction["alertes"]
    return nothing and prediction["acte"] in (None, "hors_sujet")


def _drawn(messages: Sequence[Mapping], predictions: Mapping) -> np.ndarray:
    """Needs F1, share of dangers raised, share of false alarms, share of acts (columns) for each draw (rows)."""
    reports = [score([message], predictions) for message in messages]
    needs = [report.family("besoin") for report in reports]
    counts = np.array(
        [
            [2 * n.right, 2 * n.right + n.false + n.missed, *r.dangers, *r.calm, *r.acts]
            for n, r in zip(needs, reports, strict=True)
        ]
    )
    size = len(messages)
    weights = np.random.default_rng(SEED).multinomial(size, [1 / size] * size, size=_DRAWS)
    totals = weights @ counts
    return totals[:, ::2] / totals[:, 1::2]


def _interval(gaps: np.ndarray) -> str:
    low, high = np.quantile(gaps, (0.025, 0.975))
    return f"{low:+.3f} to {high:+.3f}"


def _cost(name: str, one: Mapping) -> list[str]:
    times = sorted(one["ms"])
    return [
        NAMES[name],
        f"{one['cpu_seconds']:.0f} ({one['seconds']:.0f})",
        f"{one['model_mb']:.1f}",
        f"+{one['more_mb']:.0f}",
        f"{statistics.median(one['cpu_ms']):.1f}",
        f"{statistics.median(times):.1f}",
        f"{times[int(0.95 * (len(times) - 1))]:.1f}",
        "–" if one["gap"] is None else "yes" if one["gap"] == 0 else f"{one['gap']:.0e}",
        ", ".join(f"{one['best'][kind][0]:.2f}" for kind in KINDS) if one["best"] else "",
    ]
