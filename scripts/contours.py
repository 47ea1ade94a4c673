# /// script
# requires-python = ">=3.11"
# dependencies = ["shapely>=2.1"]
# ///
"""Make data/plan/contours.yml from the arrondissements of Paris Data (GeoJSON, ODbL).

    uv run scripts/contours.py arrondissements.geojson > data/plan/contours.yml

The outlines are simplified together, so that neighbours keep the same limit. Each is a list of
[latitude, longitude], degrees WGS 84, four decimals (about 10 metres).
"""

import json
import sys
from math import cos, radians

import shapely
from shapely.geometry import shape

TOLERANCE_M = 30
METRES_PER_DEGREE = 111_195
SQUEEZE = cos(radians(48.86))  # a degree of longitude in Paris, in degrees of latitude
HEADER = f"""\
# Les contours des 20 arrondissements, pour les plans. Fait par scripts/contours.py : ne pas écrire à la main.
# Simplifiés à environ {TOLERANCE_M} mètres. Chaque point : [latitude, longitude].
# Entre les deux rives, les limites suivent le milieu de la Seine : le plan s'en sert pour la montrer.
sources:
  - titre: Arrondissements
    editeur: "Ville de Paris (Paris Data)"
    licence: ODbL
    date: "2023-07-15"
arrondissements:"""


def main() -> None:
    with open(sys.argv[1], encoding="utf-8") as file:
        features = sorted(json.load(file)["features"], key=lambda one: one["properties"]["num"])
    shapes = [shape(feature["geometry"]) for feature in features]
    metres = shapely.transform(
        shapes, lambda points: points * [METRES_PER_DEGREE * SQUEEZE, METRES_PER_DEGREE]
    )
    if not shapely.coverage_is_valid(metres):
        sys.exit("Les arrondissements ne se touchent pas partout : le fichier n'est pas celui attendu.")
    print(HEADER)
    for feature, outline in zip(features, shapely.coverage_simplify(metres, TOLERANCE_M), strict=True):
        points = [
            [round(y / METRES_PER_DEGREE, 4), round(x / METRES_PER_DEGREE / SQUEEZE, 4)]
            for x, y in outline.exterior.coords[:-1]
        ]
        # Rounding may put two neighbours on the same spot.
        points = [
            point for point, before in zip(points, points[-1:] + points[:-1], strict=True) if point != before
        ]
        print(f"  {feature['properties']['num']}: {points}")


if __name__ == "__main__":
    main()
