"""The commands of what runs in the background: jobs, worker, rescore."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from insights.cli import arguments, console
from insights.cli.arguments import Json, LedgerId, Watched
from insights.ledger.errors import Refused

if TYPE_CHECKING:
    from insights.store.records import Job


def add_to(app: typer.Typer) -> None:
    for command in (jobs, worker, rescore):
        app.command()(command)


def rescore(
    *,
    ledger: LedgerId = "",
    as_json: Json = False,
    watched: Watched = False,  # noqa: ARG001 - parsing it is what counts
) -> None:
    """Score the ledgers (or one) as of their newest day with the model in force, so that screens show it at once."""
    from insights.services import predictions
    from insights.store import ledgers
    from insights.store.store import Store

    store = Store.open()
    records = [arguments.pick("ledger", ledgers.listed(store), ledger)] if ledger else ledgers.listed(store)
    ids, tell = [record.id for record in records], console.progress(as_json=as_json)
    scored = predictions.rescore(store, ids, actor=arguments.person(), progress=tell)
    done = [{"ledger": prediction.ledger_id, "model": prediction.model_id, "as_of": prediction.as_of} for prediction in scored]
    report = {"scored": done, "model": done[-1]["model"] if done else ""}
    console.show(report, [f"Scored {entry['ledger']} as of {entry['as_of']}" for entry in done], as_json=as_json)


def jobs(
    *,
    cancel: Annotated[str, typer.Option(metavar="ID", help="Ask this job to stop.")] = "",
    log: Annotated[str, typer.Option(metavar="ID", help="Only what this job has logged.")] = "",
    as_json: Json = False,
) -> None:
    """List what runs, waits, or ran in the background, newest first."""
    from insights import jobs
    from insights.services import background
    from insights.store.store import Store

    store = Store.open()
    if cancel:
        background.cancel(store, arguments.pick("job", jobs.jobs(store), cancel).id, actor=arguments.person())
    listed = jobs.jobs(store)
    if log:
        job = arguments.pick("job", listed, log)
        console.show(job_report(job), job.log.splitlines(), as_json=as_json)
        return
    if as_json:
        console.emit([job_report(job) for job in listed])
        return
    rows = [(job.id, job.kind, job.state, job.stage, f"{job.share:.0%}", f"{job.created_at:%F %T}", job.error) for job in listed]
    console.say(*console.table(("job", "kind", "state", "stage", "done", "asked (UTC)", "error"), rows))


def job_report(job: "Job") -> dict[str, Any]:
    return {
        "job": job.id,
        "kind": job.kind,
        "state": job.state,
        "stage": job.stage,
        "share": job.share,
        "remaining": job.remaining,
        "error": job.error,
        "log": job.log,
        "ledger": job.ledger_id,
        "model": job.model_id,
        "attempts": job.attempts,
        "created_at": job.created_at.isoformat(),
        "actor": job.actor,
    }


def worker(
    *,
    idle_exit: Annotated[
        float | None, typer.Option(metavar="SECONDS", help="End when there was nothing to do for so long.")
    ] = None,
    place: Annotated[
        int, typer.Option(min=1, metavar="N", help="Which of several workers of this computer this is: 1, 2, ...")
    ] = 1,
) -> None:
    """Do the background jobs of this workspace, one at a time, until stopped. The app starts one by itself."""
    from insights.jobs import worker
    from insights.store.store import Store

    store = Store.open()
    if not worker.run(store, idle_exit=idle_exit, place=place):
        raise Refused(
            f"Another worker already works in {store.home}; a further one of this computer takes another --place.",
            "worker_running",
        )
