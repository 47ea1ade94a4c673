"""A message sent twice is answered once, and nothing is kept for long."""

from channels.replay import KEPT_S, LastAnswers


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_the_same_sending_finds_its_answer_and_another_one_does_not():
    last = LastAnswers(Clock())
    last.keep("s", "a", "Oui", {"n": 1})
    assert last.find("s", "a", "Oui") == {"n": 1}
    assert last.find("s", "b", "Oui") is None
    assert last.find("s", "a", "Non") is None, "an old page, another button"
    assert last.find("t", "a", "Oui") is None


def test_only_the_last_answer_is_kept_and_a_sending_without_a_name_never():
    last = LastAnswers(Clock())
    last.keep("s", "a", "Oui", {"n": 1})
    last.keep("s", "", "Oui", {"n": 2})
    assert last.find("s", "a", "Oui") is None and last.find("s", "", "Oui") is None


def test_it_forgets_when_asked_and_after_some_minutes():
    clock = Clock()
    last = LastAnswers(clock)
    last.keep("s", "a", "Oui", {"n": 1})
    last.forget("s")
    assert last.find("s", "a", "Oui") is None
    last.keep("s", "a", "Oui", {"n": 1})
    clock.now = KEPT_S
    assert last.find("s", "a", "Oui") is None


def test_the_memory_is_bounded():
    last = LastAnswers(Clock())
    for number in range(2000):
        last.keep(str(number), "a", "Oui", {})
    assert last.find("0", "a", "Oui") is None and last.find("1999", "a", "Oui") == {}
