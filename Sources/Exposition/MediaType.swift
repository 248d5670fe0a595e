/// Reads a Content-Type header as Go's `mime.ParseMediaType` does.
enum MediaType {
    struct ParseError: Error {
        let message: String
    }

    /// The type and subtype in small letters; parameters are checked and left out.
    static func parse(_ header: String) throws(ParseError) -> String {
        var bytes = Array(header.utf8)[...]
        let end = bytes.firstIndex(of: UInt8(ascii: ";")) ?? bytes.endIndex
        let name = trimmed(bytes[..<end])
        try check(name)
        bytes = bytes[end...]
        var values: [[UInt8]: [UInt8]] = [:]
        while true {
            bytes = bytes.drop(while: isSpace)
            if bytes.isEmpty { break }
            guard let parameter = takeParameter(&bytes) else {
                if trimmed(bytes).elementsEqual([UInt8(ascii: ";")]) { break }
                throw ParseError(message: "mime: invalid media parameter")
            }
            if let known = values[parameter.name], known != parameter.value {
                throw ParseError(message: "mime: duplicate parameter name")
            }
            values[parameter.name] = parameter.value
        }
        return String(decoding: name.map(lowercased), as: UTF8.self)
    }

    private static func check(_ name: ArraySlice<UInt8>) throws(ParseError) {
        var rest = name
        if takeToken(&rest).isEmpty { throw ParseError(message: "mime: no media type") }
        if rest.isEmpty { return }
        guard rest.popFirst() == UInt8(ascii: "/") else {
            throw ParseError(message: "mime: expected slash after first token")
        }
        if takeToken(&rest).isEmpty {
            throw ParseError(message: "mime: expected token after slash")
        }
        if !rest.isEmpty {
            throw ParseError(message: "mime: unexpected content after media subtype")
        }
    }

    /// `; name=value` at the beginning, taken off; nil, and nothing taken, where there is something else.
    private static func takeParameter(
        _ bytes: inout ArraySlice<UInt8>
    ) -> (name: [UInt8], value: [UInt8])? {
        var rest = bytes.drop(while: isSpace)
        guard rest.popFirst() == UInt8(ascii: ";") else { return nil }
        rest = rest.drop(while: isSpace)
        let name = takeToken(&rest)
        rest = rest.drop(while: isSpace)
        guard !name.isEmpty, rest.popFirst() == UInt8(ascii: "=") else { return nil }
        rest = rest.drop(while: isSpace)
        guard let value = takeValue(&rest) else { return nil }
        bytes = rest
        return (name.map(lowercased), value)
    }

    /// A token or a quoted text.
    private static func takeValue(_ bytes: inout ArraySlice<UInt8>) -> [UInt8]? {
        guard bytes.first == UInt8(ascii: "\"") else {
            let token = takeToken(&bytes)
            return token.isEmpty ? nil : Array(token)
        }
        var rest = bytes.dropFirst()
        var value: [UInt8] = []
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "\""):
                bytes = rest
                return value
            case UInt8(ascii: "\\"):
                if let next = rest.first, specials.contains(next) {
                    value.append(next)
                    rest.removeFirst()
                } else {
                    value.append(byte)
                }
            case 0x0a, 0x0d: return nil
            default: value.append(byte)
            }
        }
        return nil
    }

    private static func takeToken(_ bytes: inout ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let token = bytes.prefix { $0 > 0x20 && $0 < 0x7f && !specials.contains($0) }
        bytes = bytes.dropFirst(token.count)
        return token
    }

    private static let specials = Array(#"()<>@,;:\"/[]?="#.utf8)

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || (0x09...0x0d).contains(byte)
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        (0x41...0x5a).contains(byte) ? byte | 0x20 : byte
    }

    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var bytes = bytes.drop(while: isSpace)
        while let last = bytes.last, isSpace(last) { bytes.removeLast() }
        return bytes
    }
}
