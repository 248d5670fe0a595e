/// A JSON value as Go's `encoding/json` understands the text: numbers as they are written, members
/// in the order written, repeated ones too. What a repeated or differently cased name means is for whoever
/// reads the value; `folded` says which names Go takes for one.
public struct JSONNode: Sendable {
    /// The kinds of value.
    public enum Content: Sendable {
        case null
        case bool(Bool)
        /// As it is written.
        case number(String)
        case string(String)
        case array([JSONNode])
        case object([Member])
    }

    /// A name and its value.
    public struct Member: Sendable {
        /// The name as it is written.
        public var name: String
        /// Its value.
        public var value: JSONNode
    }

    /// What it is.
    public var content: Content
    /// The offset of its first byte.
    public var offset: Int

    /// What Go's errors call its kind.
    public var kindName: String {
        switch content {
        case .null: "null"
        case .bool: "bool"
        case .number: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }

    /// Whether it is `null`, which Go takes as nothing being said.
    public var isNull: Bool { if case .null = content { true } else { false } }

    /// A name without the differences that Go overlooks where it looks for a field: the case of ASCII
    /// letters, and the two other characters that fold to one of them.
    public static func folded(_ name: String) -> String {
        var folded = String.UnicodeScalarView()
        for scalar in name.unicodeScalars {
            switch scalar {
            case "A"..."Z": folded.append(Unicode.Scalar(UInt8(scalar.value | 0x20)))
            case "\u{17f}": folded.append("s")
            case "\u{212a}": folded.append("k")
            default: folded.append(scalar)
            }
        }
        return String(folded)
    }
}

/// What is wrong with a JSON text, in Go's words, and where.
public struct JSONError: Error, Hashable, CustomStringConvertible {
    /// What is wrong.
    public var description: String
    /// The offset of the byte at fault.
    public var offset: Int

    /// An error.
    public init(_ description: String, at offset: Int) {
        self.description = description
        self.offset = offset
    }

    /// The line and the column in bytes, from 1 on.
    public func place(in bytes: [UInt8]) -> (line: Int, column: Int) {
        let before = bytes.prefix(max(0, offset))
        let start = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        return (before.count { $0 == UInt8(ascii: "\n") } + 1, before.count - start + 1)
    }
}

/// What a JSON text may be at most; each has a name that its error tells.
public struct JSONLimits: Sendable {
    /// Levels of nesting.
    public var depth = 500

    /// The defaults.
    public init() {}
}
