#!/usr/bin/env python3
"""Tests of run.py: what agrees with Flink's answer, what does not, and what not_yet.txt changes."""
import pathlib
import tempfile
import unittest

import run

EXPECTED = """> CREATE TABLE t (a INT)
OK
> SELECT a
> FROM t
+I\t1
+I\t2
> SELECT COUNT(*) FROM t
+I\t1
-U\t1
+U\t2
> SELECT b FROM t
ERROR\tSqlValidatorException: Column 'b' not found [From line 1, column 8 to line 1, column 8]
> SELECT CAST('x' AS INT)
ERROR\tNumberFormatException: For input string
"""


class RunTest(unittest.TestCase):
    def judge(self, actual, not_yet=None, final=False, expected=EXPECTED):
        with tempfile.TemporaryDirectory() as folder:
            out = pathlib.Path(folder, "t.final.out" if final else "t.out")
            out.write_text(expected)
            return run.judge(run.Case("t", pathlib.Path(folder, "t.sql"), out), actual, not_yet or {})

    def assert_differs(self, statement, actual, **options):
        problems = self.judge(actual, **options)
        self.assertEqual(len(problems), 1, problems)
        self.assertIn(f"statement {statement}", problems[0])

    def test_the_same_answer_agrees(self):
        self.assertEqual(self.judge(EXPECTED), [])

    def test_appended_rows_keep_their_order(self):
        self.assert_differs(2, EXPECTED.replace("+I\t1\n+I\t2\n", "+I\t2\n+I\t1\n"))

    def test_a_missing_row_is_seen(self):
        self.assert_differs(2, EXPECTED.replace("+I\t2\n", ""))

    def test_updates_are_compared_by_what_remains(self):
        self.assertEqual(self.judge(EXPECTED.replace("+I\t1\n-U\t1\n+U\t2\n", "+I\t2\n")), [])
        self.assert_differs(3, EXPECTED.replace("+I\t1\n-U\t1\n+U\t2\n", "+I\t3\n"))
        self.assert_differs(3, EXPECTED.replace("+I\t1\n-U\t1\n+U\t2\n", "+I\t2\nERROR\tlost\n"))

    def test_a_retraction_of_what_was_never_there_is_seen(self):
        self.assert_differs(3, EXPECTED.replace("+I\t1\n-U\t1\n+U\t2\n", "+I\t2\n-D\t7\n"))

    def test_the_words_of_an_error_are_ours_its_place_is_not(self):
        self.assertEqual(self.judge(EXPECTED.replace("Column 'b' not found", "No column is named b")), [])
        self.assert_differs(4, EXPECTED.replace("column 8 to", "column 9 to"))
        self.assert_differs(4, EXPECTED.replace(" [From line 1, column 8 to line 1, column 8]", ""))

    def test_an_error_without_a_place_wants_an_error(self):
        self.assertEqual(self.judge(EXPECTED.replace("NumberFormatException: For input string", "no number")), [])
        self.assert_differs(5, EXPECTED.replace("ERROR\tNumberFormatException: For input string", "+I\t<NULL>"))

    def test_an_error_may_have_several_lines(self):
        longer = EXPECTED.replace("NumberFormatException: For input string", "no number\n\nhelp")
        self.assertEqual(self.judge(longer), [])

    def test_a_crash_is_no_error(self):
        self.assert_differs(5, EXPECTED.replace("ERROR\tNumberFormat", "CRASH\tNumberFormat"))

    def test_an_error_where_flink_has_rows_is_seen(self):
        self.assert_differs(2, EXPECTED.replace("+I\t1\n+I\t2\n", "ERROR\tnot supported\n"))

    def test_an_answer_that_ends_early_is_seen(self):
        self.assertTrue(self.judge(EXPECTED[:EXPECTED.index("> SELECT b")]))
        self.assertTrue(self.judge(""))

    def test_a_crash_after_the_last_statement_is_seen(self):
        self.assertTrue(self.judge(EXPECTED + "CRASH\texit -11: \n"))

    def test_final_rows_are_compared_literally(self):
        final = "> SELECT a FROM t\n1\n2\n"
        self.assertEqual(self.judge(final, final=True, expected=final), [])
        self.assert_differs(1, "> SELECT a FROM t\n2\n1\n", final=True, expected=final)

    def test_a_statement_in_not_yet_may_differ(self):
        wrong = EXPECTED.replace("+I\t1\n+I\t2\n", "ERROR\tnot supported\n")
        self.assertEqual(self.judge(wrong, {"t#2": "SELECT"}), [])
        self.assertEqual(self.judge(wrong, {"t": "everything"}), [])

    def test_what_passes_must_leave_not_yet(self):
        self.assertIn("passes now", self.judge(EXPECTED, {"t#2": "SELECT"})[0])
        self.assertIn("passes now", self.judge(EXPECTED, {"t": "everything"})[0])

    def test_a_case_without_expected_rows_fails(self):
        case = run.Case("t", pathlib.Path("t.sql"), pathlib.Path("/nonexistent/t.out"))
        self.assertIn("does not exist", run.judge(case, EXPECTED, {})[0])

    def test_a_script_runs_beside_a_copy_of_its_data(self):
        with tempfile.TemporaryDirectory() as folder:
            script = pathlib.Path(folder, "t.sql")
            script.write_text("SELECT 1")
            pathlib.Path(folder, "data").mkdir()
            pathlib.Path(folder, "data", "rows.csv").write_text("1\n")
            show = ["/bin/sh", "-c", 'cat "$0" "$(dirname "$0")/data/rows.csv"; touch "$(dirname "$0")/out"']
            answer = run.run_script(show, run.Case("t", script, pathlib.Path(folder, "t.out")))
            self.assertEqual(answer, "SELECT 11\n")
            self.assertFalse(pathlib.Path(folder, "out").exists())

    def test_a_crash_shows_in_the_answer(self):
        with tempfile.TemporaryDirectory() as folder:
            script = pathlib.Path(folder, "t.sql")
            script.write_text("SELECT 1")
            answer = run.run_script(["/bin/sh", "-c", "echo OK; kill -SEGV $$"], run.Case("t", script, script))
        self.assertTrue(answer.startswith("OK\nCRASH\texit -11"), answer)


if __name__ == "__main__":
    unittest.main()
