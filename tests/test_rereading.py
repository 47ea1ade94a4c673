"""People with an intellectual disability judge the texts: on paper they can hold, and nothing is claimed before."""

from __future__ import annotations

import re
from datetime import date
from io import BytesIO

import pytest
from click.testing import CliRunner
from pypdf import PdfReader

from channels.fiche.pdf import PdfUnavailable, make_pdf
from cli import rereading
from cli.main import jalon
from data.upkeep.rereadings import Rereading, RereadingError, code_of, count, keep, rereadings
from data.yaml_reader import YamlError
from falc.collecting import collect
from falc.rereading.booklet import booklet
from falc.rereading.chapters import chapters
from tests.built_base import ROOT

TODAY = date(2026, 11, 21)


@pytest.fixture(scope="module")
def found():
    return {chapter.key: chapter for chapter in chapters(collect(ROOT), ROOT)}


@pytest.fixture
def command(tmp_path, found, monkeypatch):
    """Run `jalon relecture` on the real texts, with an empty file of opinions."""
    (tmp_path / "data").mkdir()
    monkeypatch.setattr(rereading, "_chapters", lambda: list(found.values()))
    monkeypatch.setattr(rereading, "keep", lambda one: keep(one, tmp_path))
    monkeypatch.setattr(rereading, "rereadings", lambda _: rereadings(tmp_path))
    runner = CliRunner()
    return lambda *words: runner.invoke(jalon, ["relecture", *words])


def test_every_wording_is_in_the_booklets_once(found):
    codes = [item.code for chapter in found.values() for item in chapter.items]
    assert len(codes) == len(set(codes)) > 1000
    assert {code_of(text.words) for text in collect(ROOT) if text.kind == "question"} <= set(codes)


def test_the_dangers_come_first_and_every_need_has_its_booklet(found):
    assert next(iter(found)) == "dangers"
    assert found["douche"].title == "Prendre une douche"
    assert any("douche" in item.words for item in found["douche"].items)


def test_the_booklet_is_paper_that_can_be_read(found):
    html = booklet([found["douche"]], ROOT, TODAY)
    try:
        pdf = PdfReader(BytesIO(make_pdf(lambda _: (html, {}), pages=1000)))
    except PdfUnavailable:
        pytest.skip("Pango est absent : voir docs/running.md")
    pages = [page.extract_text() for page in pdf.pages]
    assert "Guide pour la personne qui anime" in pages[0] and "Avant" in pages[0] and "Après" in pages[0]
    assert "Prendre une douche" in pages[1]  # the guide takes one page
    assert all(f"Page {rank} sur {len(pages)}" in page for rank, page in enumerate(pages, 1))
    whole = " ".join("".join(pages).split())
    for item in found["douche"].items:
        assert item.code in whole and all(" ".join(line.split()) in whole for line in item.lines)
    count_of_texts = len(found["douche"].items)
    assert whole.count("Mes mots") == whole.count("J'ai compris") == count_of_texts
    sizes = re.findall(r"font(?:-size)?:[^;}]*?(\d+)pt", html)
    assert sizes and min(map(int, sizes)) >= 14
    assert not re.search(r"#(?!000|fff)[0-9a-f]{3}\b", html)  # black and white


def test_an_opinion_is_kept_and_counted(command, found, tmp_path):
    item = found["douche"].items[1]
    assert "0 texte relu sur" in command("etat").output
    done = command(
        *("noter", item.code.lower(), "--par", "Groupe du jeudi", "--le", "2026-11-21"),
        *("--avis", "pas_compris", "--mots", "Une douche où on ferme la porte : c'est gratuit"),
    )
    assert done.exit_code == 0 and item.words in done.output
    assert rereadings(tmp_path) == [
        Rereading(
            *(item.code, item.where, "Groupe du jeudi", "2026-11-21", "pas_compris"),
            words="Une douche où on ferme la porte : c'est gratuit",
        )
    ]
    state = command("etat").output
    assert "1 texte relu sur" in state
    assert f"À réécrire : {item.where}" in state and "on ferme la porte" in state
    again = command("noter", item.code, "--par", "K. B.", "--avis", "compris")
    assert again.exit_code == 0 and count(rereadings(tmp_path)) == 1


def test_a_text_that_changed_is_not_reread_any_more(command, tmp_path):
    gone = code_of("Une phrase d'avant.")
    keep(Rereading(gone, "actions/textes.yml#fin", "K. B.", "2026-11-21", "compris"), tmp_path)
    state = command("etat").output
    assert f"À retirer de data/relectures.yml : {gone}" in state and "0 texte relu sur" in state
    refused = command("noter", gone, "--par", "K. B.", "--avis", "compris")
    assert refused.exit_code == 1 and "changé depuis le livret" in refused.output


@pytest.mark.parametrize(
    ("by", "words", "said"),
    [
        ("", "", "initiales"),
        ("karim@exemple.fr", "", "ne se garde pas"),
        ("K. B.", "Appelez-moi au 06 12 34 56 78", "ne se garde pas"),
        ("K. B.", "a" * 501, "trop longs"),
    ],
)
def test_nothing_personal_is_kept(tmp_path, by, words, said):
    with pytest.raises(RereadingError, match=said):
        keep(Rereading("K7QF2A", "ici", by, "2026-11-21", "compris", words), tmp_path)
    assert not (tmp_path / "data" / "relectures.yml").exists()


def test_a_broken_file_is_named_with_its_line(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "relectures.yml").write_text(
        '- {texte: K7QF2A, ou: ici, par: K. B., le: "2026-11-21", avis: compris}\n- {texte: K7QF2A}\n'
    )
    with pytest.raises(YamlError) as fault:
        rereadings(tmp_path)
    assert fault.value.line == 2


def test_the_wordings_said_to_be_reread_are_those_of_today(found):
    codes = {item.code for chapter in found.values() for item in chapter.items}
    assert {one.text for one in rereadings()} <= codes, "jalon relecture etat says which lines to remove"


def test_nobody_claims_the_label_before_people_read():
    """« FALC » may be named to say that we have not got it, or to name rules; never as what our texts are."""
    claims = re.compile(
        r"(?:est|sont|en|100 %|certifié\w*|label\w*|écrit\w* en|rédigé\w* en|textes?|page|version) (?:le )?FALC\b",
        re.IGNORECASE,
    )
    pages = [
        *(ROOT / "channels").rglob("*.html"),
        *(ROOT / "channels").rglob("*.yml"),
        *(ROOT / "channels").rglob("*.js"),
        *(ROOT / "actions").glob("*.yml"),
        ROOT / "README.md",
        ROOT / "docs" / "accessibilite.md",
    ]
    if count(rereadings()):
        pytest.skip("people have read texts: what may be claimed is to be decided with them")
    for path in pages:
        for line in path.read_text(encoding="utf-8").splitlines():
            if claims.search(line):
                assert re.search(
                    r"ne dit (?:donc )?pas|n'est pas|ne sont pas|not claim|n'en portent", line
                ), (path, line)
