"""``python -m neural`` is the ``neural`` command."""

from neural.cli.main import main

main(prog_name="neural")
