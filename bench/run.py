#!/usr/bin/env python3
"""Measures, and compares with real Apache Flink in the same run. `./x bench [NAME…]`; all without a name.

  core    rows per CPU-second of the three gates, each as a ratio to Flink running the same script
  pause   the pause of row processing at checkpoints, with 256 MiB of state
  start   StartApplication to RUNNING, and resident memory of an idle application
  flink   a JAR on real Flink: start, restore after a killed JobManager, resident memory
  kinesis records per second into and out of a stream, durable, the service on one core

Options: --no-flink leaves Flink out; --json FILE writes the figures.
"""
import argparse
import json
import os
import sys

import core
import flink_start
import kinesis
import pause
import start

BENCHMARKS = {'core': core.run, 'pause': pause.run, 'start': start.run, 'flink': flink_start.run,
              'kinesis': kinesis.run}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('names', nargs='*', metavar='NAME', help=', '.join(BENCHMARKS))
    parser.add_argument('--no-flink', action='store_true', help='measure Raudal only')
    parser.add_argument('--json', metavar='FILE', help='write the figures to this file')
    options = parser.parse_args()
    unknown = set(options.names) - set(BENCHMARKS)
    if unknown:
        parser.error(f'there is no benchmark {", ".join(sorted(unknown))}')
    figures, met = {}, True
    for name in options.names or BENCHMARKS:
        figures[name], passed = BENCHMARKS[name](options)
        met = met and passed
    if options.json:
        with open(options.json, 'w', encoding='utf-8') as file:
            json.dump(figures, file, indent=2)
    sys.exit(0 if met else 1)


if __name__ == '__main__':
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    main()
