#!/usr/bin/env python3
"""Writes src/api/kinesisanalyticsv2.inc from the service model that botocore ships: names, types and limits only.

    tools/api_model.py [path of service-2.json.gz] > src/api/kinesisanalyticsv2.inc

Run it when AWS publishes a new model; the table is checked in, so a build needs neither Python nor network.
"""
import gzip
import json
import os
import sys

HEADER = """\
R"model(
# kinesisanalyticsv2, API version 2018-05-23, as a table; written by tools/api_model.py.
#
#   <kind> <shape> [min..max] [/pattern/]      string integer long boolean timestamp blob
#   enum <shape> <value>...
#   list <shape> [min..max] <item shape>
#   map <shape> [min..max] <key shape> <value shape>
#   structure <shape>, then a line "  <member>[!] <shape>" for each member; ! is required
#   operation <name> <input shape> <output shape> <error>...
"""


def limits(shape):
    if "min" not in shape and "max" not in shape:
        return ""
    return " %s..%s" % (shape.get("min", ""), shape.get("max", ""))


def lines_of(name, shape):
    kind = shape["type"]
    if kind == "structure":
        if shape.get("exception"):
            return
        yield "structure " + name
        required = set(shape.get("required", ()))
        for member, target in shape["members"].items():
            yield "  %s%s %s" % (member, "!" if member in required else "", target["shape"])
    elif kind == "list":
        yield "list %s%s %s" % (name, limits(shape), shape["member"]["shape"])
    elif kind == "map":
        yield "map %s%s %s %s" % (name, limits(shape), shape["key"]["shape"], shape["value"]["shape"])
    elif "enum" in shape:
        yield "enum %s %s" % (name, " ".join(shape["enum"]))
    else:
        pattern = " /%s/" % shape["pattern"] if "pattern" in shape else ""
        yield "%s %s%s%s" % (kind, name, limits(shape), pattern)


def reachable(model):
    """The shapes of inputs and outputs, those of requests first, in the order in which they are met."""
    seen, order = set(), []

    def visit(name):
        if name in seen:
            return
        seen.add(name)
        shape = model["shapes"][name]
        for target in shape.get("members", {}).values():
            visit(target["shape"])
        for key in ("member", "key", "value"):
            if key in shape:
                visit(shape[key]["shape"])
        order.append(name)

    for side in ("input", "output"):
        for operation in model["operations"].values():
            visit(operation[side]["shape"])
    return order


def main():
    if len(sys.argv) > 1:
        path = sys.argv[1]
    else:
        import botocore
        path = os.path.join(os.path.dirname(botocore.__file__), "data/kinesisanalyticsv2/2018-05-23/service-2.json.gz")
    with gzip.open(path) as file:
        model = json.load(file)
    order = reachable(model)
    print(HEADER, end="")
    for name in sorted((n for n in order if model["shapes"][n]["type"] != "structure"), key=str):
        print("\n".join(lines_of(name, model["shapes"][name])))
    for name in (n for n in order if model["shapes"][n]["type"] == "structure"):
        print("\n".join(lines_of(name, model["shapes"][name])))
    for name, operation in sorted(model["operations"].items()):
        errors = " ".join(e["shape"] for e in operation.get("errors", ()))
        print("operation %s %s %s %s" % (name, operation["input"]["shape"], operation["output"]["shape"], errors))
    print(')model"')


if __name__ == "__main__":
    main()
