import Configuration
import Model
import Testing

@Suite struct RelabelTests {
    private static let input = Labels(["a": "foo", "b": "bar", "c": "baz", "__meta_x": "Ünï"])

    private static let cases: [(RelabelRule?, String?)] = [
        // replace
        (
            rule(source: ["a"], target: "d", regex: "f(.*)", replacement: "ch${1}-ch$1"),
            "d=choo-choo"
        ),
        (
            rule(source: ["a", "b"], target: "a", regex: "f(.*);(.*)r", replacement: "b${1}${2}m"),
            "a=boobam"
        ),
        (rule(source: ["a", "b"], separator: "-", target: "d", regex: "(.*)"), "d=foo-bar"),
        (rule(source: ["a"], target: "d", regex: "oo"), "d="),
        (rule(source: ["a"], target: "a", regex: "foo", replacement: ""), "a="),
        (rule(source: ["a"], target: "${1}_x", regex: "(foo)", replacement: "v"), "foo_x=v"),
        (rule(source: ["none"], target: "a", replacement: "set"), "a=set"),
        (rule(source: ["none"], target: "a"), "a="),
        (rule(source: ["a"], target: "d", regex: "f.*|x", replacement: "$$1"), "d=$1"),
        // keep and drop
        (rule(.keep, source: ["a"], regex: "foo"), "a=foo"),
        (rule(.keep, source: ["a"], regex: "fo"), nil),
        (rule(.drop, source: ["a"], regex: "foo"), nil),
        (rule(.drop, source: ["a"], regex: "o"), "a=foo"),
        (rule(.keep, source: ["none"], regex: ".+"), nil),
        (rule(.keepEqual, source: ["a"], target: "b"), nil),
        (rule(.dropEqual, source: ["a"], target: "b"), "a=foo"),
        (rule(.dropEqual, source: ["a"], target: "a"), nil),
        (rule(.keepEqual, source: ["a"], target: "a"), "a=foo"),
        // the rest
        (rule(.hashmod, source: ["c"], target: "d", modulus: 1000), "d=976"),
        (rule(.hashmod, source: ["c"], separator: ";", target: "d", modulus: 10), "d=6"),
        (rule(.labelmap, regex: "(b.*|c)", replacement: "x_$1"), "x_b=bar x_c=baz b=bar"),
        (rule(.labelmap, regex: "__meta_(.*)"), "x=Ünï"),
        (rule(.labeldrop, regex: "a|b"), "a= b= c=baz"),
        (rule(.labelkeep, regex: "a|b"), "a=foo b=bar c="),
        (rule(.uppercase, source: ["a", "b"], target: "d"), "d=FOO;BAR"),
        (rule(.lowercase, source: ["__meta_x"], target: "d"), "d=ünï"),
    ]

    private static func rule(
        _ action: RelabelRule.Action = .replace, source: [String] = [], separator: String = ";",
        target: String = "", regex: String = "(.*)", modulus: UInt64 = 0,
        replacement: String = "$1"
    ) -> RelabelRule? {
        try? RelabelRule(
            action, sourceLabels: source, separator: separator, targetLabel: target, regex: regex,
            modulus: modulus, replacement: replacement)
    }

    @Test(arguments: cases.indices) func everyActionDoesWhatPrometheusDoes(index: Int) throws {
        let (rule, expected) = Self.cases[index]
        let result = Relabel.apply([try #require(rule)], to: Self.input)
        guard let expected else {
            #expect(result == nil)
            return
        }
        let labels = try #require(result)
        for pair in expected.split(separator: " ") {
            let parts = pair.split(separator: "=", omittingEmptySubsequences: false)
            #expect(labels.value(String(parts[0])) == String(parts[1]))
        }
    }

    @Test func rulesApplyInOrderAndStopAtADrop() throws {
        let rules = try [
            RelabelRule(sourceLabels: ["a"], targetLabel: "b", replacement: "x"),
            RelabelRule(.drop, sourceLabels: ["b"], regex: "x"),
        ]
        #expect(Relabel.apply(rules, to: Self.input) == nil)
        #expect(Relabel.apply([], to: Self.input) == Self.input)
    }

    /// RFC 1321's own examples, seen through `hashmod` with the largest modulus.
    @Test(
        arguments: [
            ("", 0xe980_0998_ecf8_427e), ("abc", 0xd696_3f7d_28e1_7f72),
            (String(repeating: "1234567890", count: 8), 0xac49_da2e_2107_b67a),
        ] as [(String, UInt64)])
    func hashmodIsMD5(text: String, hash: UInt64) throws {
        let rule = try RelabelRule(
            .hashmod, sourceLabels: ["a"], targetLabel: "d", modulus: .max)
        let result = Relabel.apply([rule], to: Labels([Label("a", text)]))
        #expect(result?.value("d") == String(hash))
    }
}
