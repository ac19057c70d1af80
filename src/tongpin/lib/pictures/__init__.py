"""Charts as a PNG, for where no browser draws them: mails and chat groups."""

from tongpin.lib.pictures.panels import Drawn, Panel, sheet
from tongpin.lib.pictures.types import Bar, Bars, Cell, Grid, Line, Picture, Plot, Words

__all__ = ["Bar", "Bars", "Cell", "Drawn", "Grid", "Line", "Panel", "Picture", "Plot", "Words", "sheet"]
