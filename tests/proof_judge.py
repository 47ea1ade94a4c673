"""Whether the reasons of a status are enough, and each of them needed: everybody possible is tried."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from tests.meaning import STATUS, YES, Everybody, Meaning, Person
from tests.strategies import group_of, leaves_of


class ProofJudge:
    """A tree, a day, and everybody who has one value per fact of `domains`.

    A « toujours » leaf is read as a fact of its own, true for everybody: a proof may then rest on it or not.
    """

    def __init__(self, meaning: Meaning, tree: Mapping, domains: Mapping[str, Sequence]):
        self.always = {f"toujours:{leaf['id']}": True for leaf, _ in leaves_of(tree) if "toujours" in leaf}
        facts = meaning.facts | {name: {"type": "bool"} for name in self.always}
        documents = {"faits.yml": facts, "calculs.yml": meaning.calculs, "baremes.yml": meaning.baremes}
        self.meaning, self.tree = Meaning(documents, meaning.day), _told_apart(tree)
        self.leaves = {leaf["id"]: (leaf, negated) for leaf, negated in leaves_of(self.tree)}
        doubts = {name: [True, False] for name in self.always if name in self.meaning.inputs(self.tree)}
        self.everybody = Everybody(self.meaning, self.tree, {**domains, **doubts})

    def ordinary(self) -> bool:
        """Whether each condition that compares is met by somebody and failed by somebody else."""
        leaves = [leaf for leaf, _ in self.leaves.values() if self.meaning.reads(leaf)]
        return all({True, False} <= self._truths(leaf, {})[1] for leaf in leaves)

    def wrong(self, status: str, reasons: Sequence[str], known: Person) -> str | None:
        """What is wrong with the reasons of a status for `known`: not enough, or one of them not needed."""
        outcomes = self._checked if status == "a_verifier" else self._proved
        wanted = {YES if status == "a_verifier" else STATUS.index(status)}
        here = {**known, **self.always}
        if outcomes(reasons, here) != wanted:
            return f"{reasons} are not enough"
        return next(
            (f"{one} is not needed in {reasons}" for one in reasons
             if outcomes([other for other in reasons if other != one], here) == wanted),
            None,
        )  # fmt: skip

    def _proved(self, reasons: Collection[str], known: Person) -> set[int]:
        """Outcomes of everybody for whom the reasons stand as they do for `known`.

        A condition that is not settled yet brings what is known of its facts.
        """
        told, answers = dict[str, object](), []
        for name in reasons:
            leaf = self.leaves[name][0]
            truth, found = self._truths(leaf, known)
            if len(found) == 1:
                answers.append((truth, found.pop()))
            else:
                told |= {fact: known[fact] for fact in self.meaning.reads(leaf) if fact in known}
        return {
            self.everybody.outcomes[index]
            for index in self.everybody.agreeing(told)
            if all(truth(self.everybody.person(index)) == answer for truth, answer in answers)
        }

    def _checked(self, reasons: Collection[str], known: Person) -> set[int]:
        """Outcomes of the people who agree with `known`, once each reason is settled favourably.

        A firm condition that facts still decide is settled by them; any other by a person who checks it.
        """
        by_fact = [name for name in reasons if self._open(name, known)]
        outcome = self.meaning.outcome(self.tree, met=set(reasons) - set(by_fact))
        tests = [self.meaning.leaf(*self.leaves[name]) for name in by_fact]
        people = [self.everybody.person(index) for index in self.everybody.agreeing(known)]
        return {outcome(person) for person in people if all(test(person) == YES for test in tests)}

    def _open(self, name: str, known: Person) -> bool:
        leaf = self.leaves[name][0]
        if not self.meaning.testable(leaf) or leaf["force"] == "souple":
            return False
        reads = self.meaning.reads(leaf)
        if len(reads) == 1 and leaf["fait"] == reads[0]:
            return reads[0] not in known
        return len(self._truths(leaf, known)[1]) > 1

    def _truths(self, leaf: Mapping, known: Person) -> tuple:
        truth = self.meaning.truth(leaf)
        people = map(self.everybody.person, self.everybody.agreeing(known))
        return truth, {truth(person) for person in people}


def _told_apart(node: Mapping) -> dict:
    group = group_of(node)
    if group:
        return {group: [_told_apart(child) for child in node[group]]}
    if "toujours" not in node:
        return dict(node)
    rest = {key: value for key, value in node.items() if key != "toujours"}
    return {**rest, "fait": f"toujours:{node['id']}", "egal": "oui"}
