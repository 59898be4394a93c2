"""Commands for the service unit of systemd."""

from typing import Any

import click

from gridmap.cli.operations.serve import serve
from gridmap.cli.options import HELP_TEXT, output_options
from gridmap.cli.output import ExitCode, Output
from gridmap.core.errors import N_, Message

INSTALLED = N_("The service runs at {url}, and starts at every boot. Its data are in {home}.")
AS_ACCOUNT = N_("It runs as the account {account}. For commands with its data: {program} service exec COMMAND")
NO_LINGER = N_(
    "It stops when you sign out, and does not start at boot, until an administrator has run: loginctl enable-linger "
    "{account}"
)
REMOVED = N_("The service unit is removed; programs and data stay.")
NO_UNIT = N_("There is no service unit.")
UNIT_STATUS = N_("Unit: {unit}; starts at boot: {enabled}")
RUNNING = N_("Running and ready: {url}")
NOT_READY_YET = N_("Running, but not ready: {url}")
NOT_RUNNING = N_("Not running.")
FOLDERS = N_("Programs: {programs}; data: {home}")
YES, NO = N_("yes"), N_("no")
PASS_ON = {"ignore_unknown_options": True, "allow_interspersed_args": False}


@click.group(help=N_("Run gridmap as a service of systemd: install, uninstall, status."))
@click.help_option(help=HELP_TEXT)
def service() -> None:
    """Group the commands for the service unit."""


@service.command(
    context_settings=PASS_ON,
    help=N_(
        "Install the service: it starts now and at every boot. Root's service has an account of its own. Options of "
        "gridmap serve follow after --."
    ),
)
@output_options
@click.argument("serve_options", nargs=-1, type=click.UNPROCESSED)
def install(out: Output, serve_options: tuple[str, ...]) -> ExitCode:
    """Install the unit."""
    from gridmap.services.installation.service import enable_linger, install_service, service_url
    from gridmap.services.installation.units import account_name

    serve.make_context("serve", list(serve_options))  # refuses what serve would refuse
    installation = install_service(serve_options)
    lingers = enable_linger()
    url = service_url(installation.home)
    out.print_text(Message(INSTALLED, {"url": url, "home": installation.home}))
    if installation.account:
        values = {"account": installation.account, "program": installation.program}
        out.print_text(Message(AS_ACCOUNT, values))
    if not lingers:
        out.print_text(Message(NO_LINGER, {"account": account_name()}))
    out.print_json({"url": url, "home": str(installation.home), "account": installation.account, "lingers": lingers})
    return ExitCode.OK


@service.command("uninstall", help=N_("Stop the service and remove its unit; programs and data stay."))
@output_options
def remove_unit(out: Output) -> ExitCode:
    """Remove the unit."""
    from gridmap.services.installation.service import uninstall_service

    removed = uninstall_service()
    out.print_text(Message(REMOVED if removed else NO_UNIT))
    out.print_json({"removed": removed})
    return ExitCode.OK


@service.command("status", help=N_("Print how the service is; exit code 1 if it is not ready."))
@output_options
def unit_status(out: Output) -> ExitCode:
    """Print the status."""
    from gridmap.services.installation.service import service_status

    values = service_status()
    at_boot = YES if values["enabled"] else NO
    out.print_text(
        Message(UNIT_STATUS, {**values, "enabled": Message(at_boot)}) if values["unit"] else Message(NO_UNIT)
    )
    state = RUNNING if values["ready"] else NOT_READY_YET if values["running"] else NOT_RUNNING
    out.print_text(Message(state, values), Message(FOLDERS, values))
    out.print_json(values)
    return ExitCode.OK if values["ready"] else ExitCode.FAULTS


@service.command(
    "exec",
    context_settings=PASS_ON,
    help=N_("Run a command of gridmap with the account and the data of the service, such as: exec account list"),
)
@click.argument("arguments", nargs=-1, required=True, type=click.UNPROCESSED)
@click.help_option(help=HELP_TEXT)
def run_command(arguments: tuple[str, ...]) -> Any:
    """Run a command with the account and data of the service."""
    from gridmap.services.installation.programs import run_attached
    from gridmap.services.installation.units import current_installation

    return run_attached(current_installation(), arguments)
