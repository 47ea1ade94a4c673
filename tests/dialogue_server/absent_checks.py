"""What assistant/absent.py empties; in a process of its own, because it must come before Rasa."""

from __future__ import annotations

import asyncio
import sys
import unittest

from assistant import absent

absent.install()

from rasa.core.tracker_store import TrackerStore
from rasa.engine.recipes import default_components  # noqa: F401  (all that a config.yml may name)
from rasa.utils.endpoints import EndpointConfig


class Absent(unittest.TestCase):
    def test_rasa_imports_without_loading_any_of_them(self):
        loaded = {
            name
            for name, module in list(sys.modules.items())
            if name.partition(".")[0] in absent.ABSENT.union(absent.TRAINING) and getattr(module, "__file__", None)
        }
        self.assertEqual(loaded, set())
        self.assertIn("tensorflow", sys.modules)

    def test_spacy_does_not_believe_that_tensorflow_is_there(self):
        from thinc import compat

        self.assertFalse(compat.has_tensorflow)

    def test_using_one_says_which_and_where_to_look(self):
        import tensorflow

        with self.assertRaisesRegex(absent.NotInstalled, "tensorflow.keras.Model.*absent.py"):
            tensorflow.keras.Model(1, 2)

    def test_a_store_that_needs_one_fails_rather_than_keeping_nothing(self):
        with self.assertRaises(absent.NotInstalled):
            TrackerStore.create(EndpointConfig(type="mongod", url="mongodb://127.0.0.1:1"))

    def test_an_error_of_another_kind_passes_through_a_clause_that_names_one(self):
        import botocore.exceptions

        with self.assertRaises(ZeroDivisionError):
            try:
                raise ZeroDivisionError
            except botocore.exceptions.BotoCoreError:
                self.fail("caught")


class Session(unittest.TestCase):
    def test_one_session_serves_all_the_actions_of_a_loop(self):
        from assistant import patches

        patches.apply()
        endpoint = EndpointConfig(url="http://127.0.0.1:1")

        async def twice() -> list[object]:
            found = []
            for _ in range(2):
                async with endpoint.session() as session:
                    found.append(session)
            self.assertFalse(found[0].closed)
            await found[0].close()
            return found

        first, second = asyncio.run(twice())
        self.assertIs(first, second)
        self.assertIsNot(asyncio.run(twice())[0], first)


if __name__ == "__main__":
    unittest.main()
