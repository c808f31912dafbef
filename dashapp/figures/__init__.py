"""Values in, plain plotly dicts and SVG texts out: pure pictures that need no browser, no Dash and no clock."""
