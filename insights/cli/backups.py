"""The commands that keep a workspace safe: backup, verify, restore."""

from pathlib import Path
from typing import Annotated

import typer

from insights.cli import arguments, console
from insights.cli.arguments import Json

Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="The folder of the backup.")]


def add_to(app: typer.Typer) -> None:
    for command in (backup, verify, restore):
        app.command()(command)


def backup(folder: Folder, *, as_json: Json = False) -> None:
    """Copy the whole workspace as it is at one moment into FOLDER, which must be new or empty. The app may go on meanwhile."""
    from insights.messages.problems import counted
    from insights.services import backups
    from insights.store.store import Store

    manifest = backups.back_up(Store.open(), folder.absolute(), actor=arguments.person())
    many = len(manifest["files"])
    report = {"backup": str(folder), "files": many, "made_at": manifest["made_at"]}
    console.show(
        report,
        [f"Wrote {counted(many, 'file')} to {folder}. `verify {folder}` looks whether all is as written."],
        as_json=as_json,
    )


def verify(
    folder: Annotated[Path | None, typer.Argument(metavar="[FOLDER]", help="A backup; by default the workspace.")] = None,
    *,
    ends: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, metavar="FILE", help="Lines of `audit --end`: was the record cut since?"),
    ] = None,
    as_json: Json = False,
) -> None:
    """Look at every file and every entry of the database, of the workspace or of a backup; what is not as written is named."""
    from insights.services import backups, who_did_what
    from insights.store.store import Store

    if folder is not None and ends is not None:
        raise typer.BadParameter("these are of the workspace, not of a backup.", param_hint="--ends")
    if folder is not None:
        names = backups.wrong(folder)
        sentences = [f"{name}: missing, not as written, or no part of this backup." for name in names]
    else:
        store = Store.open()
        cut = who_did_what.lost(store, ends.read_text("utf-8", "replace").splitlines()) if ends else ()
        faults = backups.examine(store).faults
        names = [*(fault.path for fault in faults), *("records" for _ in cut)]
        sentences = [*(fault.sentence for fault in faults), *cut]
    place = "this workspace" if folder is None else str(folder)
    lines = sentences or [f"All of {place} is as it was written."]
    console.show({"verified": place, "not_as_written": names, "sentences": sentences}, lines, as_json=as_json)
    if names:
        raise typer.Exit(1)


def restore(folder: Folder, *, as_json: Json = False) -> None:
    """Bring a backup back as the workspace, which must be empty: all of it or nothing."""
    from insights.services import backups
    from insights.store.settings import Settings

    home = Settings().home.expanduser().absolute()
    backups.restore(folder.absolute(), home, actor=arguments.person())
    console.show({"restored": str(folder), "home": str(home)}, [f"Restored {folder} as {home}."], as_json=as_json)
