#!/usr/bin/env python3
"""Writes the skeleton of a new function, operator, connector or action, and lists what is left to do by hand.

  new.py KIND NAME [--root DIR]    NAME in snake_case (an action as AWS spells it, as in TagResource)

A skeleton is the folder tools/skeletons/KIND: its files go to the same places of the tree, with `sample` and `Sample`
replaced by the name. Its NEXT file is what is printed at the end. tools/new_test.py compiles all of them.
"""
import argparse
import pathlib
import re
import sys

SKELETONS = pathlib.Path(__file__).resolve().parent / "skeletons"


def snake(name):
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def pascal(name):
    return "".join(word[:1].upper() + word[1:] for word in name.split("_"))


def replaced(text, name):
    return text.replace("SAMPLE", snake(name).upper()).replace("sample", snake(name)).replace("Sample", pascal(name))


def write(kind, name, root):
    """The files written and what is left to do."""
    folder = SKELETONS / kind
    files = [(path, root / replaced(path.relative_to(folder).as_posix(), name))
             for path in sorted(folder.glob("**/*")) if path.is_file() and path.name != "NEXT"]
    there = [str(target.relative_to(root)) for _, target in files if target.exists()]
    if there:
        sys.exit(f"new: there is a {', '.join(there)} already")
    for path, target in files:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(replaced(path.read_text(), name))
    return [target.relative_to(root) for _, target in files], replaced((folder / "NEXT").read_text(), name)


def main():
    kinds = sorted(path.name for path in SKELETONS.iterdir())
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=kinds)
    parser.add_argument("name")
    parser.add_argument("--root", type=pathlib.Path, default=SKELETONS.parent.parent)
    options = parser.parse_args()
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", options.name):
        sys.exit("new: a name has letters, digits and _")
    files, left = write(options.kind, options.name, options.root)
    print("Wrote", *files, sep="\n  ")
    print(f"\nLeft to do by hand (CONTRIBUTING.md says more):\n{left}", end="")


if __name__ == "__main__":
    main()
