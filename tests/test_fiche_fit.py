"""The sheet before paper: what it says, what it never says, and what leaves first when there is too much."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actions.orientation import orient
from channels.fiche.fit import PAGE, back_mm, fitted, side_mm, text_mm
from channels.fiche.pdf import with_halos
from channels.fiche.view import MOST_ANSWERS, Answer, Place, Sheet, sheet

WORDS = st.lists(
    st.sampled_from(["Appelez", "le", "lieu", "domiciliation", "avant.", "Venez", "à"]), max_size=40
)
TEXT = WORDS.map(" ".join)
LINES = st.lists(TEXT, max_size=4).map(tuple)
REASON = st.fixed_dictionaries(
    {
        "resultat": st.sampled_from(["vrai", "faux", "inconnu"]),
        "texte": TEXT,
        "confiance": st.just("haute"),
        "source": st.none()
        | st.fixed_dictionaries(
            {"titre": TEXT, "editeur": st.just("Ville de Paris"), "date": st.just("2026"), "adresse": st.just("https://a.fr")}
        ),
    }
)  # fmt: skip
PLACES = st.builds(
    Place, id=st.sampled_from("abc"), name=st.just("Lieu"), address=st.just("1 rue A"), metro=st.none() | TEXT,
    hours=TEXT, phone=st.just("01 00 00 00 00"), terms=TEXT, checked=st.just("2026-02-16"), to_check=st.booleans(),
    source=st.none() | TEXT,
)  # fmt: skip
ANSWERS = st.builds(
    Answer, id=st.text("abc", min_size=1), name=st.just("Aide"), status=st.just("oui"), unconditional=st.booleans(),
    text=TEXT, steps=TEXT, documents=LINES, to_check=LINES, notes=LINES, place=st.none() | PLACES,
    reasons=st.lists(REASON, max_size=4).map(tuple), missing=LINES, prescriber=st.none(),
)  # fmt: skip
SHEETS = st.builds(
    Sheet, day=st.just("2026-11-21"), asked=LINES, names=st.just(("Aide",)), near=st.none(),
    answers=st.lists(ANSWERS, max_size=MOST_ANSWERS).map(tuple), help=st.just({"texte": "Appelez le 39 75."}),
    back=st.booleans(), notes=LINES,
)  # fmt: skip


def of(db, needs=(), chosen=None, notes="", **facts) -> Sheet:
    found = orient(db, besoins=list(needs), faits=facts, limite=1, dispositifs=chosen)
    labels = {need: db.base.needs[need].label for need in needs}
    names = {name: fact.label for name, fact in db.base.facts.items()}
    return sheet(found, needs=labels, fact_names=names, chosen=bool(chosen), notes=notes)


def essential(answer: Answer) -> Answer:
    place = answer.place and replace(answer.place, terms="")
    return replace(answer, text="", to_check=(), notes=(), reasons=(), place=place)


@settings(max_examples=50, deadline=None)
@given(SHEETS)
def test_what_leaves_is_whole_and_the_essential_of_the_first_answer_stays(whole):
    found = fitted(whole)
    alone = replace(whole, answers=tuple(essential(answer) for answer in whole.answers[:1]))
    assert text_mm(found) <= max(PAGE, text_mm(alone))
    assert side_mm(found) <= max(
        PAGE, side_mm(replace(found, names=(), asked=found.asked[:1], most_sources=1))
    )
    assert back_mm(found) <= max(PAGE, back_mm(replace(found, answers=tuple(map(essential, found.answers)))))
    assert len(found.answers) >= min(1, len(whole.answers))
    for kept, before in zip(found.answers, whole.answers, strict=False):
        assert essential(kept) == essential(before)
        for part in ("text", "to_check", "notes"):
            assert getattr(kept, part) in (getattr(before, part), type(getattr(before, part))())
    assert found.asked[:1] == whole.asked[:1]
    assert (found.help, found.day, found.notes) == (whole.help, whole.day, whole.notes)


@settings(max_examples=50, deadline=None)
@given(SHEETS)
def test_a_sheet_that_fits_is_left_as_it_is(whole):
    if max(text_mm(whole), side_mm(whole), back_mm(whole)) <= PAGE:
        assert fitted(whole) == whole


def test_every_dispositif_of_the_base_has_a_sheet_of_one_page(base):
    for name in base.base.dispositifs:
        found = fitted(of(base, chosen=[name], lieu="Gare du Nord"))
        assert [answer.id for answer in found.answers] == [name]
        assert max(text_mm(found), side_mm(found)) <= PAGE, name


def test_each_need_asked_has_its_answer_before_a_second_answer_to_the_same(base):
    found = of(base, needs=["douche", "argent", "sante"], arrondissement=18)
    for need, answer in zip(("douche", "argent", "sante"), found.answers, strict=True):
        assert need in base.base.dispositifs[answer.id].needs


def test_what_is_not_told_is_at_least_named(base):
    found = fitted(of(base, needs=["adresse", "argent", "sante"], lieu="Gare de Lyon"))
    assert found.others and not set(found.others) & {answer.name for answer in found.answers}


def test_a_dispositif_that_is_not_for_them_is_told_only_when_it_was_chosen(base):
    assert all(answer.status != "non" for answer in of(base, needs=["argent"], age=70).answers)
    chosen = of(base, chosen=["fajp"], age=70)
    assert chosen.answers[0].status == "non" and chosen.answers[0].to_check


def test_hours_are_those_of_the_week_and_never_of_this_minute(base):
    for need in base.base.needs:
        for answer in of(base, needs=[need], lieu="Gare du Nord").answers:
            if answer.place:
                assert answer.place.hours and "maintenant" not in answer.place.hours.lower()


@pytest.mark.parametrize("notes, lines", [("", 0), ("a\n\n b \r\nc", 3), ("x\n" * 700, 20)])
def test_lines_of_notes_are_kept_and_cannot_fill_the_page(base, notes, lines):
    found = of(base, needs=["douche"], notes=notes)
    assert len(found.notes) == lines and found.back == bool(lines)
    assert "".join(found.notes).count("x") == notes.count("x")


def test_letters_of_the_plan_are_drawn_over_their_white_edge():
    edged = '<text fill="#000" stroke="#fff" stroke-width="3" paint-order="stroke"><tspan>Vous</tspan></text>'
    found = with_halos(f"<svg>{edged}</svg>")
    assert "paint-order" not in found
    assert found.index("stroke-width") < found.rindex('<text fill="#000"><tspan>Vous')
