"""`make bench-lisibilite`: how easy the texts are to read; writes bench/resultats/lisibilite.md and .json.

The drawing is made afterwards by bench.readability.plot, in the environment that has matplotlib.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence

from bench.readability import corpora, page
from bench.readability.figures import figures, measured, rare_words
from bench.readability.separation import auc_estimate, share
from cli.project import ROOT
from data.upkeep.rereadings import count, rereadings
from falc.gate import judge
from falc.lexicon import lexicon
from falc.model import BLOCKS, Text
from falc.reading import Reading, pieces_of, reading_of
from falc.sentences import read
from falc.syntax import Reader

RESULTS = ROOT / "bench" / "resultats"
_CACHE = ROOT / ".cache" / "falc.db"
_GROUP = 4  # sentences in a message


def main() -> None:
    reader = Reader(_CACHE)
    sets = {f"Jalon : {part}": texts for part, texts in corpora.product().items()}
    whole = [text for texts in sets.values() for text in texts]
    sets = {"Jalon, tous les textes": whole, **sets}
    for title, name in (
        ("Manière FALC", corpora.FALC),
        ("Manière administrative", corpora.ADMINISTRATIVE),
    ):
        sets[title] = [*corpora.written(name, corpora.OPEN), *corpora.written(name, corpora.APART)]
    documents = corpora.documents()
    readings = {name: _readings(texts, reader) for name, texts in {**sets, **documents}.items()}
    found = {name: figures(one) for name, one in readings.items()}
    product = readings["Jalon, tous les textes"]
    text = page.render(
        found,
        hardest=measured(product)[: page.HARDEST],
        rarest=rare_words(product, page.RAREST),
        separation=_separation(documents, reader),
        documents=tuple(documents),
        reread=count(rereadings()),
    )
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "lisibilite.md").write_text(text, encoding="utf-8")
    drawn = {
        name: [round(value, 1) for value in one.kandel_moles]
        for name, one in found.items()
        if name not in documents and " : " not in name
    }
    if documents:
        drawn["Les cinq documents de départ"] = [
            round(value, 1) for name in documents for value in found[name].kandel_moles
        ]
    known = {name: value for name, _, _, _, value in page.KNOWN}
    content = json.dumps({"mesures": drawn, "connus": known}, ensure_ascii=False)
    (RESULTS / "lisibilite.json").write_text(f"{content}\n", encoding="utf-8")
    print(text)


def _readings(texts: Iterable[Text], reader: Reader) -> list[Reading]:
    texts, names = list(texts), lexicon().names
    tokens = reader.read(pieces_of(texts))
    sentences = {words: read(words, names, found) for words, found in tokens.items()}
    return [reading_of(text, sentences) for text in texts]


def _separation(documents: dict[str, list[Text]], reader: Reader) -> list[page.Separation]:
    """The gate on the kept-apart sentences: alone, then four by four as in a message; then on real documents."""
    plain = corpora.written(corpora.FALC, corpora.APART)
    hard = {
        "phrases écrites à la manière de l'administration": corpora.written(
            corpora.ADMINISTRATIVE, corpora.APART
        )
    }
    if documents:
        hard["phrases des cinq documents de départ"] = [
            text for texts in documents.values() for text in texts
        ]
    found = [compared(f"1 phrase, face aux {name}", plain, texts, reader) for name, texts in hard.items()]
    together = [
        compared(f"{_GROUP} phrases, face aux {name}", _grouped(plain), _grouped(texts), reader)
        for name, texts in hard.items()
    ]
    return [*found, *together]


def compared(name: str, plain: Sequence[Text], hard: Sequence[Text], reader: Reader) -> page.Separation:
    """The gate on texts that should pass and on texts that should not. Raises Unavailable."""
    (plain_counts, plain_blocked), (hard_counts, hard_blocked) = _judged(plain, reader), _judged(hard, reader)
    return page.Separation(
        name,
        auc_estimate(plain_counts, hard_counts),
        auc_estimate(plain_blocked, hard_blocked),
        share(len(plain) - sum(plain_blocked), len(plain)),
        share(sum(hard_blocked), len(hard)),
    )


def _judged(texts: Sequence[Text], reader: Reader) -> tuple[list[int], list[int]]:
    """For each text: how many findings, and 1 when one of them blocks."""
    findings = judge(texts, lexicon(), reader)
    counts = Counter(finding.text.id for finding in findings)
    blocked = {finding.text.id for finding in findings if finding.level == BLOCKS}
    return [counts[text.id] for text in texts], [int(text.id in blocked) for text in texts]


def _grouped(texts: Sequence[Text]) -> list[Text]:
    whole = range(0, len(texts) - _GROUP + 1, _GROUP)
    return [
        corpora.as_text(f"{texts[first].id}+", " ".join(text.words for text in texts[first : first + _GROUP]))
        for first in whole
    ]


if __name__ == "__main__":
    main()
