/// Reads a JSON text once from front to back; whoever reads says what to keep, and all else is passed over
/// without being taken apart. For large texts of which little is wanted: `JSONNode` holds the whole.
///
/// What is passed over is not checked in every detail.
public struct JSONReader {
    private let bytes: [UInt8]
    /// The offset of the next byte.
    public private(set) var index = 0

    /// At the start of a text, or at an offset where a value begins.
    public init(_ bytes: [UInt8], at offset: Int = 0) {
        self.bytes = bytes
        index = max(0, offset)
    }

    // MARK: Collections

    /// Where a reader is in an object or an array.
    public struct Progress: Sendable {
        fileprivate var isFirst = true
        fileprivate var isOver = false
    }

    /// Begins the object that follows; `null` is one without members.
    public mutating func object() throws(JSONError) -> Progress { try begin("{", "an object") }

    /// Begins the array that follows; `null` is one without elements.
    public mutating func array() throws(JSONError) -> Progress { try begin("[", "an array") }

    /// The name of the object's next member, whose value has to be read or skipped; nil behind the last.
    public mutating func member(of object: inout Progress) throws(JSONError) -> String? {
        guard try goesOn(&object, until: "}") else { return nil }
        let name = try string()
        try expect(":", "':' after object key")
        return name
    }

    /// Whether the array has another element, which has to be read or skipped.
    public mutating func hasElement(in array: inout Progress) throws(JSONError) -> Bool {
        try goesOn(&array, until: "]")
    }

    private mutating func begin(
        _ character: Unicode.Scalar, _ what: String
    ) throws(JSONError) -> Progress {
        if try null() { return Progress(isOver: true) }
        try expect(character, what)
        return Progress()
    }

    private mutating func goesOn(
        _ progress: inout Progress, until end: Unicode.Scalar
    ) throws(JSONError) -> Bool {
        if progress.isOver { return false }
        if take(end) {
            progress.isOver = true
            return false
        }
        if !progress.isFirst { try expect(",", "',' or '\(end)'") }
        progress.isFirst = false
        return true
    }

    // MARK: Values

    /// The string that follows; `null` is an empty one.
    public mutating func string() throws(JSONError) -> String {
        if try null() { return "" }
        try expect("\"", "a string")
        let start = index
        let (end, isPlain) = try endOfString()
        if isPlain { return String(decoding: bytes[start..<end], as: UTF8.self) }
        // Escapes are rare enough to be left to the one who knows them.
        let text = Array(bytes[(start - 1)...end])
        do {
            if case .string(let string) = try JSONNode.parse(text).content { return string }
        } catch {
            throw JSONError(error.description, at: start - 1 + error.offset)
        }
        throw JSONError("expected a string", at: start)
    }

    /// The whole number that follows; `null` is 0.
    public mutating func integer() throws(JSONError) -> Int {
        if try null() { return 0 }
        skipSpace()
        let start = index
        while index < bytes.count, JSONReader.isWord(bytes[index]) { index += 1 }
        guard let value = Int(String(decoding: bytes[start..<index], as: UTF8.self)) else {
            throw JSONError("expected a whole number", at: start)
        }
        return value
    }

    /// The truth value that follows; `null` is false.
    public mutating func bool() throws(JSONError) -> Bool {
        if try null() { return false }
        if takeWord("true") { return true }
        if takeWord("false") { return false }
        throw JSONError("expected true or false", at: index)
    }

    /// Whether `null` follows, which is taken.
    public mutating func null() throws(JSONError) -> Bool {
        skipSpace()
        return takeWord("null")
    }

    /// Passes over the value that follows.
    public mutating func skip() throws(JSONError) {
        skipSpace()
        var depth = 0
        repeat {
            guard index < bytes.count else { throw unexpected("a value") }
            switch bytes[index] {
            case UInt8(ascii: "\""):
                index += 1
                _ = try endOfString()
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                index += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                guard depth > 0 else { throw unexpected("a value") }
                depth -= 1
                index += 1
            case let byte where JSONReader.isWord(byte):
                while index < bytes.count, JSONReader.isWord(bytes[index]) { index += 1 }
            default:
                guard depth > 0 else { throw unexpected("a value") }
                index += 1
            }
        } while depth > 0
    }

    /// Checks that nothing but white space follows.
    public mutating func end() throws(JSONError) {
        skipSpace()
        if index < bytes.count { throw unexpected("the end") }
    }

    // MARK: Bytes

    /// Goes behind the string's closing quote, and says where that is and whether there was no escape.
    private mutating func endOfString() throws(JSONError) -> (end: Int, isPlain: Bool) {
        var isPlain = true
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\""):
                index += 1
                return (index - 1, isPlain)
            case UInt8(ascii: "\\"):
                isPlain = false
                index += 2
            default: index += 1
            }
        }
        index = bytes.count
        throw unexpected("the end of a string")
    }

    private mutating func skipSpace() {
        while index < bytes.count, bytes[index] <= 0x20 { index += 1 }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard index < bytes.count, bytes[index] == UInt8(ascii: character) else { return false }
        index += 1
        return true
    }

    private mutating func takeWord(_ word: StaticString) -> Bool {
        let end = index + word.utf8CodeUnitCount
        guard end <= bytes.count else { return false }
        let isIt = word.withUTF8Buffer { unsafe $0.elementsEqual(bytes[index..<end]) }
        if isIt { index = end }
        return isIt
    }

    private mutating func expect(
        _ character: Unicode.Scalar, _ what: String
    ) throws(JSONError) {
        if !take(character) { throw unexpected(what) }
    }

    private func unexpected(_ what: String) -> JSONError {
        index < bytes.count
            ? JSONError("expected \(what)", at: index)
            : JSONError("unexpected end of JSON input", at: bytes.count)
    }

    /// Of a number or a literal.
    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2b, 0x2d, 0x2e: true
        default: false
        }
    }
}
