"""Every verb asks permission before it looks at anything else, for every role; a verb that nobody listed fails here."""
from __future__ import annotations

import importlib
import inspect
import pkgutil

import pytest
from sqlalchemy.exc import ArgumentError

from dashapp import services
from dashapp.core.actor import ANONYMOUS, Actor, Role
from dashapp.core.errors import AppError, Forbidden, NotSignedIn

LOWEST = {
    Role.EXECUTIVE: {
        "accounts": "change_password", "asking": "ask data_version", "auditing": "listing", "boards": "load save reset",
        "bridging": "bridge moments moved_since is_heavy no_past",
        "choosing": "dimensions members", "closing": "listing", "datasets": "listing get",
        "defining": "dependants listing get history offers",
        "exploring": "explain rows", "exporting": "series overview targets limits", "limiting": "listing",
        "overviewing": "overview judged", "preferences": "load save", "sessions": "listing revoke",
        "strictly": "refuse_unknown", "targeting": "listing", "tokens": "add_token list_tokens revoke_token",
        "versioning": "versions", "working": "cancel status listing"},
    Role.FINANCE: {
        "checking": "inspect inspection dry_run reject", "closing": "close reopen late count_late",
        "contrasting": "contrast", "correcting": "corrected anew", "datasets": "rename", "delivering": "calendar",
        "evidencing": "workbook", "feeding": "listing troubles get run", "foreseeing": "foresee",
        "exporting": "rows quarantine", "importing": "commit commit_unseen ingest", "joining": "targets",
        "offering": "offers", "profiling": "listing rename forget", "quality": "listing get history checks",
        "queueing": "queue_check queue_ingest queue job_of progress_of",
        "receiving": "receive left_open", "reverting": "undo redo rehearse",
        "targeting": "save",
        "uploads": "status listing count events original quarantine refused brought_since"},
    Role.ANALYST: {"choosing": "values", "connecting": "listing", "placing": "tables offer connect",
                   "defining": "editable save delete",
                   "drafting": "completions check preview effect", "limiting": "save delete",
                   "versioning": "draft_of restore"},
    Role.ADMIN: {
        "accounts": "list_users find_user add_user change_role set_scope disable_user enable_user reset_password",
        "auditing": "verify_chain", "connecting": "add rotate remove test",
        "datasets": "delete remove_demo", "demonstrating": "load remove",
        "exporting": "users", "feeding": "add change pause resume remove sample", "organising": "save",
        "retiring": "leaving", "verifying": "verify_facts"},
}
# Steps of other verbs, which have asked: called by name from inside them, and by pages not at all.
STEPS = {"asking.within", "auditing.record", "checking.compare", "closing.touched_by_commit",
         "closing.touched_by_toggle",
         "defining.adopt", "demo_goals.put_goals", "exploring.question_of",
         "importing.refuse_for_a_person", "importing.refuse_unbound", "knowing.known_to", "knowing.past",
         "metering.meter", "moving.moves",
         "repeating.once", "sessions.end", "strictly.ask",
         "uploads.issues_for", "uploads.may_read"}
# What a token with `read` may do: look. Everything else in the table changes something, prepares it, or needs more.
READS = {
    "asking.ask", "asking.data_version", "auditing.listing", "auditing.verify_chain", "boards.load",
    "bridging.bridge", "bridging.is_heavy", "bridging.moments", "bridging.moved_since", "bridging.no_past",
    "checking.inspection", "closing.count_late", "closing.late", "closing.listing", "reverting.rehearse",
    "contrasting.contrast", "delivering.calendar", "foreseeing.foresee", "uploads.events",
    "choosing.dimensions", "choosing.members", "choosing.values", "connecting.listing",
    "datasets.get",
    "datasets.listing", "defining.dependants", "defining.get", "defining.history", "defining.listing",
    "defining.offers", "drafting.check", "feeding.get", "feeding.listing", "feeding.troubles",
    "drafting.completions", "drafting.effect", "drafting.preview", "exploring.explain", "exploring.rows",
    "limiting.listing", "offering.offers", "overviewing.judged", "overviewing.overview", "placing.offer",
    "placing.tables", "preferences.load", "profiling.listing", "quality.checks", "quality.get", "quality.history",
    "quality.listing", "queueing.job_of", "queueing.progress_of", "retiring.leaving", "strictly.refuse_unknown",
    "targeting.listing",
    "uploads.brought_since", "uploads.count", "uploads.listing", "uploads.original", "uploads.quarantine",
    "uploads.refused", "uploads.status",
    "verifying.verify_facts", "versioning.draft_of", "versioning.versions", "working.listing", "working.status",
}
TABLE = {f"{room}.{verb}": role for role, rooms in LOWEST.items() for room, verbs in rooms.items()
         for verb in verbs.split()}
