"""Random small bases, as documents: every kind of fact, of comparison, of amount, table and calculation.

Drawn from a seed, so that any case can be drawn again. Kept small: everybody can be tried.
"""

from __future__ import annotations

from datetime import date, timedelta
from itertools import combinations
from random import Random

AT = date(2026, 11, 21)
TREES = 3  # dispositifs of a base: they share the facts, hence the answers that the engine keeps
_SOURCE = {"s": {"titre": "Guide", "editeur": "Ville de Paris", "date": "2025"}}
_WORDS = {"libelle": "votre fait", "question": "Quel est votre fait ?", "pourquoi": "Pour répondre."}
_TEXTS = {"vrai": "C'est vrai.", "faux": "C'est faux.", "inconnu": "Ce n'est pas connu."}
_ORDERED = ("min", "max", "plus_de", "moins_de", "egal")


def draw(rng: Random, depth: int = 3) -> dict[str, object]:
    """The documents of one base, as `load_base` reads them; its trees are `depth` groups deep at most."""
    return _Drawing(rng).documents(depth)


def domains(documents: dict) -> dict[str, list]:
    """Every value of every fact of a drawn base."""
    found: dict[str, list] = {}
    for name, fact in documents["faits.yml"].items():
        if fact["type"] == "entier":
            found[name] = list(range(fact["min"], fact["max"] + 1))
        elif fact["type"] == "bool":
            found[name] = [True, False]
        elif fact["type"] == "choix":
            found[name] = list(fact["valeurs"])
        else:
            choices = fact["valeurs"]
            found[name] = [
                list(some) for size in range(1, len(choices) + 1) for some in combinations(choices, size)
            ]
    return found


