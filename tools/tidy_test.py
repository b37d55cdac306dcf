#!/usr/bin/env python3
"""Tests of tidy.py: each rule accepts a small tree that keeps it, and names the place in one that breaks it."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

import tidy

HEADER = "// What this is.\n#pragma once\n"
CLEAN = {
    "CMakeLists.txt": "foreach(module base column)\nendforeach()\n",
    "tools/floors.txt": "0 base:\n1 column: base\n5 formats/*: base column\n7 control: base\n9 apps: *\n",
    "src/base/CMakeLists.txt": "add_module(base)\n",
    "src/base/str.h": HEADER,
    "src/base/str.cc": '#include "base/str.h"\n',
    "src/column/CMakeLists.txt": "add_module(column DEPS base)\n",
    "src/column/batch.h": HEADER + '#include "base/str.h"\n',
}


class TidyTest(unittest.TestCase):
    def problems(self, changes=None, removed=()):
        with tempfile.TemporaryDirectory() as root:
            for path, text in {**CLEAN, **(changes or {})}.items():
                if path not in removed:
                    file = pathlib.Path(root, path)
                    file.parent.mkdir(parents=True, exist_ok=True)
                    file.write_text(text)
            tree = tidy.Tree(root)
            return [problem for check in tidy.CHECKS for problem in check(tree)]

    def assert_problem(self, expected, changes, removed=()):
        problems = self.problems(changes, removed)
        self.assertEqual(len(problems), 1, problems)
        self.assertIn(expected, problems[0])

    def test_a_clean_tree_has_no_problem(self):
        self.assertEqual(self.problems(), [])

    def test_an_include_may_not_go_up(self):
        self.assert_problem("src/base/str.cc:2: base may not use column",
                            {"src/base/str.cc": '#include "base/str.h"\n#include "column/batch.h"\n'})

    def test_a_commented_include_does_not_count(self):
        self.assertEqual(self.problems({"src/base/str.cc": '// #include "column/batch.h"\n'}), [])

    def test_an_include_names_a_file_from_src(self):
        self.assert_problem("src/base/str.cc:1: str.h is no file", {"src/base/str.cc": '#include "str.h"\n'})

    def test_a_link_may_not_go_up(self):
        self.assert_problem("base may not link column", {"src/base/CMakeLists.txt": "add_module(base DEPS column)\n"})

    def test_third_party_libraries_are_no_modules(self):
        self.assertEqual(self.problems({"src/base/CMakeLists.txt": "add_module(base LIBS CURL::libcurl)\n"}), [])

    def test_the_module_has_the_name_of_its_folder(self):
        self.assert_problem("is named base, not bass", {"src/base/CMakeLists.txt": "add_module(bass)\n"})

    def test_formats_may_not_use_each_other(self):
        two = {"CMakeLists.txt": "foreach(module base column formats)\n",
               "src/formats/CMakeLists.txt": "add_subdirectory(csv)\nadd_subdirectory(json)\n",
               "src/formats/csv/CMakeLists.txt": "add_module(formats/csv DEPS column)\n",
               "src/formats/csv/csv.h": HEADER + '#include "column/batch.h"\n',
               "src/formats/json/CMakeLists.txt": "add_module(formats/json)\n",
               "src/formats/json/json.h": HEADER}
        self.assertEqual(self.problems(two), [])
        two["src/formats/json/json.h"] += '#include "formats/csv/csv.h"\n'
        self.assert_problem("formats/json may not use formats/csv", two)
        two["src/formats/json/json_test.cc"] = two["src/formats/json/json.h"].replace(HEADER, "")
        two["src/formats/json/json.h"] = HEADER
        self.assertEqual(self.problems(two), [])  # but a test may
        self.assert_problem("base may not use column", {"src/base/str_test.cc": '#include "column/batch.h"\n'})

    def test_parts_of_one_entry_may_use_each_other(self):
        parts = {"CMakeLists.txt": "foreach(module base column control)\n",
                 "src/control/CMakeLists.txt": "add_subdirectory(actions)\nadd_subdirectory(metadata)\n",
                 "src/control/actions/CMakeLists.txt": "add_module(control/actions DEPS control/metadata)\n",
                 "src/control/actions/list.h": HEADER + '#include "control/metadata/store.h"\n',
                 "src/control/metadata/CMakeLists.txt": "add_module(control/metadata)\n",
                 "src/control/metadata/store.h": HEADER}
        self.assertEqual(self.problems(parts), [])

    def test_floors_themselves_go_down(self):
        self.assert_problem("base (floor 0) may not use column",
                            {"tools/floors.txt": CLEAN["tools/floors.txt"].replace("0 base:", "0 base: column")})

    def test_a_module_without_a_floor(self):
        self.assert_problem("module extra is not in tools/floors.txt", {
            "CMakeLists.txt": "foreach(module base column extra)\n",
            "src/extra/CMakeLists.txt": "add_module(extra)\n", "src/extra/a.h": HEADER})

    def test_every_file_has_a_target(self):
        self.assert_problem("src/base/inner/a.h:1: no target owns this file", {"src/base/inner/a.h": HEADER})

    def test_the_build_reaches_every_folder(self):
        self.assert_problem("the build does not reach this folder",
                            {"CMakeLists.txt": "foreach(module base)\n"})

    def test_a_header_of_301_lines_is_too_long(self):
        self.assertEqual(self.problems({"src/base/str.h": HEADER + "\n" * 298}), [])
        self.assert_problem("the file has 301 lines", {"src/base/str.h": HEADER + "\n" * 299})

    def long_function(self, lines):
        return "namespace raudal {\nint f(int a) {\n" + "  a++;\n" * (lines - 2) + "}\n}\n"

    def test_a_function_of_61_lines_is_too_long(self):
        self.assertEqual(self.problems({"src/base/str.cc": self.long_function(60)}), [])
        self.assert_problem("src/base/str.cc:2: f has 61 lines", {"src/base/str.cc": self.long_function(61)})

    def test_a_member_function_and_a_test_are_measured_too(self):
        body = "  a++;\n" * 60
        self.assert_problem("A::f has 62", {"src/base/str.cc": f"int A::f(const B& b) const {{\n{body}}}\n"})
        self.assert_problem("Str.splits has 62", {"src/base/str_test.cc": f"TEST(Str, splits) {{\n{body}}}\n"})

    def test_a_table_may_be_long(self):
        self.assertEqual(self.problems({"src/base/str.cc": "const int kTable[] = {\n" + "  1,\n" * 200 + "};\n"}), [])

    def test_braces_in_literals_and_comments_do_not_count(self):
        one_line = 'int f() { return g("{", \'{\'); }  // {\n'
        self.assertEqual(self.problems({"src/base/str.cc": one_line + "int a;\n" * 99}), [])

    def test_the_ratchet_lets_an_old_function_shrink_but_not_grow(self):
        old = {"tools/tidy_ratchet.txt": "src/base/str.cc f 70\n"}
        self.assertEqual(self.problems({**old, "src/base/str.cc": self.long_function(70)}), [])
        self.assert_problem("grown from 70 to 71", {**old, "src/base/str.cc": self.long_function(71)})
        self.assert_problem("shrunk from 70 to 65", {**old, "src/base/str.cc": self.long_function(65)})
        self.assert_problem("is gone", old)

    def test_the_ratchet_is_lowered_never_raised(self):
        with tempfile.TemporaryDirectory() as root:
            files = {**CLEAN, "src/base/str.cc": self.long_function(65), "src/base/b.cc": self.long_function(80),
                     "tools/tidy_ratchet.txt":
                         "# why\nsrc/base/str.cc f 70\nsrc/base/b.cc f 75\nsrc/base/gone.cc 900\n"}
            for path, text in files.items():
                pathlib.Path(root, path).parent.mkdir(parents=True, exist_ok=True)
                pathlib.Path(root, path).write_text(text)
            tidy.lower_ratchet(tidy.Tree(root))
            self.assertEqual(pathlib.Path(root, "tools/tidy_ratchet.txt").read_text(),
                             "# why\nsrc/base/b.cc f 75\nsrc/base/str.cc f 65\n")

    def test_file_names(self):
        self.assert_problem("file names are snake_case", {"src/base/StrSplit.cc": ""})
        self.assert_problem("`utils` says nothing", {"src/base/str_utils.cc": ""})

    def test_a_header_opens_with_a_comment_and_pragma_once(self):
        self.assert_problem("a header opens with", {"src/base/str.h": "#pragma once\n"})
        self.assert_problem("#pragma once follows", {"src/base/str.h": "// What.\n\n#pragma once\n"})

    def test_a_type_has_a_comment(self):
        first = HEADER + "struct First {\n};\n"
        self.assertEqual(self.problems({"src/base/str.h": first + "// Why.\nclass Second {\n};\nclass Third;\n"}), [])
        self.assert_problem("src/base/str.h:5: Second has no comment",
                            {"src/base/str.h": first + "class Second : public First {\n};\n"})
        template = "// Why.\ntemplate <class T>\nclass Third {\n};\n"
        self.assertEqual(self.problems({"src/base/str.h": first + template}), [])
        self.assertEqual(self.problems({"src/base/str.h": first + "enum class Fourth {\n  kA,  // Why.\n};\n"}), [])
        opening = "// What. Second: why.\n#pragma once\nstruct First {\n};\nstruct Second {\n};\n"
        self.assertEqual(self.problems({"src/base/str.h": opening}), [])

    def test_banned_code(self):
        self.assert_problem("src/base/str.cc:1: #include <regex> is banned", {"src/base/str.cc": "#include <regex>\n"})
        self.assert_problem("#include <chrono> is banned", {"src/column/batch.h": HEADER + "#include <chrono>\n"})
        self.assertEqual(self.problems({"src/column/batch.cc": "#include <chrono>\n"}), [])
        self.assert_problem("assert( is banned", {"src/base/str.cc": "void f() { assert(true); }\n"})

    def test_a_disabled_test_names_an_issue(self):
        self.assert_problem("a disabled test names the issue", {"src/base/str_test.cc": "TEST(A, DISABLED_b) {}\n"})
        self.assertEqual(self.problems({"src/base/str_test.cc": "// (#12)\nTEST(A, DISABLED_b) {}\n"}), [])

    def test_leftovers(self):
        self.assert_problem("TODO without an issue", {"src/base/str.cc": "// TODO: more\n"})
        self.assert_problem("FIXME without an issue", {"src/base/str.cc": "// FIXME\n"})
        self.assertEqual(self.problems({"src/base/str.cc": "// TODO(#7): more\n"}), [])

    def test_lines(self):
        self.assert_problem("121 columns", {"src/base/str.cc": "//" + "x" * 119 + "\n"})
        self.assert_problem("a tab", {"src/base/str.cc": "\tint a;\n"})
        self.assert_problem("blanks at the end", {"src/base/str.cc": "int a; \n"})
        self.assert_problem("no line break", {"src/base/str.cc": "int a;"})
        self.assertEqual(self.problems({"src/base/str.cc": 'auto a = R"(' + "x" * 200 + ')";\n'}), [])

    def test_the_command_fails_when_there_is_a_problem(self):
        with tempfile.TemporaryDirectory() as root:
            pathlib.Path(root, "src/base").mkdir(parents=True)
            pathlib.Path(root, "src/base/str.cc").write_text("int a;")
            done = subprocess.run([sys.executable, tidy.__file__, "--root", root], capture_output=True, text=True)
        self.assertEqual(done.returncode, 1)
        self.assertIn("src/base/str.cc:1: no target owns this file", done.stdout)


if __name__ == "__main__":
    unittest.main()
