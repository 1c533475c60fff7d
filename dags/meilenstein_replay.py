"""One decision about many quarantined items: judge them again, release them, or reject them. Started by hand.

**Form.** `kind`: REVALIDATE accepts what breaks no rule of today; RELEASE accepts although a rule is broken; REJECT
refuses for good. `code`, `agency` and `younger_than` (days) say which open items are meant; older ones are never
touched, nor any that comes later. `dry_run` only counts; look at its outcome first. `actor` and `reason` are recorded
for ever, and the sender of each record reads the reason.

**What happens.** `start` makes a job, `run` does it in small transactions, `outcome` says in one line what came of it.
A release of critical items waits for a second person: `meilenstein replay confirm JOB`, then `meilenstein replay run
JOB`. `meilenstein replay pause JOB` stops a run after its present transaction.

**If a run fails**, the red task says why. Clear it, or run `meilenstein replay run JOB`: the job goes on where it
stood, and no item is decided twice.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import DAG, Param, task

from meilenstein.airflow.deadlines import late_after
from meilenstein.airflow.grid import SHOWN

_LINE = r"^[^\x00-\x1f]*[^\s\x00-\x1f][^\x00-\x1f]*$"

with DAG(
    "meilenstein_replay",
    description="Judge again, release or reject many quarantined items",
    schedule=None,
    catchup=False,
    max_active_runs=2,
    default_args={"owner": "meilenstein", "retries": 2, "retry_delay": timedelta(seconds=30)},
    tags=["meilenstein", "stewards"],
    deadline=late_after("meilenstein_replay", 240),
    doc_md=__doc__,
    params={
        "kind": Param("REVALIDATE", type="string", enum=["REVALIDATE", "RELEASE", "REJECT"], title="What to do"),
        "dry_run": Param(True, type="boolean", title="Only count, change nothing"),
        "code": Param(
            None,
            type=["null", "string"],
            pattern=r"^[A-Z]+(_[A-Z]+)*(:[A-Z]+-[0-9]+)?$",
            title="Reason code",
            description="For instance CONFLICT or RULE:E-002; empty for any.",
        ),
        "agency": Param(
            None,
            type=["null", "string"],
            pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$",
            title="Agency",
            description="Key of the sender or publisher; empty for any.",
        ),
        "younger_than": Param(
            30, type="integer", minimum=1, maximum=36500, title="Quarantined in the last so many days"
        ),
        "actor": Param(type="string", minLength=1, maxLength=100, pattern=_LINE, title="Who decides"),
        "reason": Param(
            type="string", minLength=1, maxLength=500, pattern=_LINE, title="Why", description="The senders read it."
        ),
    },
):

    @task
    def start(params: dict[str, object] | None = None) -> dict[str, object]:
        """Make the job, or only count; it returns counts only."""
        from meilenstein.airflow.replay import start_job_task  # noqa: PLC0415 - not at parse time

        return start_job_task(params or {})

    @task
    def run(started: dict[str, object]) -> dict[str, object]:
        """Do the job; it returns counts only."""
        from meilenstein.airflow.replay import run_job_task  # noqa: PLC0415 - not at parse time

        return run_job_task(started)

    @task(trigger_rule="all_done", map_index_template=SHOWN)
    def outcome(done: dict[str, object] | None) -> str:
        """Say in one line what came of the job."""
        from meilenstein.airflow.grid import show  # noqa: PLC0415 - not at parse time
        from meilenstein.airflow.replay import told_of_job  # noqa: PLC0415

        return show(told_of_job(done))

    outcome(run(start()))
