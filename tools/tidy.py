#!/usr/bin/env python3
"""Checks of the source that need no compiler: floors, ownership, sizes, names, comments, leftovers.

  tidy.py [--root DIR]    print each violation as `path:line: what, and what to do`; exit 1 if there is one
  tidy.py --ratchet       write lower numbers into tools/tidy_ratchet.txt where a long file or function has shrunk

The rules are those of CONTRIBUTING.md. What may include what is in tools/floors.txt. tools/tidy_ratchet.txt lists
what is longer than allowed, with its length: it may shrink, never grow.
"""
import argparse
import fnmatch
import pathlib
import re
import sys
from dataclasses import dataclass, field

HEADER_LINES_MAX = 300
SOURCE_LINES_MAX = 600
FUNCTION_LINES_MAX = 60
COLUMNS_MAX = 120
OPENING_COMMENT_LINES_MAX = 16

BANNED_NAME_PARTS = {
    "utils": "what it does", "util": "what it does", "helpers": "what it does", "helper": "what it does",
    "common": "the concept it holds", "misc": "the concept it holds", "manager": "what it owns or decides",
}
BANNED_CODE = [
    (r"#include <(regex|iostream)>", "use base/str.h, PCRE2 behind expr, or fmt", None),
    (r"#include <(filesystem|future|random|chrono)>", "heavy for a header: base/fs.h, base/rng.h, base/clock.h have it",
     r"^src/(?!base/|net/).*\.h$"),
    (r"\bsleep\s*\(", "a test waits for a condition with a deadline, it never sleeps", r"_test\.cc$"),
    (r"\busing namespace std\b", "name what is used", None),
    (r"(?<![\w.])assert\s*\(", "use CHECK or DCHECK (base/check.h)", None),
    (r"\bstd::(cout|cerr)\b", "use fmt::print or obs", None),
]
LEFTOVERS = re.compile(r"\b(FIXME|XXX|HACK)\b|\bTODO\b(?!\(#\d+\))")


@dataclass
class Source:
    """One file of src/, with its code and its comments apart."""
    path: str  # from the root, with /
    text: str
    lines: list = field(init=False)
    code: list = field(init=False)  # the same lines with comments and the insides of literals blanked

    def __post_init__(self):
        self.lines = self.text.split("\n")
        self.code = blank(self.text).split("\n")


TOKEN = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"([^(\s"]{0,16})\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])\'(?:\\.|[^\'\\\n])+\'', re.S)


def blank(text):
    """Replaces comments and literals by spaces, keeping every line break; #include paths stay."""
    def spaces(match):
        token = match[0]
        start = text.rfind("\n", 0, match.start()) + 1
        if token[0] == '"' and text.startswith("#include", start):
            return token
        return re.sub(r"[^\n]", " ", token) if token[0] == "/" else '"' + re.sub(r"[^\n]", "_", token[1:-1]) + '"'
    return TOKEN.sub(spaces, text)


class Tree:
    """All that the checks look at, read once."""

    def __init__(self, root):
        self.root = pathlib.Path(root)
        self.sources = [Source(self.relative(p), p.read_text()) for p in sorted(self.root.glob("src/**/*"))
                        if p.suffix in (".h", ".cc")]
        self.cmake = {self.relative(p.parent): p.read_text() for p in sorted(self.root.glob("src/**/CMakeLists.txt"))}
        self.other = [p for pattern in ("*.py", "*.sh", "*.cmake") for d in ("tools", "tests", "cmake", "bench", "demo")
                      for p in sorted(self.root.glob(f"{d}/**/{pattern}"))]
        self.top_cmake = self.read("CMakeLists.txt")
        self.floors, self.floor_problems = parse_floors(self.read("tools/floors.txt"))
        self.ratchet = parse_ratchet(self.read("tools/tidy_ratchet.txt"))

    def relative(self, path):
        return path.relative_to(self.root).as_posix()

    def read(self, path):
        path = self.root / path
        return path.read_text() if path.exists() else ""


# ---- floors --------------------------------------------------------------------------------------

