"""The module that servers import, and beside which Dash finds `pages/` and `assets/`."""
from dashapp import create_app
from dashapp.web import warming

server = create_app()
warming.start(server)
