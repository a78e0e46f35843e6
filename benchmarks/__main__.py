"""``python -m benchmarks NAME [--runs N] [--recipes A,B] [--json]``."""

from __future__ import annotations

import argparse
import importlib
import json

NAMES = (
    "book",
    "build",
    "burst",
    "density",
    "discovery",
    "kernels",
    "launch",
    "moved",
    "page",
    "service",
)


def main(arguments: list[str] | None = None) -> None:
    """Run a benchmark; progress goes to standard error, results to standard output."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("name", choices=NAMES)
    parser.add_argument("--runs", type=int, default=5, help="rounds (default: 5)")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument(
        "--recipes", default="", help="of build: the recipes, with commas between (default: all)"
    )
    options = parser.parse_args(arguments)
    benchmark = importlib.import_module(f"benchmarks.{options.name}")
    if options.recipes:
        recipes = options.recipes.split(",")
        if unknown := set(recipes) - set(getattr(benchmark, "RECIPES", ())):
            parser.error(f"{options.name} has no recipe {', '.join(sorted(unknown))}")
        result = benchmark.run(options.runs, recipes)
    else:
        result = benchmark.run(options.runs)
    if options.json:
        print(json.dumps(result, indent=2))
        return
    for label, row in result["results"].items():
        unit, least, greatest = row["unit"], row["min"], row["max"]
        print(f"{label:56} {row['median']:8.2f} {unit:3} ({least:.2f} to {greatest:.2f})")
    for label, row in result["ratios"].items():
        print(f"{label:56} {row['median']:8.2f} times ({row['min']:.2f} to {row['max']:.2f})")


if __name__ == "__main__":
    main()
