"""One file per screen: the question it answers, its registration, layout and callbacks."""
