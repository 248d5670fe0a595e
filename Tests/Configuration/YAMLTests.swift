import Configuration
import Model
import Testing

/// The tree and its places.
struct YAMLTests {
    private func parse(
        _ text: String, limits: YAMLLimits = YAMLLimits()
    ) -> (YAMLValue?, [String]) {
        let (root, problems) = YAMLParser.parse(Array(text.utf8), file: "f.yml", limits: limits)
        return (root?.untyped, problems.map(\.description))
    }

    @Test func scalarsHaveTheirTypes() {
        let (value, problems) = parse(
            """
            - 12
            - 0x1F
            - 1_000
            - -1.5e3
            - yes
            - "yes"
            - ~
            -
            - plain text
            - !!str 12
            - !!binary aGVsbG8=
            - .inf
            """)
        #expect(problems.isEmpty)
        #expect(
            value
                == .list([
                    .int(12), .int(31), .int(1000), .double(-1500), .bool(true), .text("yes"),
                    .null, .null, .text("plain text"), .text("12"), .text("hello"),
                    .double(.infinity),
                ]))
    }

    @Test func anchorsAndMergeKeysAreReplaced() {
        let (value, problems) = parse(
            """
            base: &base {a: 1, b: 2}
            other: &other {b: 3, c: 4}
            one: {<<: *base, b: 9}
            two:
              <<: [*base, *other]
            """)
        #expect(problems.isEmpty)
        guard case .map(let entries)? = value else {
            Issue.record("no mapping")
            return
        }
        #expect(
            entries.map(\.value).dropFirst(2) == [
                .map([.init("b", .int(9)), .init("a", .int(1))]),
                .map([.init("a", .int(1)), .init("b", .int(2)), .init("c", .int(4))]),
            ])
    }

    @Test(arguments: [
        ("a: 1\nb: 2\na: 3\n", "f.yml:3:1: error: key \"a\" already set in map"),
        ("a: [1\n", "f.yml:2:1: error: yaml: did not find expected ',' or ']'"),
        ("a: *b\n", "f.yml:1:4: error: yaml: unknown anchor 'b' referenced"),
        ("a: &a [*a]\n", "f.yml:1:8: error: yaml: unknown anchor 'a' referenced"),
        ("? [a]\n: b\n", "f.yml:1:3: error: a key must be a text, not a list or mapping"),
        ("a: {<<: 3}\n", "f.yml:1:9: error: yaml: map merge requires map"),
        ("a: !!binary \"*\"\n", "f.yml:1:4: error: yaml: !!binary value contains invalid base64"),
        ("a: 1\n---\nb: 2\n", "f.yml:2:1: warning: only the first YAML document"),
        ("a: \"\u{7}\"\n", "control characters are not allowed"),
    ])
    func whatIsWrongHasItsPlace(_ text: String, _ expected: String) {
        let (_, problems) = parse(text)
        #expect(problems.count == 1)
        #expect(problems.first?.contains(expected) == true, "\(problems)")
    }

    @Test func everyLimitHasAName() {
        var limits = YAMLLimits()
        limits.fileSize = 10
        #expect(parse("a: 123456789", limits: limits).1.first?.contains("fileSize") == true)
        limits = YAMLLimits()
        limits.scalarSize = 5
        #expect(parse("a: 123456789", limits: limits).1.first?.contains("scalarSize") == true)
        let deep = String(repeating: "[", count: 5000)
        #expect(parse(deep).1.first?.contains("limit depth of 64") == true)
    }

    @Test func aliasesCannotExplode() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...9 {
            let list = [String](repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            text += "a\(level): &a\(level) [\(list)]\n"
        }
        let (value, problems) = parse(text)
        #expect(value == nil)
        #expect(problems.first?.contains("more than the limit of 2000000 nodes") == true)
    }

    @Test func aliasesCannotNestWithoutEnd() {
        var text = "a0: &a0 [x]\n"
        for level in 1...100 { text += "a\(level): &a\(level) [*a\(level - 1)]\n" }
        #expect(parse(text).1.first?.contains("limit depth of 64") == true)
    }
}
