"""``python -m microtorch.labs build|prove|report``: make the notebooks, prove the labs, read what was handed in."""

# ruff: noqa: T201 (a command prints)

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from .checking import load, registered
from .exercise import Lab
from .report import hand_in, notebooks, table
from .workshop.build import build, masters
from .workshop.master import Master, MasterError
from .workshop.proof import prove


def main() -> int:
    """Run the command; 0 where all went well."""
    arguments = parsed()
    try:
        return int(arguments.command(arguments))
    except (FileNotFoundError, MasterError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2


def parsed() -> argparse.Namespace:
    """What is asked for."""
    parser = argparse.ArgumentParser(prog="python -m microtorch.labs", description="Labs: built, proven, handed in.")
    commands = parser.add_subparsers(required=True)
    each = commands.add_parser("build", help="write the student's and the solved notebooks from a folder's masters")
    each.add_argument("folder", type=Path, help="with a folder `masters` in it")
    each.set_defaults(command=build_all)
    each = commands.add_parser("prove", help="run the labs untouched, solved, and solved one exercise at a time; try all checks")
    each.add_argument("folder", type=Path, help="with a folder `masters` in it")
    each.set_defaults(command=prove_all)
    each = commands.add_parser(
        "report", help="who has solved what, from the notebooks that were handed in; nothing is sent anywhere"
    )
    each.add_argument("paths", type=Path, nargs="+", help="notebooks, or folders of them")
    each.add_argument("--json", action="store_true", help="print JSON instead of a table")
    each.add_argument("--run", action="store_true", help="run the notebooks instead of believing their outputs: strangers' code")
    each.set_defaults(command=report_on)
    return parser.parse_args()


def build_all(arguments: argparse.Namespace) -> int:
    """Write them."""
    for path in build(arguments.folder):
        print(path)
    return 0


def prove_all(arguments: argparse.Namespace) -> int:
    """Say what is wrong with each lab."""
    complaints = 0
    if (arguments.folder / "exercises.py").is_file():
        load((arguments.folder / "exercises.py").resolve())
    for path in masters(arguments.folder):
        master = Master.read(path)
        lab = lab_of(master)
        print(f"{master.name}: {len(lab.exercises)} exercises", flush=True)
        for complaint in prove(master, lab):
            complaints += 1
            print(f"  {complaint}", flush=True)
    print("All is proven." if not complaints else f"{complaints} complaints.")
    return 1 if complaints else 0


def lab_of(master: Master) -> Lab:
    """The lab whose exercises a master checks.

    Raises:
        ValueError: it checks none.
    """
    if not master.checks():
        raise ValueError(f'{master.path}: there is no check("…") in it')
    return registered(master.checks()[0].partition("-")[0])


def report_on(arguments: argparse.Namespace) -> int:
    """Print who has solved what."""
    found = [hand_in(path, arguments.run) for path in notebooks(arguments.paths)]
    print(json.dumps([each.to_dict() for each in found], indent=1, ensure_ascii=False) if arguments.json else table(found))
    return 1 if any(each.problem for each in found) else 0


if __name__ == "__main__":
    sys.exit(main())
