"""Between dispositifs of the same status, the order is the one that the needs give, never the alphabet."""

import pytest

from actions.orientation import orient
from data.build import read_documents
from rules import BaseError, load_base
from tests.built_base import ROOT, database

STATUS_RANK = {"oui": 0, "a_verifier": 1, "non": 2}


def told(needs: list[str], facts: dict) -> list[tuple[str, str]]:
    """Identifiers and statuses, in the order they are told."""
    answer = orient(database(), besoins=needs, faits=facts, limite=0)
    return [(item["id"], item["statut"]) for item in answer["dispositifs"]]


def test_a_woman_outside_is_told_the_115_before_the_night_shelter():
    names = [name for name, _ in told(["hebergement"], {"logement_actuel": "rue", "genre": "femme"})]
    assert names.index("hebergement_115") < names.index("halte_de_nuit")
    assert names[0] == "hebergement_115"


def test_courses_begin_with_what_is_given_without_a_social_worker():
    names = [name for name, _ in told(["courses"], {})]
    assert names.index("distribution_alimentaire") < names.index("epicerie_solidaire")


@pytest.mark.parametrize("need", [need.id for need in database().base.needs.values() if need.order])
@pytest.mark.parametrize(
    "facts", [{}, {"logement_actuel": "rue", "age": 40}, {"logement_actuel": "locataire_prive"}]
)
def test_for_one_need_each_status_follows_the_order_of_the_need(need, facts):
    order = database().base.needs[need].order
    found = told([need], facts)
    assert sorted(name for name, _ in found) == sorted(order)
    assert found == sorted(found, key=lambda item: (STATUS_RANK[item[1]], order.index(item[0])))


def test_a_service_second_for_both_needs_is_told_after_the_first_of_each():
    names = [name for name, _ in told(["douche", "lessive"], {})]
    assert names.index("bains_douches") < names.index("esi") < names.index("accueil_de_jour")
    assert "laverie_solidaire" in names


def test_without_a_need_the_night_comes_before_money():
    found = told([], {"logement_actuel": "rue", "ressources_mensuelles": 0})
    open_doors = [name for name, status in found if status == "oui"]
    assert open_doors[0] == "hebergement_115"


@pytest.mark.parametrize(
    ("order", "said"),
    [
        (["hebergement_115"], "n'a pas de place"),
        (
            ["hebergement_115", "halte_de_nuit", "siao_insertion", "animal_accueil", "daho", "rsa"],
            "« rsa » ne répond pas",
        ),
    ],
)
def test_an_order_that_forgets_or_adds_a_dispositif_is_refused(order, said):
    documents, _ = read_documents(ROOT)
    needs = documents["besoins.yml"]
    documents["besoins.yml"] = {**needs, "hebergement": {**needs["hebergement"], "ordre": order}}
    with pytest.raises(BaseError) as refused:
        load_base(documents)
    assert all(fault.file == "besoins.yml" for fault in refused.value.faults)
    assert said in str(refused.value)
