"""The ``engage`` command."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import click
from flask import Flask
from tqdm import tqdm

from engage import close, config, create_app, db, doctor, serving, tasks
from engage.accounts import passwords
from engage.accounts import queries as accounts
from engage.accounts import services as account_services
from engage.accounts.models import Role, Standpoint, User
from engage.audit import services as audit
from engage.conversations import queries as conversations
from engage.conversations.models import Conversation
from engage.db import utcnow
from engage.demo import load as demo_load
from engage.insight import export as exporting
from engage.notes import imports
from engage.priorities import grouping
from engage.themes import suggestions


class PlainErrors(click.Group):
    """Shows what is wrong with the settings as sentences, not as a stack of calls."""

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except config.SettingsError as error:
            raise click.ClickException(f"Engage cannot start with these settings.\n{error}") from error


@click.group(cls=PlainErrors, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="engage")
def main() -> None:
    """Engage carries what people say about care the whole way, from a voice to what changed."""


@contextmanager
def application() -> Iterator[Flask]:
    """The app and its context, for one command."""
    app = create_app()
    try:
        with app.app_context():
            yield app
    finally:
        audit.note_the_way("")
        close(app)


@contextmanager
def bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar; yields a function of (done, total)."""
    with tqdm(desc=what, unit="", disable=not sys.stderr.isatty()) as shown:

        def progress(done: int, total: int) -> None:
            shown.total = total
            shown.update(done - shown.n)

        yield progress


def chosen_conversation(slug: str | None) -> Conversation:
    """The conversation with this short name, else the present one."""
    if slug:
        found = conversations.conversation_by_slug(slug)
        if not found:
            names = ", ".join(one.slug for one in conversations.conversations()) or "none yet"
            raise click.ClickException(f"There is no conversation called {slug}. There is: {names}.")
        return found
    present = conversations.present_conversation(utcnow().date())
    if not present:
        raise click.ClickException("There is no conversation yet. Sign in and start one under Conversations.")
    return present


def acting(email: str | None) -> User:
    """Who does it, for the record: the person with this address, else the first facilitator or admin.

    The record says that it came by the command line, and whether anybody was named.
    """
    audit.note_the_way("the command line" if email else "the command line, nobody was named")
    if email:
        found = accounts.user_by_email(email)
        if not found:
            raise click.ClickException(f"Nobody signs in with {email}. Add them with: engage user add")
        return found
    for role in (Role.FACILITATOR, Role.ADMIN):
        for user in accounts.users():
            if role in user.roles and user.is_active:
                return user
    raise click.ClickException("Nobody can sign in yet. Add somebody with: engage user add")


conversation_option = click.option("--conversation", "slug", help="Its short name. Default: the present one.")
by_option = click.option("--by", "email", help="E-mail address of who does it, for the record.")


