"""Libraries that Rasa imports at its start and that Jalon never calls, replaced by empty names.

Rasa imports TensorFlow for neural components that config.yml does not name, and the libraries of channels and stores
that endpoints.yml and credentials.yml do not name: half of the memory of the dialogue server and of its start. Here
they import as usual and hold nothing. A name may be inherited from, annotated with, caught, or used as a decorator,
which is all that Rasa does while it is imported; calling one raises NotInstalled.
"""

from __future__ import annotations

import abc
import importlib.abc
import sys
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

LEARNING = (
    "tensorflow", "tensorflow_hub", "tensorflow_text", "keras", "h5py", "jax", "transformers", "matplotlib",
)  # fmt: skip
SERVICES = (
    "aiogram", "fbmessenger", "mattermostwrapper", "rocketchat_API", "slack_sdk", "socketio", "twilio", "webexteamssdk",
    "aio_pika", "boto3", "botocore", "kafka", "pymongo", "prompt_toolkit", "questionary",
)  # fmt: skip
# To serve a model, not to train it: what fits it, plans its graph, and schedules reminders, of which there are none.
TRAINING = ("apscheduler", "dask", "joblib", "networkx", "sklearn", "sklearn_crfsuite")
ABSENT = frozenset((*LEARNING, *SERVICES))


class NotInstalled(RuntimeError):
    """Something called a library of ABSENT: a component, a channel or a store that Jalon did not name until now."""


class _Name(abc.ABCMeta):
    """The type of empty names: classes, since Rasa inherits from some, whose attributes are empty names too."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return _empty(f"{cls.__qualname__}.{name}")

    def __call__(cls, *arguments: Any, **options: Any) -> Any:
        if "_is_empty" in vars(cls) and len(arguments) == 1 and callable(arguments[0]) and not options:
            return arguments[0]  # a decorator
        raise NotInstalled(f"{cls.__qualname__} is not loaded: see assistant/absent.py")


def _empty(name: str) -> type:
    # An exception, or « except library.Error » would itself fail when another one passes.
    return _Name(name.rpartition(".")[2], (Exception,), {"_is_empty": True, "__qualname__": name})


class _Module(ModuleType):
    """A module, and a package, where every public name is an empty one."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return _empty(f"{self.__name__}.{name}")


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def __init__(self, absent: frozenset[str]):
        self._absent = absent

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        is_absent = fullname.partition(".")[0] in self._absent
        return ModuleSpec(fullname, self, is_package=True) if is_absent else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _Module(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Nothing to run."""


def install(training: bool = False) -> None:
    """Empty the libraries of ABSENT for this process, and unless it is for `training` those of TRAINING.

    To be called before Rasa is imported.
    """
    # spaCy asks whether TensorFlow is there, and uses it if so: it has to be told that it is not.
    sys.modules.update(dict.fromkeys(LEARNING))
    import spacy  # noqa: F401

    for name in LEARNING:
        del sys.modules[name]
    sys.meta_path.insert(0, _Finder(ABSENT if training else ABSENT.union(TRAINING)))
