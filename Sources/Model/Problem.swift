/// A place in a file that a person wrote. Lines and columns count from 1.
public struct SourcePlace: Hashable, Sendable, CustomStringConvertible {
    /// The file as it was named.
    public var file: String
    /// The line, from 1; 0 where only the file is known.
    public var line: Int
    /// The column in characters, from 1; 0 where only the line is known.
    public var column: Int

    /// A place.
    public init(file: String, line: Int = 0, column: Int = 0) {
        self.file = file
        self.line = line
        self.column = column
    }

    /// `file:line:column`, as far as it is known.
    public var description: String {
        if line == 0 { return file }
        return column == 0 ? "\(file):\(line)" : "\(file):\(line):\(column)"
    }
}

/// Something that is wrong, or unwise, in what a user wrote: where, what, and what to do.
public struct Problem: Error, Hashable, Sendable, CustomStringConvertible {
    /// How bad it is.
    public enum Severity: String, Sendable, Hashable, Codable {
        /// It cannot be used as it stands.
        case error
        /// It works, and something in it has no effect or is likely not meant.
        case warning
        /// Advice.
        case advice
    }

    /// How bad it is.
    public var severity: Severity
    /// Where it stands.
    public var place: SourcePlace
    /// The path of the key, e.g. `scrape_configs[0].job_name`, or "".
    public var path: String
    /// What is wrong and what was expected.
    public var message: String
    /// The check that found it, e.g. `rule/missing-job`, or "".
    public var check: String

    /// A problem.
    public init(
        _ severity: Severity = .error, at place: SourcePlace, path: String = "",
        _ message: String, check: String = ""
    ) {
        self.severity = severity
        self.place = place
        self.path = path
        self.message = message
        self.check = check
    }

    /// `file:line:column: error: path: message`.
    public var description: String {
        let what = path.isEmpty ? message : "\(path): \(message)"
        let name = check.isEmpty ? "" : " [\(check)]"
        return "\(place): \(severity.rawValue): \(what)\(name)"
    }
}

/// Several problems as one error.
public struct Problems: Error, Sendable, CustomStringConvertible {
    /// In the order they stand in the file.
    public var list: [Problem]

    /// These problems.
    public init(_ list: [Problem]) { self.list = list }

    /// One a line.
    public var description: String { list.map(\.description).joined(separator: "\n") }
}

/// The known words nearest to a misspelt one.
public enum Suggestion {
    /// The word of `known` within a third of its length in edits, or nil.
    public static func nearest(to word: String, among known: some Sequence<String>) -> String? {
        let letters = Array(word.utf8.prefix(100))
        let limit = max(1, letters.count / 3)
        return known.map { ($0, distance(letters, Array($0.utf8.prefix(100)))) }
            .filter { $0.1 <= limit }
            .min { ($0.1, $0.0) < ($1.1, $1.0) }?.0
    }

    /// Levenshtein's distance, with a swap of neighbours as one edit.
    private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
        var before = [Int](repeating: 0, count: b.count + 1)
        var previous = Array(0...b.count)
        for i in 0..<a.count {
            var current = [i + 1]
            for j in 0..<b.count {
                var best = min(previous[j + 1] + 1, current[j] + 1)
                best = min(best, previous[j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
                    best = min(best, before[j - 1] + 1)
                }
                current.append(best)
            }
            before = previous
            previous = current
        }
        return previous[b.count]
    }
}
