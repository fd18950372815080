"""`python -m tests.benchmarks engine [--json] [--large] [--size N ...]`: run by hand."""

import argparse

from tests.benchmarks import engine


def main():
    """Run the benchmark that is asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    parser.add_argument("subject", choices=["engine"])
    parser.add_argument("--json", action="store_true", help="one document in place of a table")
    parser.add_argument("--large", action="store_true", help="5,000 flows as well")
    parser.add_argument("--size", type=int, nargs="+", help="numbers of flows")
    options = parser.parse_args()
    engine.main(
        as_json=options.json, large=options.large, sizes=tuple(options.size or engine.SIZES)
    )


if __name__ == "__main__":
    main()
