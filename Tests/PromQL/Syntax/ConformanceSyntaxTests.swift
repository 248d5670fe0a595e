import Foundation
import PromQL
import TestSupport
import Testing

/// Other projects' expressions: each parses, and prints as something that parses to the same print.
@Suite struct ConformanceSyntaxTests {
    static let hasScripts = SharedData.has("conformance/promql")
    static let hasRules = SharedData.has("conformance/rules")

    @Test(.enabled(if: hasScripts, "\(SharedData.missing)"))
    func scripts() throws {
        var count = 0
        for path in SharedData.files("conformance/promql", endingIn: ".test").map(\.path) {
            let lines = try String(contentsOfFile: path, encoding: .utf8).split(
                separator: "\n", omittingEmptySubsequences: false)
            for (index, line) in lines.enumerated() {
                guard let query = Self.query(line) else { continue }
                let following = lines[(index + 1)...].prefix { !$0.allSatisfy(\.isWhitespace) }
                if line.contains("eval_fail")
                    || following.contains(where: { $0.contains("expect fail") })
                {
                    // May fail in the parser or later; it must not trap.
                    _ = try? Parser.parse(query, options: .all)
                    continue
                }
                Self.expectStable(query, "\(path):\(index + 1)")
                count += 1
            }
        }
        #expect(count > 2100)
    }

    @Test(.enabled(if: hasRules, "\(SharedData.missing)"))
    func rules() throws {
        var count = 0
        let files =
            SharedData.files("conformance/rules", endingIn: ".yml", ".yaml").map(\.path)
        for path in files {
            for (number, query) in Self.expressions(
                try String(contentsOfFile: path, encoding: .utf8))
            {
                Self.expectStable(query, "\(path):\(number)")
                count += 1
            }
        }
        #expect(files.count >= 83)
        #expect(count >= 873)
    }

    static func expectStable(_ query: String, _ place: String) {
        do {
            let printed = try Parser.parse(query, options: .all).description
            let expr = try Parser.parse(query, options: .all)
            for text in [printed, expr.pretty()] {
                let again = try Parser.parse(text, options: .all)
                #expect(again.description == printed, "\(place): \(query)\n\(text)")
                #expect(FuzzTests.isSameTree(again, expr), "\(place): \(query)\n\(text)")
            }
        } catch {
            Issue.record("\(place): \(query): \(error)")
        }
    }

    /// The query of an `eval` line.
    static func query(_ line: Substring) -> String? {
        var words = line.trimmingPrefix { $0 == " " || $0 == "\t" }
        guard words.hasPrefix("eval") else { return nil }
        func skip(_ count: Int) {
            for _ in 0..<count {
                words = words.drop { $0 != " " }.drop { $0 == " " }
            }
        }
        skip(1)
        if words.hasPrefix("instant at") {
            skip(3)
        } else if words.hasPrefix("range from") {
            skip(7)
        } else {
            return nil
        }
        return String(words)
    }

    /// The values of `expr:` keys: on one line, quoted, or a block behind `|`, `>` or nothing.
    static func expressions(_ text: String) -> [(line: Int, query: String)] {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        func indent(_ line: String) -> Int { line.prefix { $0 == " " }.count }
        var found: [(Int, String)] = []
        for (index, line) in lines.enumerated() {
            var content = line.drop { $0 == " " }
            if content.hasPrefix("- ") { content = content.dropFirst(2).drop { $0 == " " } }
            guard content.hasPrefix("expr:") else { continue }
            let column = line.count - content.count
            var value = content.dropFirst(5).trimmingCharacters(in: .whitespaces)
            let block = lines[(index + 1)...].prefix {
                indent($0) > column || $0.allSatisfy(\.isWhitespace)
            }
            let body = block.joined(separator: "\n")
            if value.isEmpty || value.hasPrefix("|") || value.hasPrefix(">") {
                value = body
            } else if value.hasPrefix("'") || value.hasPrefix("\"") {
                let quote = value.removeFirst()
                if value.last == quote { value.removeLast() }
                value =
                    quote == "'"
                    ? value.replacing("''", with: "'")
                    : value.replacing("\\\"", with: "\"").replacing("\\\\", with: "\\")
            } else {
                value += "\n" + body
            }
            found.append((index + 1, value))
        }
        return found
    }
}
