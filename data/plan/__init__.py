"""A plan that can be read without internet: the person, up to three places, the stations around.

Pure functions: names and positions in, SVG or sentences out.
"""

from data.plan.drawing import MOST_SPOTS, draw
from data.plan.words import Spot, beside, describe, direction

__all__ = ["MOST_SPOTS", "Spot", "beside", "describe", "direction", "draw"]
