"""The commands of whoever runs the server: settings, upgrade."""

from pathlib import Path
from typing import Annotated

import typer

from insights.cli import arguments, console
from insights.cli.arguments import Json


def add_to(app: typer.Typer) -> None:
    for command in (settings, upgrade):
        app.command()(command)


def settings(*, as_json: Json = False) -> None:
    """List every setting: its variable, its value (of a secret only that it is set), where that comes from, and what it means.

    Any of them may come by file: INSIGHTS_HOME_FILE names a file whose first line is the home.
    """
    from insights.store import settings

    shown, unknown = settings.listed(), settings.unknown()
    rows = [(setting.name, setting.value or "-", setting.source, setting.meaning) for setting in shown]
    lines = console.table(("setting", "value", "from", "meaning"), rows)
    lines += [f"{name} is no setting of Payment Insights, and has no effect." for name in unknown]
    listed = [
        {"name": setting.name, "value": setting.value, "source": setting.source, "meaning": setting.meaning} for setting in shown
    ]
    console.show({"settings": listed, "unknown": unknown}, lines, as_json=as_json)


def upgrade(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where the backup goes; new or empty.")],
    *,
    check: Annotated[bool, typer.Option("--check", help="Back up and try it on a copy; leave the workspace as it is.")] = False,
    as_json: Json = False,
) -> None:
    """Bring a workspace of an earlier version up to this one: back it up as it is, try the migrations on a copy, then do it.

    Stop the servers first; with --check they may go on, on SQLite. What a later version wrote is refused.
    """
    from insights.messages.problems import counted
    from insights.services import upgrade as upgrades

    folder = folder.absolute()
    trial = (upgrades.try_out if check else upgrades.upgrade)(folder, actor=arguments.person())
    many = len(trial.manifest["files"])
    lines = [f"Wrote {counted(many, 'file')} to {folder}: the way back, for the version that wrote it as well."]
    if trial.before == trial.after:
        lines.append("The workspace is of this version already: nothing to upgrade.")
    elif check:
        lines.append(f"Tried on a copy: from {trial.before} to {trial.after}. The workspace is as it was.")
    else:
        lines.append(f"Upgraded from {trial.before} to {trial.after}.")
    report = {
        "backup": str(folder),
        "files": many,
        "before": trial.before,
        "after": trial.after,
        "upgraded": not check and trial.before != trial.after,
        "not_as_written": [fault.path for fault in trial.faults],
    }
    console.show(report, [*lines, *(fault.sentence for fault in trial.faults)], as_json=as_json)
    if trial.faults:
        raise typer.Exit(1)
