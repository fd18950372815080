"""
Benchmarks, run by hand.

`python -m tests.benchmarks engine [--json] [--large] [--size N ...] [--pulumi-size N]`
`python -m tests.benchmarks provider [--json] [--size N ...]`
"""

import argparse

from tests.benchmarks import engine, provider


def main():
    """Run the benchmark that is asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    parser.add_argument("subject", choices=["engine", "provider"])
    parser.add_argument("--json", action="store_true", help="one document in place of a table")
    parser.add_argument("--large", action="store_true", help="5,000 flows as well")
    parser.add_argument(
        "--pulumi-size",
        type=int,
        default=engine.EXECUTABLE_SIZE,
        help="number of flows for Pulumi's executable, if there is one; one of the sizes",
    )
    parser.add_argument("--size", type=int, nargs="+", help="numbers of flows")
    options = parser.parse_args()
    if options.subject == "provider":
        provider.main(as_json=options.json, sizes=tuple(options.size or provider.SIZES))
        return
    engine.main(
        as_json=options.json,
        large=options.large,
        sizes=tuple(options.size or engine.SIZES),
        executable_size=options.pulumi_size,
    )


if __name__ == "__main__":
    main()
