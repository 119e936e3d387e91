"""The commands of whoever runs the server: settings."""

import typer

from insights.cli import console
from insights.cli.arguments import Json


def add_to(app: typer.Typer) -> None:
    app.command()(settings)


def settings(*, as_json: Json = False) -> None:
    """List every setting: its variable, its value (of a secret only that it is set), where that comes from, and what it means.

    Any of them may come by file: INSIGHTS_HOME_FILE names a file whose first line is the home.
    """
    from insights.store import settings

    shown, unknown = settings.listed(), settings.unknown()
    rows = [(each.name, each.value or "-", each.source, each.meaning) for each in shown]
    lines = console.table(("setting", "value", "from", "meaning"), rows)
    lines += [f"{name} is no setting of Payment Insights, and has no effect." for name in unknown]
    listed = [{"name": each.name, "value": each.value, "source": each.source, "meaning": each.meaning} for each in shown]
    console.show({"settings": listed, "unknown": unknown}, lines, as_json=as_json)