def parse_floors(text):
    """{module: (floor, names it may use)}, and the lines that contradict themselves."""
    floors, problems = {}, []
    for number, line in enumerate(text.split("\n"), 1):
        match = re.match(r"(\d+) ([\w/*]+):\s*(.*)", line)
        if match:
            floors[match[2]] = (int(match[1]), match[3].split())
        elif line.strip() and not line.startswith("#"):
            problems.append(f"tools/floors.txt:{number}: not of the form `FLOOR MODULE: MODULE...`")
    for module, (floor, uses) in floors.items():
        for used in uses:
            if used != "*" and (used not in floors or floors[used][0] >= floor):
                problems.append(f"tools/floors.txt:1: {module} (floor {floor}) may not use {used}: it is not below")
    return floors, problems


def entry_of(floors, module):
    """The name under which floors.txt lists a module: itself, its folder's pattern, or the folder above."""
    for name in floors:
        if name == module or "*" in name and fnmatch.fnmatchcase(module, name):
            return name
    return entry_of(floors, module.rpartition("/")[0]) if "/" in module else None


def may_use(floors, module, used, for_test=False):
    """Whether `module` may include or link `used`; parts of one plain entry (control/...) may use each other. A test
    may use what is not above it: a connector is tested with a format."""
    entry, other = entry_of(floors, module), entry_of(floors, used)
    if entry is None or other is None:
        return False
    if for_test and floors[other][0] <= floors[entry][0]:
        return True
    if module == used or entry == other and "*" not in entry:
        return True
    return other in floors[entry][1] or floors[entry][1] == ["*"]


def module_of(tree, path):
    """The nearest folder above a file that declares a target, from src/; None if none does."""
    folder = path.rpartition("/")[0]
    while folder != "src" and folder:
        if re.search(r"\b(add_module|add_binary|add_library|add_executable)\s*\(", tree.cmake.get(folder, "")):
            return folder[4:]
        folder = folder.rpartition("/")[0]
    return None


def check_floors(tree):
    yield from tree.floor_problems
    for source in tree.sources:
        module = module_of(tree, source.path)
        if module is None:
            continue  # check_ownership says so
        if entry_of(tree.floors, module) is None:
            yield f"{source.path}:1: module {module} is not in tools/floors.txt: give it a floor"
            continue
        for_test = source.path.endswith("_test.cc") or "#include <gtest/gtest.h>" in source.code
        for number, line in enumerate(source.code, 1):
            match = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
            if not match:
                continue
            included = f"src/{match[1]}"
            if not (tree.root / included).is_file():
                yield f"{source.path}:{number}: {match[1]} is no file below src/: include from there"
                continue
            used = module_of(tree, included)
            if used and not may_use(tree.floors, module, used, for_test):
                yield f"{source.path}:{number}: {module} may not use {used} (tools/floors.txt)"


def check_links(tree):
    for folder, text in tree.cmake.items():
        text = re.sub(r"#.*", "", text)
        for command, name, rest in re.findall(r"\b(add_module|add_binary)\s*\(\s*([\w/.-]+)([^)]*)\)", text):
            module = folder[4:]
            if command == "add_module" and name != module:
                yield f"{folder}/CMakeLists.txt:1: the module of this folder is named {module}, not {name}"
            words = rest.split()
            linked = words[words.index("DEPS" if command == "add_module" else "MODULES") + 1:] \
                if ("DEPS" if command == "add_module" else "MODULES") in words else []
            for used in linked:
                if used == "LIBS":
                    break
                if not used.startswith("$") and not may_use(tree.floors, module, used):
                    yield f"{folder}/CMakeLists.txt:1: {module} may not link {used} (tools/floors.txt)"


def check_ownership(tree):
    """Every file belongs to a target that the build reaches."""
    for source in tree.sources:
        folder = source.path.rpartition("/")[0]
        if not re.search(r"\b(add_module|add_binary|add_library|add_executable)\s*\(", tree.cmake.get(folder, "")):
            owner = module_of(tree, source.path)
            inner = folder[4 + len(owner) + 1:] if owner else ""
            if not (owner and inner and re.search(rf"\b{re.escape(inner)}\b", tree.cmake[f"src/{owner}"])):
                yield f"{source.path}:1: no target owns this file: its folder needs a CMakeLists.txt with add_module"
    for folder in tree.cmake:
        parent, _, name = folder.rpartition("/")
        text = tree.top_cmake if parent == "src" else tree.cmake.get(parent, "")
        named = re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", re.sub(r"#.*", "", text))
        if not named and "GLOB" not in text:
            yield f"{folder}/CMakeLists.txt:1: the build does not reach this folder: add it to the CMakeLists.txt above"


# ---- sizes ---------------------------------------------------------------------------------------

