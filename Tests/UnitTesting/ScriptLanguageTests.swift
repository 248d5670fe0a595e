import UnitTesting
import TestScripts
import Testing

/// The scripting language itself: what passes, and that what must fail does.
struct ScriptLanguageTests {
    private func run(_ text: String) -> FileReport { ScriptRunner.run(text, file: "s.test") }

    static let load = """
        load 1m
          a{x="1"} 1 2 3
          a{x="2"} 3 2 1


        """

    @Test(arguments: [
        "eval instant at 1m sum(a)\n  {} 4",
        "eval instant at 1m 1 + 1\n  2",
        "eval instant at 1m a > 5",
        "eval instant at 1m sort_desc(a)\n  expect ordered\n  a{x=\"1\"} 2\n  a{x=\"2\"} 2",
        "eval range from 0 to 2m step 1m a{x=\"1\"}\n  a{x=\"1\"} 1 2 3",
        "eval instant at 2m a{x=\"1\"}[2m]\n  expect range vector from 1m to 2m step 1m\n  a{x=\"1\"} 2 3",
        "eval instant at 0 \"t\"\n  expect string \"t\"",
        "eval instant at 1m a + on () a\n  expect fail",
        "eval instant at 1m a + on () a\n  expect fail regex: many-to-many",
        "eval_fail instant at 1m a + on () a\n  expected_fail_regexp many-to-many",
        "eval instant at 1m quantile(2, a)\n  expect warn\n  expect no_info\n  {} Inf",
        "eval instant at 1m rate(a[2m])\n  expect info regex: might not be a counter\n"
            + "  {x=\"1\"} 0.016666666666666666\n  {x=\"2\"} 0.03333333333333333",
    ])
    func passes(_ text: String) {
        let report = run(Self.load + text)
        #expect(report.problems.isEmpty && report.passed == 1 && report.failed == 0, "\(report)")
    }

    @Test(arguments: [
        "eval instant at 1m sum(a)\n  {} 5",
        "eval instant at 1m sum(a)\n  4",
        "eval instant at 1m 4\n  {} 4",
        "eval instant at 1m a\n  a{x=\"1\"} 2",
        "eval instant at 1m a",
        "eval instant at 0 sort_desc(a)\n  expect ordered\n  a{x=\"1\"} 1\n  a{x=\"2\"} 3",
        "eval range from 0 to 2m step 1m a{x=\"1\"}\n  a{x=\"1\"} 1 2",
        "eval range from 0 to 1m step 1m a{x=\"1\"}\n  a{x=\"1\"} 1 2 3",
        "eval instant at 0 \"t\"\n  expect string \"u\"",
        "eval instant at 1m a + on () a",
        "eval instant at 1m sum(a)\n  expect fail\n  {} 4",
        "eval instant at 1m a + on () a\n  expect fail msg: something else",
        "eval instant at 1m sum(a)\n  expect warn\n  {} 4",
        "eval instant at 1m quantile(2, a)\n  expect no_warn\n  {} Inf",
        "eval instant at 1m quantile(2, a)\n  expect warn msg: something else\n  {} Inf",
    ])
    func fails(_ text: String) {
        let report = run(Self.load + text)
        #expect(report.problems.isEmpty && report.passed == 0 && report.failed == 1, "\(report)")
    }

    @Test(arguments: [
        ("lod 1m", "s.test:1:1: error: invalid command \"lod 1m\""),
        (
            "load 1x\n  a 1",
            "s.test:1:1: error: invalid step definition \"1x\": "
        ),
        ("\nload 1m\n  a{ 1", "s.test:3:4: error: unexpected"),
        ("eval instant at 1m sum(", "s.test:1:5: error: "),
        ("eval now 1", "s.test:1:1: error: invalid evaluation"),
        (
            "eval instant at 1m 1\n  expect worn",
            "s.test:2:1: error: unknown expectation \"worn\""
        ),
        ("load 1m\n  a@st -1m\n  b 1", "s.test:3:1: error: an @st line must be followed"),
        ("load 1m\n  a@st -1mx3\n  a 1", "s.test:3:1: error: 4 start timestamps for 1 values"),
        ("eval instant at 1m a\n  a 1 2", "s.test:2:1: error: several values"),
    ])
    func brokenScriptsSayWhere(_ text: String, _ expected: String) {
        let problems = run(text).problems.map(\.description)
        #expect(problems.first?.hasPrefix(expected) == true, "\(problems)")
    }

    @Test func clearForgets() {
        let report = run(Self.load + "clear\neval instant at 1m a")
        #expect(report.passed == 1)
    }
}
