"""Commands that run the service, or pages of it on a further host."""

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import click

from gridmap.cli.options import HOUR_HELP, HOUR_RANGE, output_options
from gridmap.cli.output import ExitCode, Output
from gridmap.cli.progress import progress_bar
from gridmap.core.errors import N_
from gridmap.environment import unknown_variables

PORT_RANGE = click.IntRange(0, 65535)
HOST = click.option("--host", default="127.0.0.1", show_default=True, help=N_("Address to listen on."))
PORT = click.option(
    "--port",
    type=PORT_RANGE,
    envvar="GRIDMAP_PORT",
    default=8000,
    show_default=True,
    help=N_("Port to listen on; also GRIDMAP_PORT."),
)
PROCESSES = click.option(
    "--processes", type=click.IntRange(1, 64), default=2, show_default=True, help=N_("Number of web processes.")
)
BEHIND_PROXY = click.option(
    "--behind-proxy",
    "trusted_proxies",
    multiple=True,
    metavar="ADDRESS",
    envvar="GRIDMAP_BEHIND_PROXY",
    help=N_("Address or network of the office's TLS proxy, whose X-Forwarded headers count; may be repeated."),
)
ALLOWED_HOST = click.option(
    "--allowed-host",
    "allowed_hosts",
    multiple=True,
    metavar="NAME",
    default=("local",),
    envvar="GRIDMAP_ALLOWED_HOSTS",
    help=N_("Name by which browsers reach the service; default: local, for private addresses; may be repeated."),
)


def listener_options(command: Callable[..., ExitCode]) -> Callable[..., ExitCode]:
    """Add the options of the address, the port and the number of web processes."""
    for option in (PROCESSES, PORT, HOST):
        command = option(command)
    return command


def proxy_options(command: Callable[..., ExitCode]) -> Callable[..., ExitCode]:
    """Add the options of the host names and of the proxy through which browsers reach the service."""
    for option in (BEHIND_PROXY, ALLOWED_HOST):
        command = option(command)
    return command


@click.command(help=N_("Run the service: database, web pages and their supervision. Ctrl-C stops it."))
@listener_options
@click.option(
    "--job-slots",
    type=click.IntRange(0, 64),
    default=2,
    show_default=True,
    help=N_("Jobs in the background at the same time; 0 for none on this host."),
)
@click.option("--demo", is_flag=True, help=N_("Load the demo subdistrict if the database is empty."))
@click.option("--lan", is_flag=True, help=N_("Run Caddy as a TLS proxy, for phones in the same network."))
@click.option(
    "--lan-host", envvar="GRIDMAP_LAN_HOST", help=N_("Address of this machine in that network; default: detected.")
)
@click.option(
    "--lan-port", type=PORT_RANGE, envvar="GRIDMAP_LAN_PORT", default=8443, show_default=True, help=N_("Port of Caddy.")
)
@click.option(
    "--trust-port",
    type=PORT_RANGE,
    envvar="GRIDMAP_TRUST_PORT",
    default=8444,
    show_default=True,
    help=N_("Port of the page that explains how phones trust this machine."),
)
@click.option(
    "--certificate",
    type=click.Path(dir_okay=False, path_type=Path),
    envvar="GRIDMAP_CERTIFICATE",
    help=N_("Run Caddy with the office's own certificate (PEM), under the names in it; also GRIDMAP_CERTIFICATE."),
)
@click.option(
    "--certificate-key",
    type=click.Path(dir_okay=False, path_type=Path),
    envvar="GRIDMAP_CERTIFICATE_KEY",
    help=N_("Key of the certificate; default: in the same file, or in the file of the same name that ends in .key."),
)
@proxy_options
@click.option(
    "--backup-folder",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="GRIDMAP_BACKUP_FOLDER",
    help=N_("Folder of the backups of the night; default: backups/nightly of the home; also GRIDMAP_BACKUP_FOLDER."),
)
@click.option(
    "--backup-hour", type=HOUR_RANGE, envvar="GRIDMAP_BACKUP_HOUR", default=3, show_default=True, help=HOUR_HELP
)
@output_options
def serve(out: Output, **options: Any) -> ExitCode:
    """Serve until stopped."""
    from gridmap.serving.options import service_from_options

    out.print_warnings_on_stderr(unknown_variables(os.environ))
    service_from_options(options).run(out.print_in_languages, partial(progress_bar, out.language))
    return ExitCode.OK


@click.command(
    help=N_("Serve pages from a further host: DATABASE_URL names the database, GRIDMAP_SECRETS the shared secrets.")
)
@listener_options
@proxy_options
@output_options
def web(out: Output, **options: Any) -> ExitCode:
    """Serve pages until stopped."""
    from gridmap.serving.options import service_from_options

    out.print_warnings_on_stderr(unknown_variables(os.environ))
    service = service_from_options({**options, "web_only": True})
    service.run(out.print_in_languages, partial(progress_bar, out.language))
    return ExitCode.OK
