import Configuration
import Model

/// Queries that stand in a file: one a line, or in the fenced blocks of a Markdown document, where
/// rules and a configuration may stand too.
///
/// A line that ends in the middle of an expression goes on in the next, unless that is empty. A `#`
/// begins a comment.
struct QueryDocument {
    /// How many lines one query may have.
    static let maximumQueryLines = 200

    let path: String
    private(set) var queries: [Located<String>] = []
    /// YAML with `groups:`, behind as many empty lines as bring it to its own line.
    private(set) var ruleFiles: [[UInt8]] = []
    /// YAML with `scrape_configs:`, likewise.
    private(set) var configurations: [[UInt8]] = []

    init(_ bytes: [UInt8], path: String) {
        self.path = path
        let text = String(decoding: bytes.filter { $0 != 0x0d }, as: UTF8.self)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        if path.hasSuffix(".md") || path.hasSuffix(".markdown") {
            readMarkdown(lines)
        } else {
            readQueries(lines, from: 1)
        }
    }

    private mutating func readMarkdown(_ lines: [Substring]) {
        var index = 0
        while index < lines.count {
            guard let fence = Fence(lines[index]) else {
                index += 1
                continue
            }
            let start = index + 1
            let end = lines[start...].firstIndex(where: fence.isClosed) ?? lines.count
            take(Array(lines[start..<end]), in: fence.language, from: start + 1)
            index = end + 1
        }
    }

    private mutating func take(_ lines: [Substring], in language: String, from number: Int) {
        switch language {
        case "promql": readQueries(lines, from: number)
        case "yaml", "yml":
            let source = String(repeating: "\n", count: number - 1) + lines.joined(separator: "\n")
            let indent = lines.indent
            func has(_ key: String) -> Bool { lines.contains { $0.hasPrefix(indent + key) } }
            if has("groups:") { ruleFiles.append(Array(source.utf8)) }
            if has("scrape_configs:") { configurations.append(Array(source.utf8)) }
        default: break
        }
    }

    private mutating func readQueries(_ lines: [Substring], from number: Int) {
        var open: [Substring] = []
        for (offset, line) in lines.enumerated() {
            let bare = String(line).trimmingWhitespace
            if bare.isEmpty || (open.isEmpty && bare.hasPrefix("#")) {
                if !open.isEmpty { add(open, endingAt: number + offset - 1) }
                open = []
                continue
            }
            open.append(line)
            if open.count < QueryDocument.maximumQueryLines, offset + 1 < lines.count,
                Continuation.isOpen(open.joined(separator: "\n"))
            {
                continue
            }
            add(open, endingAt: number + offset)
            open = []
        }
    }

    private mutating func add(_ lines: [Substring], endingAt last: Int) {
        let indent = lines[0].prefix { $0 == " " || $0 == "\t" }.count
        let text = lines.joined(separator: "\n").dropFirst(indent)
        let place = SourcePlace(file: path, line: last - lines.count + 1, column: indent + 1)
        queries.append(Located(String(text), at: place))
    }
}

extension [Substring] {
    /// What the first line with text begins with before it.
    fileprivate var indent: Substring {
        first { $0.contains { $0 != " " } }.map { $0.prefix { $0 == " " } } ?? ""
    }
}

/// The line that opens a block of code.
private struct Fence {
    let language: String
    private let mark: Substring

    init?(_ line: Substring) {
        let text = line.drop { $0 == " " }
        guard let first = text.first, first == "`" || first == "~" else { return nil }
        mark = text.prefix { $0 == first }
        if mark.count < 3 { return nil }
        let info = text.dropFirst(mark.count).drop { $0 == " " }
        language = info.prefix { $0 != " " && $0 != "{" }.lowercased()
    }

    func isClosed(_ line: Substring) -> Bool {
        let text = String(line).trimmingWhitespace
        return text.hasPrefix(mark) && text.allSatisfy { $0 == mark.first }
    }
}

/// Whether a query goes on in the next line.
private enum Continuation {
    private static let operators = [
        "+", "-", "*", "/", "%", "^", "=", "<", ">", ",", "(", "{", "[", " and", " or", " unless",
        " bool", " by", " without", " offset",
    ]

    static func isOpen(_ text: String) -> Bool {
        var depth = 0
        var quote: Character?
        var last = ""
        var characters = Array(text)[...]
        while let character = characters.popFirst() {
            if let mark = quote {
                if character == "\\", mark != "`" { characters = characters.dropFirst() }
                if character == mark { quote = nil }
                last.append(character)
                continue
            }
            switch character {
            case "\"", "'", "`": quote = character
            case "(", "{", "[": depth += 1
            case ")", "}", "]": depth -= 1
            case "#":
                characters = characters.drop { $0 != "\n" }
                continue
            default: break
            }
            last.append(character)
        }
        let end = last.trimmingWhitespace
        return depth > 0 || operators.contains { end.hasSuffix($0) }
    }
}