def parse_ratchet(text):
    """{(path, '' or function name): lines}"""
    ratchet = {}
    for line in text.split("\n"):
        words = line.split()
        if words and not line.startswith("#"):
            ratchet[(words[0], words[1] if len(words) == 3 else "")] = int(words[-1])
    return ratchet


TRANSPARENT = re.compile(
    r"(^|[\s;}])(namespace|class|struct|union|enum)\b[^()=]*(\([^()]*\)[^()=]*)?$|extern\s+\"[^\"]*\"\s*$")


def functions(source):
    """(name, first line, number of lines) of each function body at namespace or class scope."""
    transparent, depth, start, name, prefix = [], 0, 0, "", ""
    for number, line in enumerate(source.code, 1):
        if line.lstrip().startswith("#") or line.endswith("\\"):
            continue
        for piece in re.findall(r"[^{};]+|[{};]", line):
            if piece == "{":
                if depth == 0 and TRANSPARENT.search(prefix.strip()):
                    transparent.append(True)
                else:
                    if depth == 0:
                        start, name = number, function_name(prefix)
                    depth += 1
                prefix = ""
            elif piece == "}":
                if depth > 0:
                    depth -= 1
                    if depth == 0 and name:
                        yield name, start, number - start + 1
                elif transparent:
                    transparent.pop()
                prefix = ""
            elif piece == ";":
                prefix = ""
            else:
                prefix += piece + " "


def function_name(prefix):
    """The name before the parameters; '' for an initialiser, which is a table."""
    prefix = prefix.strip()
    if prefix.endswith("=") or "(" not in prefix:
        return ""
    match = re.match(r"(?:TEST|TEST_F|TEST_P|TYPED_TEST)\s*\(\s*(\w+)\s*,\s*(\w+)", prefix)
    if match:
        return f"{match[1]}.{match[2]}"
    match = re.search(r"([\w:~]+|operator\S+)\s*\(", prefix)
    return match[1] if match else ""


def sizes(tree):
    """((path, function or ''), line, lines, allowed) of all that has a limit."""
    for source in tree.sources:
        allowed = HEADER_LINES_MAX if source.path.endswith(".h") else SOURCE_LINES_MAX
        yield (source.path, ""), 1, len(source.lines) - 1, allowed
        longest = {}
        for name, line, lines in functions(source):
            if lines > longest.get(name, (0, 0))[1]:
                longest[name] = (line, lines)
        for name, (line, lines) in longest.items():
            yield (source.path, name), line, lines, FUNCTION_LINES_MAX


def check_sizes(tree):
    seen = set()
    for key, line, lines, allowed in sizes(tree):
        seen.add(key)
        path, name = key
        what = f"{name} has" if name else "the file has"
        old = tree.ratchet.get(key)
        if old is None and lines > allowed:
            yield f"{path}:{line}: {what} {lines} lines, {allowed} are allowed: split it by what it does"
        elif old is not None and lines > old:
            yield f"{path}:{line}: {what} grown from {old} to {lines} lines; what is too long may only shrink"
        elif old is not None and lines < old:
            yield f"{path}:{line}: {what} shrunk from {old} to {lines} lines: keep that with `./x tidy --ratchet`"
    for path, name in tree.ratchet.keys() - seen:
        yield f"tools/tidy_ratchet.txt:1: {path} {name} is gone: remove its line with `./x tidy --ratchet`"


def lower_ratchet(tree):
    """Rewrites the ratchet with what has shrunk; never raises or adds a number."""
    now = {key: (lines, allowed) for key, _, lines, allowed in sizes(tree)}
    kept = {key: min(old, now[key][0]) for key, old in tree.ratchet.items()
            if key in now and now[key][0] > now[key][1]}
    path = tree.root / "tools/tidy_ratchet.txt"
    comments = [line for line in path.read_text().split("\n") if line.startswith("#")] if path.exists() else []
    lines = [" ".join(filter(None, [*key, str(kept[key])])) for key in sorted(kept)]
    path.write_text("\n".join(comments + lines) + "\n")


# ---- names, comments, leftovers ------------------------------------------------------------------

def check_names(tree):
    for source in tree.sources:
        folders, _, file_name = source.path.rpartition("/")
        if not re.fullmatch(r"[a-z][a-z0-9_]*\.(h|cc)", file_name):
            yield f"{source.path}:1: file names are snake_case, .h or .cc"
        for part in re.split(r"[/_.]", source.path):
            if part in BANNED_NAME_PARTS:
                yield f"{source.path}:1: `{part}` says nothing: name it for {BANNED_NAME_PARTS[part]}"


