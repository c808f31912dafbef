"""Components shared by pages: values in, Dash component out. Nothing here asks a service."""
