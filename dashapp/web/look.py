"""How the page looks from its first paint: attributes on `<html>` written by the server, a tiny script for `system`."""
from __future__ import annotations

import base64
import hashlib

from flask import Flask
from markupsafe import Markup

from dashapp.ui.theme import html_attributes
from dashapp.web.here import current_preferences

# The server cannot know what `system` means; this runs before anything is painted. Its hash is in the policy.
FIRST_PAINT = (
    "(function(d){if(d.dataset.llTheme==='system'&&matchMedia('(prefers-color-scheme: dark)').matches)"
    "{d.dataset.bsTheme='dark';d.dataset.agThemeMode='dark'}})(document.documentElement)"
)


def first_paint_hash() -> str:
    """The source expression that lets exactly this script run under the content security policy."""
    return "'sha256-" + base64.b64encode(hashlib.sha256(FIRST_PAINT.encode()).digest()).decode() + "'"


def attributes() -> str:
    """Attributes of `<html>` for the person who is here."""
    liked = current_preferences()
    return html_attributes(liked.theme, liked.density)


def register(app: Flask) -> None:
    """What the templates of the plain pages need."""
    app.jinja_env.globals["first_paint"] = Markup(FIRST_PAINT)  # noqa: S704 - a constant of this file
    app.context_processor(lambda: {"look": Markup(attributes())})  # noqa: S704 - made of fixed words
