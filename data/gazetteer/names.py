"""Names of places by their letters and by their sound, with the words that help to read them."""

from __future__ import annotations

from collections.abc import Iterable

from data.gazetteer.place import Lieu
from data.gazetteer.text import Token, fold, sound_of, tokenize

# Weight of a name: the official one is 1, then another one, a part of a compound name, a street
# without « rue »; a district yields to a station of the same name.
VARIANT, PART, BARE_STREET, DISTRICT = 0.98, 0.9, 0.83, 0.92

# Two places whose scores differ by less than this are as likely.
AMBIGUITY_MARGIN = 0.05


class PlaceIndex:
    """Every name of every place. Nothing changes once it is built.

    `letters` and `sounds` map a key to {place number: weight}; `buckets` groups the sound keys by their
    first sound; `by_word` maps the sound of a word to the places that have it in a name.
    """

    def __init__(self, places: Iterable[Lieu], lexicon: dict):
        self.places: tuple[Lieu, ...] = tuple(places)
        self._read_lexicon(lexicon)
        self.letters: dict[str, dict[int, float]] = {}
        self.sounds: dict[str, dict[int, float]] = {}
        self.letters_of_sound: dict[str, set[str]] = {}
        self.by_word: dict[str, set[int]] = {}
        self._vocabulary: set[str] = set()
        self._whole: set[str] = set()
        for number, place in enumerate(self.places):
            self._add_place(number, place)
        self._vocabulary -= self.ordinary
        self.all_letters = sorted(self.letters)
        self.all_sounds = sorted(self.sounds)
        self.buckets: dict[str, list[str]] = {}
        for sound in self.all_sounds:
            self.buckets.setdefault(sound[0], []).append(sound)

    def learn(self, names: Iterable[Iterable[Token]]) -> None:
        """Words of these names are never cut (« Rue Debrousse » is not « de Brousse »). Before any reading."""
        self._whole.update(token.word for name in names for token in name)

    def tokens(self, text: str) -> list[Token]:
        """Words of a text, abbreviations in full and glued words cut."""
        return tokenize(text, self._abbreviations, self._split)

    def name_tokens(self, name: str) -> list[Token]:
        """Words of the name of a place, abbreviations in full."""
        return tokenize(name, self._abbreviations)

    def content(self, tokens: list[Token]) -> list[Token]:
        """The words that count in a name."""
        return [token for token in tokens if token.word not in self.articles]

    def is_landmark(self, word: str) -> bool:
        """True for « gare », « porte », « métro »… and words that sound the same."""
        return self.as_landmark(word) in self.landmarks

    def as_landmark(self, word: str) -> str:
        """The landmark word that sounds like `word` (« gar » -> « gare »), else `word`."""
        return (
            word
            if word in self.landmarks or word in self.no_landmarks
            else self._landmark_sounds.get(sound_of(word), word)
        )

    def before(self, tokens: list[Token], first: int) -> int:
        """Position of the word before `first`, articles left out; -1 when there is none."""
        i = first - 1
        while i >= 0 and tokens[i].word in self.articles:
            i -= 1
        return i

    def _read_lexicon(self, lexicon: dict) -> None:
        self.articles = frozenset(lexicon["articles"])
        self.landmarks = {word: tuple(kinds) for word, kinds in lexicon["reperes"].items()}
        self._landmark_sounds = {sound_of(word): word for word in self.landmarks if len(word) > 3}
        self.no_landmarks = frozenset(lexicon["jamais_reperes"])
        self.kinds_after = frozenset(lexicon["reperes_derriere"])
        self.naming = frozenset(lexicon["noms_de_personnes"])
        self.streets = frozenset(lexicon["voies"])
        self.announcing = frozenset(lexicon["annonces"])
        self.verbs = frozenset(lexicon["verbes"])
        self.prepositions = frozenset(lexicon["prepositions"])
        self.ordinary = frozenset(lexicon["ordinaires"])
        self.lookalikes = frozenset(lexicon["ressemblances"])
        self.everyday = (
            self.ordinary | self.lookalikes | self.verbs | set(lexicon["rues"]["mots_de_tous_les_jours"])
        )
        # Alone, none of these names anything, even when it is a part of a compound name.
        self._empty = self.ordinary | self.lookalikes | self.streets | set(self.landmarks)
        self.common = self._empty | frozenset(lexicon["arrondissements"]["villes"])
        self.expressions: dict[str, list[tuple[str, ...]]] = {}
        for line in lexicon["expressions"]:
            words = tuple(line.split())
            self.expressions.setdefault(words[0], []).append(words)
        self._abbreviations = dict(lexicon["abreviations"])
        self._prefixes = tuple(sorted(lexicon["colles"], key=len, reverse=True))

    def _add_place(self, number: int, place: Lieu) -> None:
        if place.type == "arrondissement":
            return  # read by ArrondissementReader, in all its forms
        parts = place.nom.split(" - ")
        names = [(place.nom, 1.0), *((name, _variant_weight(place, name)) for name in place.variantes)]
        names += [(part, PART) for part in parts if len(parts) > 1 and not self._is_empty(part)]
        scale = DISTRICT if place.type == "quartier" else 1.0
        for name, weight in names:
            tokens = self.name_tokens(name)
            self._add_name(number, tokens, weight * scale)
            if place.type == "rue" and len(tokens) > 1:
                bare = self.content(tokens[1:])
                is_faubourg = bool(bare) and bare[0].word == "faubourg"
                self._add_name(number, bare, weight * (VARIANT if is_faubourg else BARE_STREET))

    def _is_empty(self, name: str) -> bool:
        words = {token.word for token in self.name_tokens(name)}
        return words <= self.articles | self._empty

    def _add_name(self, number: int, tokens: list[Token], weight: float) -> None:
        """Index a name with and without its articles."""
        content = self.content(tokens) or tokens
        for some in (content, tokens):
            letters, sound = "".join(t.word for t in some), "".join(t.sound for t in some)
            if not letters or not sound:
                continue
            for table, key in ((self.letters, letters), (self.sounds, sound)):
                weights = table.setdefault(key, {})
                weights[number] = max(weight, weights.get(number, 0.0))
            self.letters_of_sound.setdefault(sound, set()).add(letters)
        for token in content:
            self.by_word.setdefault(token.sound, set()).add(number)
            if len(token.word) >= 4:
                self._vocabulary.update((token.word, token.sound))

    def _split(self, word: str) -> list[str]:
        """« dlachapelle » -> dla, chapelle: short words glued to a word of a known name."""
        known = (
            word in self._vocabulary
            or word in self._whole
            or word in self._empty
            or sound_of(word) in self.sounds
        )
        return [word] if known or len(word) < 6 else self._unglue(word) or [word]

    def _unglue(self, word: str) -> list[str] | None:
        for prefix in self._prefixes:
            rest = word[len(prefix) :]
            if not word.startswith(prefix) or len(rest) < 5:
                continue
            if rest in self._vocabulary or (len(rest) > 5 and sound_of(rest) in self._vocabulary):
                return [prefix, rest]
            pieces = self._unglue(rest) if len(prefix) > 1 else None
            if pieces:
                return [prefix, *pieces]
        return None


def _variant_weight(place: Lieu, name: str) -> float:
    """« Saint-Ouen » is as good as « Saint-Ouen-sur-Seine »; another variant is a little less."""
    shortened = place.type == "commune" and fold(place.nom).startswith(fold(name))
    return 1.0 if shortened or name.isdigit() else VARIANT
