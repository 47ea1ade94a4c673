"""A sentence of the conversation that an editor broke is told before anybody is left without an answer."""

from __future__ import annotations

import shutil

import pytest

from actions.texts import ACKNOWLEDGEMENTS, FILE, VARIANTS, text_faults
from tests.built_base import ROOT


@pytest.fixture
def copy(tmp_path):
    (tmp_path / "actions").mkdir()
    for name in (FILE, VARIANTS, ACKNOWLEDGEMENTS):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("{lieu}", "{endroit}", "« {endroit} » n'est pas connu dans « lieu_inconnu ». Ici, vous pouvez écrire « {lieu} »."),
        ("\nfin:", "\nfini:", "Il manque « fin » : le programme en a besoin. Remettez ce nom à la place de « fini »."),
        ('\nhumain: "', '\nhumain: "{prenom}, ', "« {prenom} » n'est pas connu dans « humain ». Retirez les accolades."),
        ('\nfin: "', '\nfin: "La "fin" ', "YAML illisible"),
    ],
)  # fmt: skip
def test_a_broken_sentence_is_named(copy, old, new, said):
    assert text_faults(copy) == []
    text = (copy / FILE).read_text(encoding="utf-8")
    assert old in text
    (copy / FILE).write_text(text.replace(old, new, 1), encoding="utf-8")
    assert any(said in str(fault) for fault in text_faults(copy)), [str(fault) for fault in text_faults(copy)]


@pytest.mark.parametrize(
    ("file", "line", "said"),
    [
        (VARIANTS, 'finn: ["Autre chose ?"]', "« finn » n'existe pas."),
        (VARIANTS, 'telephone: "Appelez."', "« telephone » : il faut une liste de phrases."),
        (VARIANTS, 'telephone: ["Appelez {nom}."]', "« {nom} » n'est pas connu dans « telephone »."),
        (ACKNOWLEDGEMENTS, 'genre: "vous êtes {genre}"', "« {genre} » n'est pas connu dans « genre »."),
    ],
)
def test_a_broken_variant_or_acknowledgement_is_named_with_its_line(copy, file, line, said):
    with (copy / file).open("a", encoding="utf-8") as edited:
        edited.write(line + "\n")
    lines = len((copy / file).read_text(encoding="utf-8").splitlines())
    (fault,) = text_faults(copy)
    assert (fault.file, fault.line) == (file, lines) and said in fault.message
