"""Where the supervisor and the doors meet. Apart from the settings, for the supervisor has no use for their libraries."""

from __future__ import annotations

from pathlib import Path

ORDERS_VARIABLE = "JALON_ORDRES"


def socket_of(orders: Path, process: int) -> Path:
    """Where the door of this process takes its orders. `orders`: the setting, the same for all doors."""
    return orders.with_name(f"{orders.name}.{process}")


def serving_file(orders: Path) -> Path:
    """Where the supervisor notes the last order that it gave to all doors."""
    return orders.with_name(f"{orders.name}.sert")
