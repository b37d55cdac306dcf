#!/usr/bin/env python3
"""Runs each X.sql of tests/sql and tools/flink/examples on the worker and compares with X.out, which Flink wrote.

  run.py [WORD]...             both ways; only cases with one of these words in their name
  run.py --way WAY             plain or batch1 (batches of one row) only; flink: is X.out still what Flink says?
  run.py --oracle [WORD]...    write X.out anew with real Flink; a new case gets X.out, with --final X.final.out
  run.py --show [WORD]...      print what the worker answers, compare nothing

How a statement's answer is compared:
  * rows that are all +I: row by row, in order. With an update among them (-U, +U, -D): what remains at the end.
    X.final.out holds rows that remain, sorted: for queries whose order of rows is open.
  * ERROR: an error is expected, at the same line and column if Flink names them. The words are ours.
  * OK and texts: literally.
Each script runs in a folder of its own with a copy of the `data` folder beside it, so ${dir} may be written to.
not_yet.txt lists what is known to be missing: CASE or CASE#STATEMENT, then the feature. When it starts to pass,
the run fails until its line is removed.
"""
import argparse
import collections
import concurrent.futures
import dataclasses
import difflib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
ORACLE = ROOT / "tools/flink/oracle"
TIMEOUT_S = 60
# A sanitizer's finding ends the worker by a signal, which no failed statement does.
ENVIRONMENT = {**os.environ, "ASAN_OPTIONS": "abort_on_error=1", "UBSAN_OPTIONS": "abort_on_error=1:print_stacktrace=1"}
WAYS = {"plain": [], "batch1": ["--batch-rows", "1"]}


@dataclasses.dataclass
class Case:
    """A script and the answers that Flink gave."""
    name: str
    script: pathlib.Path
    expected: pathlib.Path

    @property
    def final(self):
        return self.expected.name.endswith(".final.out")


def find_cases(folders, words, final_if_new):
    for folder in folders:
        for script in sorted(folder.glob("**/*.sql")):
            name = script.relative_to(ROOT).with_suffix("").as_posix()
            if words and not any(word in name for word in words):
                continue
            expected = [out for out in (script.with_suffix(".out"), script.with_suffix(".final.out")) if out.exists()]
            new = script.with_suffix(".final.out" if final_if_new else ".out")
            yield Case(name, script, expected[0] if expected else new)


def read_not_yet(path):
    """{case or case#statement: the missing feature}"""
    lines = path.read_text().split("\n") if path.exists() else []
    return dict(line.split(None, 1) for line in lines if line.strip() and not line.startswith("#"))


# ---- running -------------------------------------------------------------------------------------

def run_script(command, case):
    """What the command prints for a copy of the case in a folder of its own; a crash ends it with a CRASH line."""
    with tempfile.TemporaryDirectory(prefix="raudal-sql-") as folder:
        script = shutil.copy(case.script, folder)
        data = case.script.parent / "data"
        if data.is_dir():
            shutil.copytree(data, pathlib.Path(folder, "data"))
        try:
            done = subprocess.run([*command, script], capture_output=True, timeout=TIMEOUT_S, env=ENVIRONMENT)
        except subprocess.TimeoutExpired as late:
            return (late.stdout or b"").decode(errors="replace") + f"CRASH\tno end after {TIMEOUT_S} s\n"
    out = done.stdout.decode(errors="replace")
    if done.returncode not in (0, 1):
        out += f"CRASH\texit {done.returncode}: {done.stderr.decode(errors='replace')[:3000]}\n"
    return out


def worker_command(worker, case, way):
    return [worker, "sql", "--echo", *(["--final"] if case.final else []), *WAYS[way], "-f"]


def oracle_command(case):
    return [str(ORACLE), "--echo", *(["--final"] if case.final else [])]


# ---- comparing -----------------------------------------------------------------------------------

def blocks(text):
    """[(statement as echoed, lines of its answer)]"""
    result, echoing = [], False
    for line in text.split("\n")[:-1]:
        if line.startswith("> "):
            if echoing:
                result[-1][0].append(line)
            else:
                result.append(([line], []))
            echoing = True
        else:
            if not result:
                result.append(([], []))
            result[-1][1].append(line)
            echoing = False
    return [("\n".join(statement), answer) for statement, answer in result]


CHANGE = re.compile(r"(\+I|-U|\+U|-D)\t")
PLACE = re.compile(r"line (\d+), column (\d+)")


def error_of(answer):
    """('ERROR', line, column) of an answer that is a failure; its words, which may be several lines, do not count."""
    if any(line.startswith("CRASH\t") for line in answer):
        return None
    for number, line in enumerate(answer):
        if line.startswith("ERROR\t"):
            place = PLACE.search("\n".join(answer[number:]))
            return ("ERROR", *place.groups()) if place else ("ERROR",)
    return None


def remaining(answer):
    left = collections.Counter()
    for line in answer:
        op, _, row = line.partition("\t")
        left[row] += 1 if op in ("+I", "+U") else -1
    return sorted((row, count) for row, count in left.items() if count)


