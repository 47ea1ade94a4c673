"""Tables of the SMS queue and the questions asked of them.

States of `received`: attend, repondu, muet (nothing was to be said), mort, personne (not from a phone).
States of `outgoing`: attend, part (being given to the provider), doute (the provider may have it), envoye, mort.
`deliveries` keeps what became of an SMS once it has left `outgoing`. `numbers.number`, both `text` and
`memories.kept` are sealed (channels/sms/seal.py).
"""

from channels.sms.settings import SmsSettings
from data.sql.engine import Engine, open_engine

SCHEMA = """
CREATE TABLE IF NOT EXISTS received (
    rank {rank}, id TEXT NOT NULL UNIQUE, session TEXT, text TEXT, sent_at DOUBLE PRECISION, arrived DOUBLE PRECISION NOT NULL,
    state TEXT NOT NULL, tries INTEGER NOT NULL DEFAULT 0, due DOUBLE PRECISION NOT NULL, reason TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS received_waiting ON received (session, sent_at, rank) WHERE state = 'attend';
CREATE INDEX IF NOT EXISTS received_due ON received (due) WHERE state = 'attend';
CREATE INDEX IF NOT EXISTS received_session ON received (session, arrived) WHERE session IS NOT NULL;
CREATE INDEX IF NOT EXISTS received_arrived ON received (arrived);
CREATE TABLE IF NOT EXISTS outgoing (
    rank {rank}, reference TEXT NOT NULL UNIQUE, session TEXT NOT NULL, text TEXT NOT NULL,
    segments INTEGER NOT NULL, asked INTEGER NOT NULL, created DOUBLE PRECISION NOT NULL, state TEXT NOT NULL,
    provider_id TEXT NOT NULL DEFAULT '', tries INTEGER NOT NULL DEFAULT 0, due DOUBLE PRECISION NOT NULL,
    reason TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS outgoing_session ON outgoing (session, rank);
CREATE INDEX IF NOT EXISTS outgoing_state ON outgoing (state, due);
CREATE TABLE IF NOT EXISTS numbers (session TEXT PRIMARY KEY, number TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS deliveries (
    reference TEXT PRIMARY KEY, state TEXT NOT NULL, reason TEXT NOT NULL, segments INTEGER NOT NULL, at DOUBLE PRECISION NOT NULL
);
CREATE TABLE IF NOT EXISTS silenced (session TEXT PRIMARY KEY, day TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS memories (session TEXT PRIMARY KEY, kept TEXT NOT NULL, used DOUBLE PRECISION NOT NULL);
CREATE TABLE IF NOT EXISTS costs (
    day TEXT PRIMARY KEY, received INTEGER NOT NULL DEFAULT 0, sent INTEGER NOT NULL DEFAULT 0,
    segments INTEGER NOT NULL DEFAULT 0, euros DOUBLE PRECISION NOT NULL DEFAULT 0, alarms INTEGER NOT NULL DEFAULT 0);
"""

NEXT_RECEIVED = """
SELECT * FROM received AS one WHERE state = 'attend' AND due <= :now
AND NOT EXISTS (SELECT 1 FROM received AS other WHERE other.state = 'attend' AND other.session = one.session
    AND (other.sent_at, other.rank) < (one.sent_at, one.rank))
ORDER BY due, rank LIMIT :limit
"""
# Those of one number leave one after the other; a dead letter does not hold back the next.
NEXT_OUTGOING = """
SELECT one.*, number FROM outgoing AS one JOIN numbers USING (session)
WHERE state IN ('attend', 'doute') AND due <= :now
AND NOT EXISTS (SELECT 1 FROM outgoing AS other WHERE other.session = one.session AND other.rank < one.rank
    AND other.state IN ('attend', 'doute', 'part'))
ORDER BY due, rank LIMIT :limit
"""
IN_STATE = "SELECT outgoing.*, number FROM outgoing JOIN numbers USING (session) WHERE state = :state ORDER BY due LIMIT :limit"


def open_queue(settings: SmsSettings, create: bool = True) -> Engine:
    """The tables of the queue, where `settings` say. Raises StoreError or OSError."""
    return open_engine(settings.postgres, settings.file, "jalon_sms", SCHEMA, create)
