"""plotly.js as the installed package ships it."""

from plotly.offline import get_plotlyjs as plotly_js

__all__ = ["plotly_js"]
