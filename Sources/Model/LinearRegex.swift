import CRE2

/// A regular expression that runs in time linear in its input (RE2), safe on anybody's text.
///
/// RE2's syntax is Go's. Matching is thread-safe.
@safe public final class LinearRegex: @unchecked Sendable {
    // @unchecked and @safe: the handle never leaves this class, is immutable after init, and RE2's
    // const methods are thread-safe.
    private let handle: OpaquePointer

    /// The expression as it was written.
    public let pattern: String

    /// How many capture groups it has, group 0 not counted.
    public let groupCount: Int

    /// How many instructions it was compiled to, which memory and time of compilation follow.
    public let programSize: Int

    /// How many bytes an expression may have; going over it is a compile error.
    public static let maximumSize = 256 << 10

    /// The memory one compiled expression may take; going over it is a compile error.
    public static let maximumMemory = 64 << 20

    /// Why an expression did not compile.
    public struct CompileError: Error, CustomStringConvertible, Sendable {
        /// The reason, in the words of Go's `regexp`.
        public let description: String
    }

    /// Compiles `pattern`; `dotMatchesNewline` is how Prometheus compiles matchers.
    public init(_ pattern: String, dotMatchesNewline: Bool = false) throws(CompileError) {
        var text = pattern
        if text.utf8.count > LinearRegex.maximumSize {
            throw CompileError(
                description: "expression too large (limit LinearRegex.maximumSize: "
                    + "\(LinearRegex.maximumSize >> 10) KiB)")
        }
        let made = text.withUTF8 { bytes in
            unsafe bytes.withMemoryRebound(to: CChar.self) {
                unsafe tocsin_re2_new(
                    $0.baseAddress, $0.count, dotMatchesNewline,
                    Int64(LinearRegex.maximumMemory))
            }
        }
        guard let made = unsafe made else { throw CompileError(description: "out of memory") }
        if let message = unsafe tocsin_re2_error(made) {
            let text = unsafe String(cString: message)
            unsafe tocsin_re2_free(made)
            throw CompileError(description: LinearRegex.naming(text))
        }
        unsafe handle = made
        self.pattern = pattern
        groupCount = Int(unsafe tocsin_re2_groups(made))
        programSize = Int(unsafe tocsin_re2_program_size(made))
    }

    /// What RE2 calls what Go's `regexp` calls otherwise.
    private static let words: KeyValuePairs = [
        "missing ]": "missing closing ]", "missing )": "missing closing )",
        "unexpected )": "unexpected )",
        "trailing \\": "trailing backslash at end of expression",
        "no argument for repetition operator": "missing argument to repetition operator",
        "invalid repetition size": "invalid repeat count",
        "bad repetition operator": "invalid nested repetition operator",
        "invalid perl operator": "invalid or unsupported Perl syntax",
        "invalid named capture group": "invalid named capture",
        "invalid escape sequence": "invalid escape sequence",
        "invalid character class range": "invalid character class range",
        "invalid character class": "invalid character class",
        "invalid UTF-8": "invalid UTF-8",
    ]

    /// RE2's message as Go words it, with the limit's name where that is what it is about.
    private static func naming(_ message: String) -> String {
        if message.hasPrefix("pattern too large") {
            return "expression too large (limit LinearRegex.maximumMemory: "
                + "\(LinearRegex.maximumMemory >> 20) MiB)"
        }
        for (theirs, goes) in words {
            // RE2 says where only if there is a where.
            if message == theirs { return goes + ": ``" }
            if message.hasPrefix(theirs + ": ") {
                return "\(goes): `\(message.dropFirst(theirs.utf8.count + 2))`"
            }
        }
        return message
    }

    deinit { unsafe tocsin_re2_free(handle) }

