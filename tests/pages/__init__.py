"""Pages as people use them: in a browser, against the product started by its own command."""
