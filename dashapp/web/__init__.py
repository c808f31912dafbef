"""Assembly: the app, its guard, the callback wrapper, the shell, sign-in pages and error translation."""
