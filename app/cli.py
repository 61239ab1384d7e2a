"""The command `tieout`: shows that the books of a professional-services firm agree, and proposes what makes them.

Every verb is a thin wrapper of the Python API. Exit codes: 0 done; 1 `--fail-on` reached; 2 failed or misused; 3
partial.
"""

from __future__ import annotations

import sys

import typer

from app.commands import actions, audit, breaks, crosswalk, quarantine, revenue, sandbox, show, steps

__all__ = ["app", "main"]

app = typer.Typer(
    name="tieout",
    help="Ties out a professional-services firm: what its CRM, PSA, ERP and revenue say, and where they disagree.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

for module in (steps, show, audit):
    module.add_to(app)
app.add_typer(sandbox.app, name="sandbox")
app.add_typer(breaks.app, name="breaks")
app.add_typer(actions.app, name="actions")
app.add_typer(quarantine.app, name="quarantine")
app.add_typer(crosswalk.app, name="crosswalk")
app.add_typer(revenue.app, name="revenue")


def main() -> None:
    """Run the command; an error of ours is a sentence and exit code 2, what nobody foresaw a traceback and 2."""
    from contracts.errors import TieoutError

    try:
        app()
    except TieoutError as error:
        from app.console import fail

        fail(str(error))
        sys.exit(2)
    except BrokenPipeError:
        sys.exit(0)
    except Exception:  # noqa: BLE001 - 1 is what `--fail-on` says
        import traceback

        from app.console import fail

        fail(f"{traceback.format_exc()}Tieout stopped at what it does not know; what was published stays in place.")
        sys.exit(2)


if __name__ == "__main__":
    main()
