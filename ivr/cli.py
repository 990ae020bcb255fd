"""The commands: `ivr …`, each in a file of its own."""

from __future__ import annotations

import typer

from ivr import prompting
from ivr.commands import (
    accounts,
    agent,
    agents,
    announce,
    bans,
    call,
    callbacks,
    certificate,
    check,
    desks,
    diff,
    doctor,
    down,
    drain,
    draw,
    explain,
    forget,
    part,
    prepare,
    promote,
    publish,
    read,
    rehearse,
    replay,
    restart,
    rollback,
    samples,
    schema,
    status,
    supervise,
    talks,
    test,
    up,
    versions,
)

app = typer.Typer(
    help="An IVR that listens: YAML call flows on Asterisk.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

# In the order of `ivr --help`.
app.command(name="up")(up.up)
app.command(name="down")(down.down)
app.command(name="restart")(restart.restart)
app.command(name="drain")(drain.drain)
app.command(name="status")(status.status)
app.command(name="read", context_settings={"ignore_unknown_options": True})(read.read)
app.command(name="try")(rehearse.rehearse)
app.command(name="call")(call.call)
app.command(name="agents")(agents.agents)
app.command(name="prepare")(prepare.prepare)
app.add_typer(accounts.app, name="accounts")
app.command(name="agent")(agent.agent)
app.command(name="check")(check.check)
app.command(name="doctor")(doctor.doctor)
app.command(name="test")(test.test)
app.command(name="explain")(explain.explain)
app.command(name="forget")(forget.forget)
app.command(name="replay")(replay.replay)
app.command(name="publish")(publish.publish)
app.command(name="versions")(versions.versions)
app.command(name="diff")(diff.diff)
app.command(name="promote")(promote.promote)
app.command(name="rollback")(rollback.rollback)
app.add_typer(prompting.app, name="prompts")
app.command(name="announce")(announce.announce)
app.add_typer(announce.announcements, name="announcements")
app.command(name="draw")(draw.draw)
app.command(name="schema")(schema.schema)
app.add_typer(callbacks.app, name="callbacks")
app.add_typer(talks.app, name="talks")
app.add_typer(bans.app, name="bans")
app.command(name="certificate")(certificate.certificate)
app.add_typer(desks.app, name="desks")
app.command(name="supervise")(supervise.supervise)
app.command(name="audit")(supervise.audit)
app.command(name="samples")(samples.show)
app.command(name="run", hidden=True)(part.run_part)


def main() -> None:
    """Run the command line."""
    app()