def refuse_taken(host: str, port: int) -> None:
    """Say at once where another program has the port already."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((host, port))
        except OSError as error:
            raise click.ClickException(
                f"Port {port} on {host} cannot be used ({error.strerror}). Choose another, such as: "
                f"make demo PORT={port + 1}"
            ) from error


def prepare_demo(settings: config.Settings) -> list[demo_load.Person]:
    """Load the sample conversation unless it is there already. Returns one sign-in a role."""
    app = create_app(settings)
    with app.app_context(), bar("Preparing the sample conversation") as progress:
        db.upgrade()
        people = demo_load.load(settings.data_folder, progress=progress)
    close(app)
    if not people:
        raise click.ClickException("This folder holds another installation. Choose a folder of its own.")
    return people


@main.command()
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--data", default="demo-data", show_default=True, type=click.Path(path_type=Path))
def demo(port: int, host: str, data: Path) -> None:
    """Start with a sample conversation, on this computer, on a database in the folder --data."""
    refuse_taken(host, port)
    settings = demo_load.settings(data, port)
    # In a process of its own: the sentence model starts threads, and gunicorn must fork without any.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as aside:
        people = aside.submit(prepare_demo, settings).result()
    click.echo(demo_load.welcome(people, f"http://{host}:{port}"))
    serving.serve(lambda: create_app(settings), host=host, port=port, with_worker=True)


@main.command()
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--processes", default=1, show_default=True, type=click.IntRange(1, 64))
@click.option("--with-worker", is_flag=True, help="Also do background jobs in this process.")
def serve(port: int, host: str, processes: int, with_worker: bool) -> None:
    """Serve the website."""
    if with_worker and processes > 1:
        raise click.ClickException("With more than one process, start the worker by itself: engage worker")
    config.load()
    serving.serve(create_app, host=host, port=port, processes=processes, with_worker=with_worker)


@main.command()
@click.option("--threads", default=tasks.WORKERS, show_default=True, type=click.IntRange(1, 16))
def worker(threads: int) -> None:
    """Do background jobs: imports, suggestions, groupings."""
    app = create_app()
    app.extensions["engage.queue"].create_consumer(workers=threads).run()


@main.group("db")
def database() -> None:
    """The database."""


@database.command("upgrade")
def db_upgrade() -> None:
    """Bring the tables up to date. Safe to run again."""
    with application():
        db.upgrade()
        click.echo(f"The database is at revision {db.revisions()[0]}.")


@main.group("user")
def user_group() -> None:
    """People who sign in."""


@user_group.command("add")
@click.option("--email", prompt="E-mail address")
@click.option("--name", prompt="Name")
@click.option("--role", "roles", multiple=True, type=click.Choice([r.value for r in Role]), required=True)
@click.option("--lived-experience", is_flag=True, help="Speaks from lived experience, not as staff.")
@click.password_option(help="Asked for where it is not given.")
def user_add(email: str, name: str, roles: tuple[str, ...], lived_experience: bool, password: str) -> None:
    """Add somebody who can sign in."""
    with application():
        weak = passwords.weakness(password, email=email, name=name)
        if weak:
            raise click.ClickException(weak)
        try:
            account_services.add_user(
                email=email,
                name=name,
                password=password,
                roles=[Role(role) for role in roles],
                standpoint=Standpoint.LIVED_EXPERIENCE if lived_experience else Standpoint.STAFF,
                by=None,
                now=utcnow(),
            )
        except account_services.EmailTaken as error:
            raise click.ClickException(f"Somebody signs in with {email} already.") from error
        db.db.session.commit()
    click.echo(f"{name} can sign in with {email}.")


@main.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--text-column",
    help="The column with what people said. Found by itself in exports from Citizen Space, Qualtrics, "
    "LimeSurvey and Microsoft Forms.",
)
@click.option("--prompt-column", help="The column with the question that was asked.")
@click.option("--prompt", help="The question, where it was the same for every row.")
@click.option("--speaker-column", help="The column that says who speaks.")
@click.option("--district-column")
@click.option("--date-column", help="The column with the day on which it was said.")
@click.option("--voices-column", help="The column that says for how many people a row speaks.")
@click.option("--reference-column", help="The column with the row's own number in the other tool.")
@click.option("--with-unfinished", is_flag=True, help="Also take answers that people did not finish.")
@click.option("--channel", default="import", show_default=True, help="How these voices reached you.")
@click.option("--sheet", help="The sheet of a workbook. Default: the first.")
@conversation_option
@by_option
def import_comments(file: Path, slug: str | None, email: str | None, **mapping: Any) -> None:
    """Take in a CSV or XLSX file of comments. Running it twice takes nothing twice."""
    with application(), bar("Importing") as progress:
        try:
            report = imports.import_file(
                chosen_conversation(slug),
                file.name,
                file.read_bytes(),
                {name: value for name, value in mapping.items() if value},
                by=acting(email),
                now=utcnow(),
                progress=progress,
                embed=True,
            )
        except imports.UnreadableFile as error:
            raise click.ClickException(str(error)) from error
    if report.tool:
        click.echo(f"This looks like an export from {report.tool}.")
    if report.never_taken:
        click.echo(f"Left out, for they can show who somebody is: {', '.join(report.never_taken)}.")
    click.echo(f"{report.rows} rows: {report.taken} taken in, {report.already_there} were there already.")
    for row, reason in report.left_out[:20]:
        click.echo(f"  row {row} was left out: {reason}")
    if len(report.left_out) > 20:
        click.echo(f"  and {len(report.left_out) - 20} more")


@main.command()
@conversation_option
def suggest(slug: str | None) -> None:
    """Suggest themes for every voice that has no suggestion yet."""
    with application(), bar("Suggesting themes") as progress:
        new = suggestions.suggest_missing(
            chosen_conversation(slug), progress=progress, save=db.db.session.commit
        )
        db.db.session.commit()
    click.echo(f"{new} voices have new suggestions. A person decides.")


@main.command("group")
@conversation_option
@by_option
def group_voices(slug: str | None, email: str | None) -> None:
    """Group approved and themed voices into candidate priorities."""
    with application(), bar("Grouping") as progress:
        conversation, by = chosen_conversation(slug), acting(email)
        made = grouping.group_now(conversation, by=by, now=utcnow(), progress=progress)
    click.echo(f"{made} groups. Look at them under Candidate priorities.")


@main.command("export")
@click.option("--format", "file_format", type=click.Choice(list(exporting.FORMATS)), default="csv")
@click.option("--output", "-o", type=click.Path(path_type=Path), required=True)
@conversation_option
@by_option
def export_voices(file_format: str, output: Path, slug: str | None, email: str | None) -> None:
    """Write every voice with its trail to a file."""
    with application():
        conversation, by = chosen_conversation(slug), acting(email)
        audit.record("export", "conversation", conversation.id, by=by, now=utcnow(), file_format=file_format)
        db.db.session.commit()
        with output.open("wb") as file:
            for chunk in exporting.FORMATS[file_format][1](exporting.exported_voices(conversation)):
                file.write(chunk)
    click.echo(f"Written to {output}. It holds what people told you: keep it safe.")


@main.group("audit")
def audit_group() -> None:
    """The record of who did what."""


@audit_group.command("verify")
@click.option("--expect", metavar="HASH", help="A head that you noted down earlier; shows a cut-off end.")
def audit_verify(expect: str | None) -> None:
    """Check that nobody has changed the record."""
    with application():
        verdict = audit.verify(expect)
    if not verdict.is_whole:
        raise click.ClickException(f"The record is not whole: {verdict.fault}.")
    click.echo(f"The record is whole: {verdict.entries} entries. Head: {verdict.head}")


@main.command("doctor")
def doctor_command() -> None:
    """Check settings, database, model, queue and mail, and say what is wrong."""
    findings = doctor.examine()
    for finding in findings:
        click.echo(f"{'ok   ' if finding.is_well else 'WRONG'} {finding.what}: {finding.words}")
    if not all(finding.is_well for finding in findings):
        sys.exit(1)


# Every task must be known before the queue opens.
__all__ = ["main", "tasks"]
