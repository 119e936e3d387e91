"""How do values become figures? Plotly figures from plain values and frames; nothing is computed here."""
