"""Options that several commands have."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.settings import CONFIG

config = click.option(
    "--config",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=CONFIG,
    show_default="the project's config/",
    help="Folder with gateway.yaml and departments.yaml.",
)
seed = click.option("--seed", type=int, default=1, show_default=True, help="Another number, another city.")
data = click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Fill the city from real public data in this folder (see sandbox/README.md).",
)
