"""What Jalon itself must have: right settings, a base, a model, its processes, its queue of SMS, a backup."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Mapping
from datetime import date

from assistant import journal
from assistant.server import ModelError, read_model
from channels.metrics.snapshot import old_data
from channels.settings import read_settings
from channels.sms import overview
from channels.sms.providers import open_gateway
from channels.sms.settings import read_sms_settings
from cli import supervisor
from cli.base_state import is_up_to_date as base_is_up_to_date
from cli.operations.findings import FAILURE, OK, WATCH, Finding
from cli.operations.saving import LAST
from cli.project import PENDING, fingerprint
from cli.training import SOURCES, is_up_to_date
from data.base_file import DEFAULT_PATH, DatabaseError
from data.city import read_city
from data.database import open_database
from data.sql.errors import StoreError

_OLD_BASE_DAYS = 90
_OLD_BACKUP_DAYS = 7
_LONG_WAIT_S = 300


def settings(environment: Mapping[str, str] = os.environ) -> Iterator[Finding]:
    """Every JALON_ variable that cannot be used; the messages name variables, never secrets."""
    numbers = (*_PORTS, supervisor.DOORS, supervisor.DIALOGUES)
    reads = (read_settings, read_city, journal.wants_json, *(one.number for one in numbers))
    faults = []
    for read in reads:
        try:
            read(environment)
        except ValueError as error:
            faults.append(str(error))
    for fault in dict.fromkeys(faults):
        yield Finding("réglages", FAILURE, fault, "Voir docs/running.md.")
    if not faults:
        count = sum(name.startswith("JALON_") for name in environment)
        yield Finding("réglages", OK, f"{count} variables JALON_ dans ce terminal, toutes lisibles.")


def base() -> Iterator[Finding]:
    """The built base: there, whole, made from the present files, and not too old."""
    path = os.environ.get("JALON_BASE") or DEFAULT_PATH
    try:
        db = open_database(path)
    except DatabaseError as error:
        yield Finding("base", FAILURE, str(error), "« jalon construire »")
        return
    try:
        fault = db.connection.execute("PRAGMA quick_check").fetchone()[0]
        if fault != "ok":
            yield Finding(
                "base", FAILURE, "Le fichier est abîmé.", "« jalon construire », puis « jalon essayer »."
            )
            return
        yield Finding("base", OK, f"Version {db.version}, construite le {db.built_on[:10]}.")
        if not base_is_up_to_date():
            yield Finding(
                "base",
                WATCH,
                "Les fichiers ont changé depuis.",
                "« jalon construire », puis « jalon essayer ».",
            )
        yield from _age(db)
    finally:
        db.close()


def _age(db) -> Iterator[Finding]:
    today = date.today()
    if (days := (today - date.fromisoformat(db.built_on[:10])).days) > _OLD_BASE_DAYS:
        yield Finding(
            "fraîcheur", WATCH, f"La base a {days} jours.", "« jalon fraicheur », puis « jalon construire »."
        )
    places, facts, rules = old_data(db, today)
    if rules:
        yield Finding(
            "règles",
            WATCH,
            f"{rules} conditions ne valent plus : leur période est finie.",
            "« jalon verifier »",
        )
    told = ", ".join(f"{fact} {count}" for fact, count in facts.most_common())
    yield Finding("lieux", OK, f"{places} lieux. À revoir : {told or 'rien'} (« jalon fraicheur »).")


def model() -> Iterator[Finding]:
    """The trained model: there, the one that was trained here, made from the present files."""
    try:
        path = read_model()
    except ModelError as error:
        yield Finding("modèle", FAILURE, str(error), "« jalon entrainer »")
        return
    if is_up_to_date(fingerprint(SOURCES)):
        yield Finding("modèle", OK, f"{path.name}, à jour.")
    else:
        said = f"{path.name} : ses fichiers ont changé depuis."
        yield Finding("modèle", WATCH, said, "« jalon entrainer », puis « jalon essayer ».")


_PORTS = (supervisor.DOOR, supervisor.RASA, supervisor.ACTIONS)
_NAMES = {"base": "la base ouverte", "rasa": "le serveur de dialogue", "actions": "le serveur d'actions"}


def processes() -> Iterator[Finding]:
    """The door on this machine, and what it says of the rest."""
    try:
        port = supervisor.DOOR.number()
    except ValueError:
        return  # told with the settings
    states = supervisor.health(port)
    if states:
        yield Finding("porte", OK, f"Elle répond sur le port {port}.")
        for part, state in states.items():
            well = state == "ok"
            mend = "" if well else "Voyez le journal de ce processus, puis relancez « jalon servir »."
            said = f"{_NAMES.get(part, part).capitalize()} {'répond' if well else 'ne répond pas'}."
            yield Finding(part, OK if well else FAILURE, said, mend)
        return
    if not supervisor.is_free(port):
        said = f"Le port {port} est pris, mais ce n'est pas Jalon qui répond, ou il n'en peut plus."
        yield Finding("porte", FAILURE, said, f"« ss -ltnp 'sport = :{port}' » dit qui le tient.")
        return
    yield Finding(
        "porte",
        FAILURE,
        f"Rien n'écoute sur le port {port}.",
        "« jalon servir », ou JALON_PORT si c'est un autre.",
    )


def sms() -> Iterator[Finding]:
    """The SMS channel: complete settings, a queue that is read, answers that leave."""
    try:
        found = read_sms_settings(os.environ)
    except ValueError:
        return  # told with the settings
    if found is None:
        yield Finding("SMS", OK, "Le canal est fermé (JALON_SMS_FOURNISSEUR n'est pas réglé).")
        return
    try:
        open_gateway(found.provider, found.variables)
    except ValueError as error:
        yield Finding("SMS", FAILURE, f"{found.provider} : {error}", "Voir docs/passerelles-sms.md.")
        return
    try:
        state = overview.state(found, time.time())
    except (StoreError, OSError) as error:
        said = f"La file ne se lit pas ({error if isinstance(error, StoreError) else error.strerror})."
        yield Finding("SMS", FAILURE, said, "Si Jalon n'a jamais démarré avec ce canal, démarrez-le.")
        return
    dead, spent = sum(state["lettres_mortes"].values()), state["jour"].get("euros", 0)
    if dead:
        yield Finding(
            "SMS",
            WATCH,
            f"{dead} réponses ne sont pas parties.",
            "« jalon sms etat », puis « jalon sms relancer ».",
        )
    if state["attente"] > _LONG_WAIT_S:
        said = f"Un message attend depuis {state['attente'] / 60:.0f} minutes."
        yield Finding("SMS", FAILURE, said, "Voyez si la porte et le dialogue répondent.")
    if spent > 0.8 * found.cap:
        said = f"{spent:.2f} € aujourd'hui, pour un plafond de {found.cap:.2f} €."
        yield Finding("SMS", WATCH, said, "Relevez JALON_SMS_PLAFOND si c'est une affluence réelle.")
    yield Finding(
        "SMS",
        OK,
        f"{found.provider}, file lisible, {state['jour'].get('segments', 0)} segments partis ce jour.",
    )


def backup() -> Iterator[Finding]:
    """The last backup made from here, and a restore that was cut."""
    if PENDING.exists():
        yield Finding(
            "restauration", FAILURE, "Une restauration a été interrompue.", "« jalon restaurer --reprendre »"
        )
    try:
        last = json.loads(LAST.read_text(encoding="utf-8"))
        days = (date.today() - date.fromisoformat(last["faite_le"][:10])).days
    except (OSError, ValueError, KeyError, TypeError):
        yield Finding(
            "sauvegarde",
            WATCH,
            "Aucune sauvegarde n'a été faite d'ici.",
            "« jalon sauvegarder DOSSIER », chaque nuit.",
        )
        return
    state = OK if days <= _OLD_BACKUP_DAYS else WATCH
    yield Finding(
        "sauvegarde",
        state,
        f"La dernière a {days} jours.",
        "" if state == OK else "« jalon sauvegarder DOSSIER »",
    )