class _Drawing:
    def __init__(self, rng: Random):
        self.rng = rng
        self.integers = {"age": self._integer(0, 5), "argent": self._integer(rng.choice([0, 7, 100]), 4)}
        self.facts = {
            **self.integers,
            "animal": self._fact("bool"),
            "suivi": self._fact("bool"),
            "logement": self._fact("choix", valeurs=self._choices("rue", "hotel", "locataire")),
            "lien": self._fact("choix_multiple", valeurs=self._choices("travail", "famille", "aucun")),
        }
        self.baremes = {f"bareme{index}": self._bareme() for index in range(3)}
        self.calculs: dict[str, dict] = {}
        for index in range(3):
            self.calculs[f"nombre{index}"] = self._about(calcul=self._expression(2))
        for index in range(2):
            self.calculs[f"notion{index}"] = self._about(si=self._notion(2))
        self.tables = {f"table{index}": self._table() for index in range(2)}

    def documents(self, depth: int) -> dict[str, object]:
        files: dict[str, object] = {
            "sources.yml": _SOURCE,
            "faits.yml": self.facts,
            "baremes.yml": self.baremes | self.tables,
            "calculs.yml": self.calculs,
            "besoins.yml": {"douche": {"libelle": "Une douche", "phrase": "Vous voulez vous laver."}},
        }
        for index in range(TREES):
            self.leaves = 0
            files[f"dispositifs/d{index}.yml"] = {
                "id": f"d{index}",
                "nom": "Une aide",
                "besoins": ["douche"],
                "texte": "C'est une aide.",
                "demarche": "Demandez à la mairie.",
                "conditions": self._tree(depth, top=True),
            }
        return files

    # --- facts, amounts, calculations -----------------------------------------------------------------

    @staticmethod
    def _fact(kind: str, **more: object) -> dict:
        return {"type": kind, "sujet": "personne", "cout": 1, **_WORDS, **more}

    def _integer(self, low: int, width: int) -> dict:
        return self._fact("entier", min=low, max=low + self.rng.randint(1, width))

    def _choices(self, *names: str) -> dict:
        kept = names[: self.rng.randint(2, len(names))]
        return {name: name.capitalize() for name in kept}

    def _about(self, **formula: object) -> dict:
        confidence = self.rng.choice(["haute"] * 8 + ["moyenne", "basse"])
        return {"libelle": "Un calcul", "confiance": confidence, "source": "s", **formula}

    def _period(self) -> dict:
        """Most often in force on the day; else ended the day before, or starting the day after."""
        kind = self.rng.randrange(12)
        if kind == 0:
            return {"du": None, "au": str(AT - timedelta(days=1))}
        if kind == 1:
            return {"du": str(AT + timedelta(days=1)), "au": None}
        return {"du": str(AT) if kind == 2 else None, "au": str(AT) if kind == 3 else None}

    def _bareme(self) -> dict:
        values = [{**self._period(), "valeur": self._number()}]
        if self.rng.random() < 0.3:
            values.append({"du": None, "au": None, "valeur": self._number()})
        return self._about(unite="EUR", valeurs=values)

    def _table(self) -> dict:
        rows = []
        for _ in range(self.rng.randint(1, 4)):
            keys = self.rng.sample([*self.integers, "animal", "logement", "nombre0"], self.rng.randint(1, 2))
            amount = self._number() if self.rng.random() < 0.6 else self._expression(1)
            rows.append({**{key: self._key(key) for key in keys}, "valeur": amount})
        value = {**self._period(), "selon": rows, "hors_table": "Les autres n'ont pas de plafond."}
        return self._about(unite="EUR", valeurs=[value])

    def _key(self, name: str) -> object:
        if name == "animal":
            return self.rng.choice(["oui", "non"])
        if name == "logement":
            return self.rng.choice(list(self.facts["logement"]["valeurs"]))
        low, high = sorted(self._integer_near(name) for _ in range(2))
        return self.rng.choice([low, [low, high], [None, high], [low, None]])

    def _integer_near(self, name: str) -> int:
        fact = self.integers.get(name)
        return self.rng.randint(fact["min"], fact["max"]) if fact else self.rng.randint(-3, 15)

    def _number(self) -> float:
        return self._integer_near(self.rng.choice([*self.integers, ""])) + self.rng.choice(
            [0, 0, 0, 0.5, 0.3]
        )

    def _expression(self, depth: int) -> str:
        rng = self.rng
        if depth == 0 or rng.random() < 0.15:
            return str(rng.choice([*self.integers, *self.integers, *self._numbers(), rng.randint(0, 3), 0.5]))
        left, right = self._expression(depth - 1), self._expression(depth - 1)
        symbol = rng.choice(["+", "+", "-", "-", "*", "/", "min", "max"])
        return f"{symbol}({left}, {right})" if symbol in ("min", "max") else f"({left} {symbol} {right})"

    def _numbers(self) -> list[str]:
        calculations = [name for name, calcul in self.calculs.items() if "calcul" in calcul]
        return calculations + ([self.rng.choice(list(self.baremes))] if self.rng.random() < 0.2 else [])

    def _notion(self, depth: int) -> dict:
        if depth == 0 or self.rng.random() < 0.3:
            return self._comparison()
        group = self.rng.choice(["tous", "au_moins_un", "aucun"])
        return {group: [self._notion(depth - 1) for _ in range(self.rng.randint(1, 3))]}

    # --- trees ----------------------------------------------------------------------------------------

    def _tree(self, depth: int, top: bool = False) -> dict:
        if depth == 0 or (not top and self.rng.random() < 0.35):
            return self._leaf()
        group = self.rng.choice(["tous", "tous", "au_moins_un", "au_moins_un", "aucun"])
        return {group: [self._tree(depth - 1) for _ in range(self.rng.randint(2 if top else 1, 3))]}

    def _leaf(self) -> dict:
        self.leaves += 1
        kind = self.rng.random()
        test = self._comparison()
        if kind < 0.06:
            test = {"a_verifier": True, "qui": "La mairie"}
        elif kind < 0.1:
            test = {"toujours": "oui"}
        return {
            "id": f"c{self.leaves}",
            **test,
            "force": self.rng.choice(["ferme"] * 4 + ["souple"]),
            "confiance": self.rng.choice(["haute"] * 12 + ["moyenne", "basse"]),
            "source": "s",
            **(self._period() if self.rng.random() < 0.2 else {}),
            **_TEXTS,
        }

    def _comparison(self) -> dict:
        rng = self.rng
        calculations = list(self.calculs)
        name = rng.choice(
            [*self.integers, *self.facts, *calculations] if calculations else [*self.integers, *self.facts]
        )
        if name in self.integers or "calcul" in self.calculs.get(name, {}):
            return {"fait": name, **self._on_a_number(name)}
        if name in ("animal", "suivi") or name in self.calculs:
            return {"fait": name, "egal": rng.choice(["oui", "non"])}
        choices = list(self.facts[name]["valeurs"])
        some = rng.sample(choices, rng.randint(1, len(choices)))
        one, several = ("egal", "parmi") if name == "logement" else ("contient", "contient_un_de")
        return {"fait": name, **rng.choice([{one: some[0]}, {several: some}])}

    def _on_a_number(self, name: str) -> dict:
        rng = self.rng
        operator = rng.choice(_ORDERED)
        amounts = [*self.baremes, *getattr(self, "tables", ())]
        if rng.random() < 0.25:
            return {operator: {"bareme": rng.choice(amounts)}}
        if rng.random() < 0.1:
            return {"parmi": [self._integer_near(name) for _ in range(rng.randint(1, 3))]}
        return {operator: self._integer_near(name)}