def check_headers(tree):
    for source in tree.sources:
        if not source.path.endswith(".h"):
            continue
        opening = 0
        while opening < len(source.lines) and source.lines[opening].startswith("//"):
            opening += 1
        if not 1 <= opening <= OPENING_COMMENT_LINES_MAX:
            yield f"{source.path}:1: a header opens with two to six lines: what it is, who uses it, the invariant"
        if source.lines[opening:opening + 1] != ["#pragma once"]:
            yield f"{source.path}:{opening + 1}: #pragma once follows the opening comment"
        yield from check_type_comments(source)


TYPE = re.compile(
    r"(?:class|struct|enum class|enum|union)\s+(?:\[\[\w+\]\]\s+)?(\w+)(?:\s+final)?\s*(?::[^:;].*|\{[^}]*)?$")
HIDDEN = re.compile(r"namespace\s+(internal|detail)?\s*\{")


def check_type_comments(source):
    """Each type at namespace scope has a comment: above it, in its first line, or in the header's opening comment,
    which is that of the first type and of each that it names."""
    first, hidden = True, False
    opening = source.text.partition("#pragma once")[0]
    for number, line in enumerate(source.code):
        if line.startswith("namespace") or line.startswith("}"):
            hidden = bool(HIDDEN.match(line))
        match = TYPE.match(line)
        if not match or hidden:
            continue
        above = number - 1
        while above > 0 and re.match(r"\s*(template|requires)\b|\s*\[\[", source.lines[above]):
            above -= 1
        commented = source.lines[above].startswith("//") or "//" in "".join(source.lines[number:number + 2])
        if not (commented or first or re.search(rf"\b{match[1]}\b", opening)):
            yield f"{source.path}:{number + 1}: {match[1]} has no comment: say what it is and why"
        first = False


def check_code(tree):
    for source in tree.sources:
        for pattern, instead, where in BANNED_CODE:
            if where and not re.search(where, source.path):
                continue
            for number, line in enumerate(source.code, 1):
                match = re.search(pattern, line)
                if match:
                    yield f"{source.path}:{number}: {match[0].strip()} is banned: {instead}"
        for number, line in enumerate(source.code, 1):
            if re.search(r"\bDISABLED_\w", line):
                around = " ".join(source.lines[max(0, number - 2):number])
                if not re.search(r"#\d+", around):
                    yield f"{source.path}:{number}: a disabled test names the issue it waits for, as (#12)"


def check_lines(tree):
    for source in tree.sources:
        yield from check_text(source.path, source.lines, source.code)
    for path in tree.other:
        lines = path.read_text().split("\n")
        yield from check_text(tree.relative(path), lines, None)


def check_text(path, lines, code):
    raw = False
    for number, line in enumerate(lines, 1):
        raw = raw or 'R"' in line
        if len(line) > COLUMNS_MAX and not raw and not line.startswith("#include"):
            yield f"{path}:{number}: {len(line)} columns, {COLUMNS_MAX} are allowed"
        if raw and (')"' in line or re.search(r'\)\w*"', line)):
            raw = False
        if "\t" in line and not path.endswith(".py"):
            yield f"{path}:{number}: a tab: indent with spaces"
        if line != line.rstrip() and not raw:
            yield f"{path}:{number}: blanks at the end of the line"
        leftover = code is not None and LEFTOVERS.search(line)
        if leftover:
            yield f"{path}:{number}: {leftover[0]} without an issue: do it, or write TODO(#12)"
    if lines[-1:] != [""] and lines != [""]:
        yield f"{path}:{len(lines)}: the last line has no line break"


CHECKS = [check_floors, check_links, check_ownership, check_sizes, check_names, check_headers, check_code, check_lines]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", default=pathlib.Path(__file__).resolve().parent.parent)
    parser.add_argument("--ratchet", action="store_true")
    options = parser.parse_args()
    if options.ratchet:
        lower_ratchet(Tree(options.root))
    tree = Tree(options.root)
    problems = [problem for check in CHECKS for problem in check(tree)]
    print(*problems, sep="\n", end="\n" if problems else "")
    print(f"tidy: {len(tree.sources)} files, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
