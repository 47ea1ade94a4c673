"""Opening hours: is a place open at a given minute, until when, and how to say it in plain French.

Hours are written in the OpenStreetMap « opening_hours » syntax and read by opening-hours-py; what France adds
(public and school holidays) and what Jalon does not promise (no end, appointment) is in `expression`.
"""

from data.hours.calendar import PARIS, is_public_holiday
from data.hours.faults import fault_in
from data.hours.state import opening_state
from data.hours.week import describe

__all__ = ["PARIS", "describe", "fault_in", "is_public_holiday", "opening_state"]