    /// Whether the whole of `text` matches.
    public func matchesWhole(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            unsafe bytes.withMemoryRebound(to: CChar.self) {
                unsafe tocsin_re2_full_match(handle, $0.baseAddress, $0.count)
            }
        }
    }

    /// Whether any part of `text` matches.
    public func matchesAnywhere(_ text: String) -> Bool {
        search(Array(text.utf8), from: 0, anchored: false) != nil
    }

    /// The capture groups of a match of the whole text (group 0 first; nil where one took no part),
    /// or nil where it does not match.
    public func groupsOfWholeMatch(_ text: String) -> [String?]? {
        let bytes = Array(text.utf8)
        return search(bytes, from: 0, anchored: true).map { ranges in
            ranges.map { $0.map { String(decoding: bytes[$0], as: UTF8.self) } }
        }
    }

    /// The number of the group called `name`, or nil.
    public func group(named name: String) -> Int? {
        var name = name
        let found = name.withUTF8 { bytes in
            unsafe bytes.withMemoryRebound(to: CChar.self) {
                unsafe tocsin_re2_named_group(handle, $0.baseAddress, $0.count)
            }
        }
        return found < 0 ? nil : Int(found)
    }

    /// `template` with Go's `$1`, `${1}`, `${name}` and `$$` replaced by the groups of a match:
    /// the rules of `regexp.Expand`, where `$1x` names a group called "1x".
    public func expand(_ template: String, groups: [String?]) -> String {
        var out: [UInt8] = []
        let bytes = Array(template.utf8)
        var index = 0
        while index < bytes.count {
            guard bytes[index] == UInt8(ascii: "$"), index + 1 < bytes.count else {
                out.append(bytes[index])
                index += 1
                continue
            }
            if bytes[index + 1] == UInt8(ascii: "$") {
                out.append(UInt8(ascii: "$"))
                index += 2
                continue
            }
            guard let (name, next) = LinearRegex.reference(bytes, after: index + 1) else {
                out.append(bytes[index])
                index += 1
                continue
            }
            let number =
                name.utf8.allSatisfy(\.isDigit) ? Int(name) : group(named: name)
            if let number, groups.indices.contains(number), let text = groups[number] {
                out.append(contentsOf: text.utf8)
            }
            index = next
        }
        return String(decoding: out, as: UTF8.self)
    }

    /// Every match replaced by `template`, expanded: Go's `ReplaceAllString`.
    public func replacingAll(in text: String, with template: String) -> String {
        let bytes = Array(text.utf8)
        var out: [UInt8] = []
        var position = 0
        var lastEnd = -1
        while position <= bytes.count,
            let ranges = search(bytes, from: position, anchored: false), let whole = ranges[0]
        {
            out.append(contentsOf: bytes[position..<whole.lowerBound])
            if !whole.isEmpty || whole.lowerBound != lastEnd {
                let groups = ranges.map { $0.map { String(decoding: bytes[$0], as: UTF8.self) } }
                out.append(contentsOf: expand(template, groups: groups).utf8)
            }
            lastEnd = whole.upperBound
            if whole.isEmpty {
                let next = LinearRegex.characterEnd(bytes, whole.upperBound)
                out.append(contentsOf: bytes[whole.upperBound..<next])
                position = whole.upperBound == bytes.count ? bytes.count + 1 : next
            } else {
                position = whole.upperBound
            }
        }
        if position < bytes.count { out.append(contentsOf: bytes[position...]) }
        return String(decoding: out, as: UTF8.self)
    }

    private static func characterEnd(_ bytes: [UInt8], _ start: Int) -> Int {
        var end = min(start + 1, bytes.count)
        while end < bytes.count, bytes[end] & 0xc0 == 0x80 { end += 1 }
        return end
    }

    private static func reference(_ bytes: [UInt8], after start: Int) -> (String, Int)? {
        let braced = bytes[start] == UInt8(ascii: "{")
        var end = braced ? start + 1 : start
        while end < bytes.count, bytes[end].isNameStart || bytes[end].isDigit { end += 1 }
        let name = String(decoding: bytes[(braced ? start + 1 : start)..<end], as: UTF8.self)
        if name.isEmpty { return nil }
        guard braced else { return (name, end) }
        guard end < bytes.count, bytes[end] == UInt8(ascii: "}") else { return nil }
        return (name, end + 1)
    }

    private func search(_ bytes: [UInt8], from start: Int, anchored: Bool) -> [Range<Int>?]? {
        var offsets = [Int](repeating: -1, count: 2 * (groupCount + 1))
        let pairs = Int32(groupCount + 1)
        let found = unsafe bytes.withUnsafeBufferPointer { text in
            unsafe text.withMemoryRebound(to: CChar.self) { text in
                unsafe offsets.withUnsafeMutableBufferPointer { out in
                    unsafe tocsin_re2_search(
                        handle, text.baseAddress, text.count, start, anchored, out.baseAddress,
                        pairs)
                }
            }
        }
        guard found else { return nil }
        return (0...groupCount).map { group in
            let (low, high) = (offsets[2 * group], offsets[2 * group + 1])
            return low < 0 || high < low ? nil : low..<high
        }
    }
}
