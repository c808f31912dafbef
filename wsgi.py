"""The module that servers import, and beside which Dash finds `pages/` and `assets/`."""
from dashapp import create_app

server = create_app()
