"""A person in front of the page: reads the question, answers it with the mouse, the keyboard or no script at all."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from playwright.sync_api import Page

from rules.model import Base, Fact

READY = "#conversation[data-pret]:not([data-attente])"
MOST_TURNS = 14
_MOST_TABS = 60


def settle(page: Page) -> None:
    """Wait until the page's script has shown the answer."""
    page.wait_for_selector(READY)


def ask(page: Page, text: str) -> None:
    page.fill("#message", text)
    page.press("#message", "Enter")
    settle(page)


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).first.click()
    settle(page)


def focused(page: Page) -> str:
    return page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()")


@dataclass
class ByClicks:
    """Types in the field, presses buttons with the mouse. `cards`: each card seen, by its title, and its status."""

    page: Page
    base: Base
    cards: dict[str, str] = field(default_factory=dict)

    def write(self, text: str) -> None:
        self.page.fill("#message", text)
        press(self.page, "Envoyer")
        self.look()

    def choose(self, label: str) -> None:
        press(self.page, label)
        self.look()

    def look(self) -> None:
        found = self.page.eval_on_selector_all(
            "article.carte", "all => all.map((one) => [one.querySelector('h3').innerText, one.classList[1]])"
        )
        self.cards |= dict(found)

    @property
    def asked(self) -> Fact | None:
        """The fact that the last bubble asks."""
        said = _letters("".join(self.page.locator("#journal > li").last.locator("p").all_inner_texts()))
        return next((one for one in self.base.facts.values() if _letters(one.question) == said), None)

    def answer(
        self, replies: Mapping[str, object], until: Collection[str] = (), turns: int = MOST_TURNS
    ) -> list:
        """Answer until no question is left, or the cards `until` are seen; returns the facts asked.

        Who was given no answer to a question does not know.
        """
        asked = []
        while (fact := self.asked) and len(asked) < turns and not (until and self.cards.keys() >= set(until)):
            asked.append(fact.id)
            reply = replies.get(fact.id, {"appuie": "Je ne sais pas"})
            if isinstance(reply, dict):
                self.choose(reply["appuie"])
            else:
                self.write(str(reply))
        return asked


class ByKeyboard(ByClicks):
    """Never touches the mouse: from the field, the answers are reached backwards."""

    def write(self, text: str) -> None:
        self._reach("message", "Tab")
        self.page.keyboard.insert_text(text)
        self.page.keyboard.press("Enter")
        settle(self.page)
        self.look()

    def choose(self, label: str) -> None:
        self._reach(label, "Shift+Tab")
        self.page.keyboard.press("Enter")
        settle(self.page)
        self.look()

    def _reach(self, name: str, key: str) -> None:
        for _ in range(_MOST_TABS):
            if focused(self.page) == name:
                return
            self.page.keyboard.press(key)
        raise AssertionError(f"« {name} » hors d'atteinte au clavier")


class WithoutScript(ByClicks):
    """Each answer is a new page."""

    def write(self, text: str) -> None:
        self.page.fill("#message", text)
        self.choose("Envoyer")

    def choose(self, label: str) -> None:
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=label, exact=True).first.click()
        self.look()


def _letters(text: str) -> str:
    """What two texts cut otherwise into lines have in common."""
    return "".join(filter(str.isalnum, text))
