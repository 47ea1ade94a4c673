"""The hours of a place for who reads them later: on paper, in an SMS. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from channels.texts import texts


def usual_week(service: Mapping) -> str:
    """The usual week of a place of the orientation object: « ouvert maintenant » would soon be false."""
    opening, usual = service["ouverture"], service["horaires_texte"]
    closed_for_works = opening["etat"] == "ferme" and opening["prochaine"] is None
    if closed_for_works or not usual:
        return opening["texte"]
    if opening["confiance"] != "basse":
        return usual
    said = texts()["fiche"]
    return f"{usual} {said['appelez' if service['telephone'] else 'a_verifier']}"
