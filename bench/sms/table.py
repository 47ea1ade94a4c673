"""`make bench-sms`: what a useful place costs by SMS, on the conversations of tests/conversations_sms."""

from __future__ import annotations

import asyncio
import statistics
import sys
from collections.abc import Sequence
from datetime import datetime

from actions.orientation import PARIS
from cli.project import ROOT
from cli.sms import Phone
from cli.stack import Stack
from data.database import Database, open_database
from tests.sms_turns import places_of, scenarios

RESULTS = ROOT / "bench" / "resultats" / "sms.md"
PRICE = 0.05  # euros a segment: stated, not measured; the price of a provider's contract takes its place

_HEAD = """# SMS: messages, segments and cost until a place

The conversations of `tests/conversations_sms/`, written as phones write them, through the real channel and the
real dialogue server, on {day}. A segment is one SMS paid: 160 characters of GSM-7 alone, 153 each when several.
Cost at a **stated price of {price} € a segment sent** (not a provider's price: set `JALON_SMS_PRIX`); what the
person pays for their own messages depends on their contract. The first answer of a new number also says who
speaks, the numbers to call in danger and how to stop (64 characters). Made again by `make bench-sms`.

| conversation | messages of the person | the place comes with message | segments of each answer | segments | cost |
|---|---|---|---|---|---|
"""


def main(arguments: Sequence[str]) -> int:
    """Play every conversation and write the page; 1 when one of them gives no place."""
    with Stack() as stack:
        db = open_database(stack.base)
        rows = [measure(stack, db, name, scenario) for name, scenario in scenarios()]
        db.close()
    page = write_page(rows)
    print(page)
    RESULTS.write_text(page, encoding="utf-8")
    return 0 if all(row["place_at"] for row in rows) else 1


def measure(stack: Stack, db: Database, name: str, scenario: dict) -> dict:
    """One conversation: its exchanges, and the number of the message that the expected place answers."""
    phone = Phone(stack.door_settings(), db, PRICE)
    asyncio.run(phone.play(iter(scenario["messages"])))
    places = places_of(db, scenario["lieu"], datetime.now(PARIS))
    told = [any(place in "\n".join(exchange.sent) for place in places) for exchange in phone.exchanges]
    return {
        "name": name,
        "place_at": told.index(True) + 1 if True in told else None,
        "segments": [exchange.segments for exchange in phone.exchanges],
        "cost": phone.cost,
        "exchanges": phone.exchanges,
    }


def write_page(rows: Sequence[dict]) -> str:
    """The table, its sums, then every conversation word for word."""
    lines = [_HEAD.format(day=datetime.now(PARIS).date().isoformat(), price=f"{PRICE:.2f}")]
    for row in rows:
        each = " + ".join(map(str, row["segments"]))
        lines.append(
            f"| {row['name']} | {len(row['segments'])} | {row['place_at'] or 'never'} |"
            f" {each} | {sum(row['segments'])} | {row['cost']:.2f} € |\n"
        )
    until = [row["place_at"] for row in rows if row["place_at"]]
    sent = [sum(row["segments"]) for row in rows]
    lines.append(
        f"\nThe place comes with message {statistics.mean(until):.1f} on average, {max(until)} at most;"
        f" {statistics.mean(sent):.1f} segments and {statistics.mean(sent) * PRICE:.2f} € a conversation;"
        f" longest answer: {max(max(row['segments']) for row in rows)} segments.\n\n## Word for word\n"
    )
    for row in rows:
        lines.append(f"\n### {row['name']}\n\n```\n")
        for exchange in row["exchanges"]:
            lines.append(f"> {exchange.received}\n")
            lines += [f"{text}\n" for text in exchange.sent]
        lines.append("```\n")
    return "".join(lines)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