def agree(expected, actual, final):
    """Whether our answer to one statement is Flink's."""
    failed = error_of(expected)
    if failed:
        ours = error_of(actual)
        return ours is not None and ours[:len(failed)] == failed
    changes = [line for line in expected if CHANGE.match(line)]
    updates = any(not line.startswith("+I") for line in changes)
    if not final and changes and updates and len(changes) == len(expected):
        return all(CHANGE.match(line) for line in actual) and remaining(expected) == remaining(actual)
    return expected == actual


def differences(case, expected, actual):
    """[(statement number, what differs)]"""
    want, got = blocks(expected), blocks(actual)
    result = []
    for number in range(max(len(want), len(got))):
        statement, answer = want[number] if number < len(want) else ("(no further statement)", [])
        echoed, ours = got[number] if number < len(got) else ("(nothing)", [])
        if statement != echoed:
            result.append((number + 1, f"Expected the statement\n{statement}\nbut saw\n{echoed}\n" + "\n".join(ours)))
            break  # from here on the two do not speak of the same
        if not agree(answer, ours, case.final):
            diff = difflib.unified_diff(answer, ours, "Flink", "ours", lineterm="", n=2)
            result.append((number + 1, statement + "\n" + "\n".join(list(diff)[2:60])))
    return result


def judge(case, actual, not_yet):
    """What is wrong with a case's answers: [text]."""
    if not case.expected.exists():
        return [f"{case.expected.name} does not exist: `./x oracle {case.name}` writes it with real Flink"]
    found = differences(case, case.expected.read_text(), actual)
    if case.name in not_yet:
        return [] if found else [f"passes now: remove it from not_yet.txt ({not_yet[case.name]})"]
    problems = []
    for number, text in found:
        if f"{case.name}#{number}" not in not_yet:
            problems.append(f"statement {number}:\n{text}")
    missing = {number for number, _ in found}
    for key, feature in not_yet.items():
        name, _, number = key.partition("#")
        if name == case.name and number and int(number) not in missing:
            problems.append(f"statement {number} passes now: remove it from not_yet.txt ({feature})")
    return problems


# ---- commands ------------------------------------------------------------------------------------

def compare(cases, options, not_yet):
    def run(case_and_way):
        case, way = case_and_way
        start = time.monotonic()
        command = oracle_command(case) if way == "flink" else worker_command(options.worker, case, way)
        problems = judge(case, run_script(command, case), {} if way == "flink" else not_yet)
        return f"{case.name} ({way}, {time.monotonic() - start:.1f} s)", problems

    failed = 0
    runs = [(case, way) for case in cases for way in ([options.way] if options.way else WAYS)]
    with concurrent.futures.ThreadPoolExecutor(1 if options.way == "flink" else os.cpu_count()) as pool:
        for title, problems in pool.map(run, runs):
            failed += bool(problems)
            if problems:
                print(f"FAILED {title}")
                print(*problems, sep="\n\n", end="\n\n")
    unknown = sorted(key for key in not_yet if key.partition("#")[0] not in {case.name for case in cases})
    if unknown and not options.words:
        failed += 1
        print(f"FAILED not_yet.txt names no case: {', '.join(unknown)}")
    print(f"sql: {max(0, len(runs) - failed)} passed, {failed} failed")
    return 1 if failed or not runs else 0


def write_expected(cases):
    for case in cases:
        answer = run_script(oracle_command(case), case)
        if "CRASH\t" in answer or not answer:
            print(f"{case.name}: the oracle gave no answer:\n{answer}")
            return 1
        same = case.expected.exists() and case.expected.read_text() == answer
        case.expected.write_text(answer)
        print(f"{'same ' if same else 'wrote'} {case.expected.relative_to(ROOT)}")
    return 0


def show(cases, options):
    for case in cases:
        print(f"-- {case.name}\n{run_script(worker_command(options.worker, case, 'plain'), case)}")
    return 0


def with_served_oracle(run):
    """Keeps one Flink cluster up for all scripts."""
    subprocess.run([ORACLE, "serve"], check=True, stdout=sys.stderr)
    try:
        return run()
    finally:
        subprocess.run([ORACLE, "stop"], check=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("words", nargs="*", metavar="WORD")
    parser.add_argument("--way", choices=[*WAYS, "flink"])
    parser.add_argument("--oracle", action="store_true")
    parser.add_argument("--final", action="store_true")
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--worker", default=os.path.join(os.environ.get("RAUDAL_BIN", ROOT / "build/dev/bin"),
                                                         "raudal-worker"))
    options = parser.parse_args()
    cases = list(find_cases([HERE, ROOT / "tools/flink/examples"], options.words, options.final))
    if options.oracle:
        return with_served_oracle(lambda: write_expected(cases))
    not_yet = read_not_yet(HERE / "not_yet.txt")
    if options.way == "flink":
        return with_served_oracle(lambda: compare(cases, options, not_yet))
    if not os.access(options.worker, os.X_OK):
        sys.exit(f"sql: no worker at {options.worker}: build it with ./x build")
    return show(cases, options) if options.show else compare(cases, options, not_yet)


if __name__ == "__main__":
    sys.exit(main())
