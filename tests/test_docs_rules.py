"""docs/regles.md says what the reader of the rules accepts, and its examples are true."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import date

import pytest

from data.build import read_documents
from data.yaml_reader import parse_yaml
from rules import load_base, verify
from rules.checking.verification import MINIMUM_CASES
from rules.engine.formulas import OPERATORS
from rules.reading.faults import Reader
from tests.built_base import ROOT

GUIDE = (ROOT / "docs" / "regles.md").read_text(encoding="utf-8")
DOCUMENTS, _ = read_documents(ROOT)
BLOCKS = re.findall(r"^```yaml\n# (\S+)\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
MESSAGES = re.findall(r"^[\w/.]+\.yml:\d+ : (.+)$", GUIDE, re.MULTILINE)
MODEL = "dispositifs/exemple.yml"
TODAY = date(2026, 11, 21)

# Where the guide explains the keys of each file.
SECTIONS = {
    "dispositifs": ("Un dispositif", "Une condition"),
    "cas": ("Les cas",),
    "faits": ("Les faits",),
    "calculs": ("Les calculs", "Une condition"),
    "baremes": ("Les barèmes",),
} | dict.fromkeys(
    ("sources", "besoins", "presomptions", "alertes", "numeros", "interlocuteurs"), ("Les autres fichiers",)
)


def kind_of(file: str) -> str:
    if file.startswith("dispositifs/"):
        return "cas" if file.endswith(".cas.yml") else "dispositifs"
    return file.removesuffix(".yml")


def constants(*folders: str) -> Iterator[ast.AST]:
    for folder in folders:
        for path in sorted((ROOT / "rules" / folder).glob("*.py")):
            yield from ast.walk(ast.parse(path.read_text(encoding="utf-8")))


def parts(node: object) -> Iterator[object]:
    """A document and everything in it."""
    yield node
    below = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for child in below:
        yield from parts(child)


def named_by_editors() -> set[int]:
    """The mappings whose keys are names of the base (facts, sources, choices…), not keys of the format."""
    tables = [node for node in DOCUMENTS.values() if isinstance(node, dict) and "id" not in node]
    inside = [node for document in DOCUMENTS.values() for node in parts(document) if isinstance(node, dict)]
    names = [node[key] for node in inside for key in ("valeurs", "faits", "alors") if key in node]
    names += [presumption.get("si") for presumption in DOCUMENTS["presomptions.yml"]]
    return {id(node) for node in (*tables, *names)}


@pytest.fixture(scope="module")
def accepted() -> dict[str, set[str]]:
    """The keys that the reader asks for in each kind of file, used by today's base or not."""
    asked: dict[str, set[str]] = defaultdict(set)
    names = named_by_editors()
    get = Reader.get

    def remembered(self: Reader, key: str, *default: object) -> object:
        if id(self.node) not in names:
            asked[kind_of(self.file)].add(key)
        return get(self, key, *default)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Reader, "get", remembered)
        load_base(DOCUMENTS)
    # The rows of a table are read by the names of their facts: the code does not know them.
    in_code = {node.value for node in constants("reading") if isinstance(node, ast.Constant)}
    keys = {kind: found & in_code for kind, found in asked.items()}
    keys["dispositifs"] |= set(OPERATORS)
    return keys


def words_of(*titles: str) -> set[str]:
    """The words written as code in some sections of the guide."""
    text = "".join(
        part
        for title in titles
        for part in re.findall(rf"^## {title}\n(.*?)(?=^## |\Z)", GUIDE, re.MULTILINE | re.DOTALL)
    )
    code = [*re.findall(r"`([^`\n]+)`", text), *re.findall(r"^[ -]*(\w+):", text, re.MULTILINE)]
    return {word for span in code for word in re.findall(r"\w+", span)}


def test_every_kind_of_file_has_its_section(accepted):
    assert set(accepted) == set(SECTIONS)


@pytest.mark.parametrize("kind", SECTIONS)
def test_the_guide_names_every_key_of(kind, accepted):
    assert len(accepted[kind]) > 3
    assert accepted[kind] - words_of(*SECTIONS[kind]) == set()


def test_the_guide_names_every_file():
    files = {path.name for path in (ROOT / "rules" / "base").glob("*.yml")}
    assert {name for name in files if f"`{name}`" not in GUIDE} == set()


def is_in(example: object, document: object) -> bool:
    """Whether every item of a list, or every entry of a mapping, is written so in the document."""
    if isinstance(example, list):
        return all(any(part == item for part in parts(document)) for item in example)
    return any(isinstance(part, dict) and example.items() <= part.items() for part in parts(document))


@pytest.mark.parametrize(("file", "text"), [block for block in BLOCKS if block[0] != MODEL])
def test_an_example_is_in_the_base(file, text):
    example = parse_yaml(text, file)
    assert example and is_in(example, DOCUMENTS[file])


def test_the_model_of_a_dispositif_lacks_only_its_cases():
    model = parse_yaml(dict(BLOCKS)[MODEL], MODEL)
    needs = {
        key: need | ({"ordre": [*need["ordre"], model["id"]]} if key in model["besoins"] else {})
        for key, need in DOCUMENTS["besoins.yml"].items()
    }
    documents = DOCUMENTS | {MODEL: model, "besoins.yml": needs}
    found = verify(load_base(documents), TODAY, documents)
    about = [fault.message for fault in found if fault.file in (MODEL, "besoins.yml")]
    assert about == [f"Il y a 0 cas, il en faut {MINIMUM_CASES}."]


@pytest.fixture(scope="module")
def sentence() -> str:
    """How the reader and the verifier speak: any of their sentences, with anything for what they fill in."""
    patterns = set()
    for node in constants("reading", "checking"):
        pieces = node.values if isinstance(node, ast.JoinedStr) else [node]
        written = [
            p.value if isinstance(p, ast.Constant) and isinstance(p.value, str) else None for p in pieces
        ]
        if sum(map(str.isalpha, "".join(filter(None, written)))) >= 8:
            patterns.add("".join(".+" if part is None else re.escape(part) for part in written))
    return "|".join(sorted(patterns))


@pytest.mark.parametrize("message", MESSAGES)
def test_a_message_and_its_hint_are_what_jalon_says(message, sentence):
    assert re.fullmatch(f"(?:{sentence})(?: (?:{sentence}))?", message)