ROLES = tuple(Role)


def verbs():
    """Everything in services that somebody does: public functions whose first argument is the actor."""
    found = {}
    for module in pkgutil.iter_modules(services.__path__):
        room = importlib.import_module(f"dashapp.services.{module.name}")
        for name, function in list(vars(room).items()):
            if inspect.isfunction(function) and function.__module__ == room.__name__ and not name.startswith("_") and \
                    next(iter(inspect.signature(function).parameters), "") == "actor":
                found[f"{module.name}.{name}"] = function
    return found


def call(verb, actor):
    """The verb with nothing in the place of every other argument: only who asks is given."""
    function = verbs()[verb]
    needed = [p.name for p in inspect.signature(function).parameters.values() if p.default is p.empty]
    return function(actor, **dict.fromkeys(needed[1:]))


def test_every_verb_is_in_the_table():
    """A new verb? Write the least role that may use it into LOWEST."""
    assert sorted(set(verbs()) - set(TABLE) - STEPS) == []


def test_a_page_calls_no_step_of_a_verb():
    from tests.house.source import ROOT

    text = "".join(f.read_text() for f in (ROOT / "pages").glob("*.py"))
    assert not [step for step in STEPS - {"defining.adopt"} if f"{step}(" in text]


@pytest.mark.parametrize("verb", sorted(TABLE))
def test_b1_strangers_are_refused_before_anything_is_looked_at(sqlite_database, verb):
    with pytest.raises((NotSignedIn, Forbidden)):
        call(verb, ANONYMOUS)


@pytest.mark.parametrize(("verb", "role"), [(v, r) for v in sorted(TABLE) for r in ROLES if not r.includes(TABLE[v])])
def test_b1_a_role_below_is_refused_before_anything_is_looked_at(sqlite_database, verb, role):
    with pytest.raises(Forbidden, match=TABLE[verb].value):
        call(verb, Actor("x", "x@example.org", role=role))


@pytest.mark.filterwarnings("ignore:fully NULL primary key")
@pytest.mark.parametrize("verb", sorted(TABLE))
def test_b1_the_role_of_the_table_is_let_through(sqlite_database, verb):
    """What follows fails for want of arguments, and for no lack of rights."""
    try:
        call(verb, Actor("x", "x@example.org", role=TABLE[verb]))
    except (NotSignedIn, Forbidden) as error:
        pytest.fail(f"refused: {error.message}")
    except (AppError, TypeError, AttributeError, ArgumentError):
        pass


@pytest.mark.parametrize("verb", sorted(set(TABLE) - {"asking.data_version"}))
def test_b1_a_token_without_scopes_does_nothing_whoever_owns_it(sqlite_database, verb):
    with pytest.raises(Forbidden, match="token"):
        call(verb, Actor("x", "x@example.org", role=Role.ADMIN, token_scopes=frozenset()))


def test_what_only_looks_is_in_the_table():
    assert sorted(READS - set(TABLE)) == []


@pytest.mark.parametrize("verb", sorted(set(TABLE) - READS))
def test_b1_a_token_that_may_only_read_changes_nothing_whoever_owns_it(sqlite_database, verb):
    with pytest.raises(Forbidden, match="token"):
        call(verb, Actor("x", "x@example.org", role=Role.ADMIN, token_scopes=frozenset(("read",))))


def test_the_refusal_of_a_token_names_the_right_that_is_missing():
    reader = Actor("x", "x@example.org", role=Role.ADMIN, token_scopes=frozenset(("read",)))
    for right in ("ingest", "export"):
        with pytest.raises(Forbidden, match=f"lacks the right '{right}', which this call needs"):
            reader.require(Role.EXECUTIVE, token=right)
    with pytest.raises(Forbidden, match="No token may do this: it is done by people"):
        reader.require(Role.EXECUTIVE, token="account")
    with pytest.raises(Forbidden, match="needs the role admin"):
        Actor("x", "x@example.org", role=Role.ANALYST, token_scopes=frozenset()).require(Role.ADMIN, token="ingest")
    reader.require(Role.ADMIN)
    Actor("x", "x@example.org", role=Role.ADMIN).require(Role.ADMIN, token="account")


PERSONAL = ("accounts.", "sessions.", "tokens.", "organising.", "boards.save", "boards.reset", "preferences.save")


@pytest.mark.parametrize("verb", [v for v in sorted(TABLE) if v.startswith(PERSONAL)])
def test_b1_no_token_manages_people_sessions_tokens_settings_or_layouts_whatever_its_scopes(sqlite_database, verb):
    with pytest.raises(Forbidden, match="account"):
        call(verb, Actor("x", "x@example.org", role=Role.ADMIN, token_scopes=frozenset(("read", "ingest", "export"))))
