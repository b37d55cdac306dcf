#!/usr/bin/env python3
"""Tests of new.py: each skeleton, under another name, keeps the rules of tidy.py and compiles against the tree."""
import concurrent.futures
import os
import pathlib
import subprocess
import tempfile
import unittest

import new
import tidy

ROOT = new.SKELETONS.parent.parent
KINDS = sorted(path.name for path in new.SKELETONS.iterdir())


class NewTest(unittest.TestCase):
    def test_names(self):
        self.assertEqual(new.snake("TagResource"), "tag_resource")
        self.assertEqual(new.pascal("tag_resource"), "TagResource")
        self.assertEqual(new.pascal("TagResource"), "TagResource")

    def test_every_kind_has_a_list_of_what_is_left(self):
        for kind in KINDS:
            with tempfile.TemporaryDirectory() as root:
                files, left = new.write(kind, "quick_brown", pathlib.Path(root))
                self.assertTrue(files)
                self.assertNotIn("sample", left.lower())
                for file in files:
                    self.assertNotIn("sample", pathlib.Path(root, file).read_text().lower(), file)

    def test_nothing_is_overwritten(self):
        with tempfile.TemporaryDirectory() as root:
            new.write("connector", "fox", pathlib.Path(root))
            with self.assertRaises(SystemExit):
                new.write("connector", "fox", pathlib.Path(root))

    def test_skeletons_keep_the_rules(self):
        for kind in KINDS:
            with tempfile.TemporaryDirectory() as root:
                new.write(kind, "quick_brown", pathlib.Path(root))
                tree = tidy.Tree(root)
                checks = [tidy.check_sizes, tidy.check_names, tidy.check_headers, tidy.check_code, tidy.check_lines]
                self.assertEqual([problem for check in checks for problem in check(tree)], [], kind)

    def test_skeletons_compile(self):
        with tempfile.TemporaryDirectory() as root, concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            sources = []
            for kind in KINDS:
                files, _ = new.write(kind, "quick_brown", pathlib.Path(root))
                sources += [path for path in files if path.suffix == ".cc"]
            for source, done in zip(sources, pool.map(lambda source: self.compiled(root, source), sources)):
                self.assertEqual(done.returncode, 0, f"{source}\n{done.stderr}")

    def compiled(self, root, source):
        flags = ["-std=c++20", "-fsyntax-only", "-DFMT_SHARED", "-DHAS_STRING_VIEW=1",
                 "-Wall", "-Wextra", "-Werror", "-Wno-unused-parameter",
                 "-Wno-missing-field-initializers", "-Wno-unused-private-field"]
        command = ["clang++-19", *flags, f"-I{root}/src", f"-I{ROOT}/src", f"{root}/{source}"]
        return subprocess.run(command, capture_output=True, text=True)


if __name__ == "__main__":
    unittest.main()
