/// A URL taken apart and put together by the rules of Go's `net/url`, with its words for what is wrong.
///
/// The references read every address with that package, so that a URL that they take is taken here, and
/// is sent as they send it.
public struct ParsedURL: Sendable, Hashable {
    /// Why a text is no URL, in Go's words. It may hold a piece of the text.
    public struct ParseError: Error, Hashable, Sendable, CustomStringConvertible {
        public let description: String

        /// A reason.
        public init(description: String) { self.description = description }
    }

    /// In small letters; "" where there is none.
    public private(set) var scheme = ""
    /// What follows the scheme where no slash does, e.g. `a@b` of `mailto:a@b`.
    public private(set) var opaque = ""
    /// The user information as it was written, without `@`; nil where there is none.
    public private(set) var userInformation: String?
    // Escaped bytes need not be UTF-8.
    private var hostBytes: [UInt8] = []
    private var pathBytes: [UInt8] = []
    private var writtenPath = ""
    private var hasEmptyQuery = false
    /// What follows `?`, as it was written.
    public private(set) var query = ""
    /// What follows `#`, as it was written.
    public private(set) var fragment = ""

    /// Reads a URL.
    public init(_ text: String) throws(ParseError) {
        let (main, fragment) = Array(text.utf8)[...].cut(UInt8(ascii: "#"))
        if main.contains(where: { $0 < 0x20 || $0 == 0x7f }) {
            throw ParseError(description: "net/url: invalid control character in URL")
        }
        self.fragment = String(decoding: fragment ?? [], as: UTF8.self)
        var rest = try readScheme(main)
        let (beforeQuery, query) = rest.cut(UInt8(ascii: "?"))
        hasEmptyQuery = query?.isEmpty ?? false
        self.query = String(decoding: query ?? [], as: UTF8.self)
        rest = beforeQuery
        if rest.first != UInt8(ascii: "/") {
            if !scheme.isEmpty {
                opaque = String(decoding: rest, as: UTF8.self)
                return
            }
            if rest.cut(UInt8(ascii: "/")).0.contains(UInt8(ascii: ":")) {
                throw ParseError(description: "first path segment in URL cannot contain colon")
            }
        }
        let slashes = rest.prefix { $0 == UInt8(ascii: "/") }.count
        if slashes >= 2, !scheme.isEmpty || slashes == 2 {
            let authority = rest.dropFirst(2).prefix { $0 != UInt8(ascii: "/") }
            try readAuthority(authority)
            rest = rest[authority.endIndex...]
        }
        writtenPath = String(decoding: rest, as: UTF8.self)
        pathBytes = try ParsedURL.decode(rest, .path)
        if let fragment { _ = try ParsedURL.decode(fragment, .fragment) }
    }

    private mutating func readScheme(_ bytes: ArraySlice<UInt8>) throws(ParseError) -> ArraySlice<
        UInt8
    > {
        for index in bytes.indices {
            let byte = bytes[index]
            if byte.isASCIILetter { continue }
            if byte == UInt8(ascii: ":") {
                if index == bytes.startIndex {
                    throw ParseError(description: "missing protocol scheme")
                }
                scheme = String(decoding: bytes[..<index], as: UTF8.self).lowercased()
                return bytes[(index + 1)...]
            }
            let isLater = byte.isASCIIDigit || "+-.".utf8.contains(byte)
            if !isLater || index == bytes.startIndex { return bytes }
        }
        return bytes
    }

    // MARK: Host

    private mutating func readAuthority(_ bytes: ArraySlice<UInt8>) throws(ParseError) {
        guard let at = bytes.lastIndex(of: UInt8(ascii: "@")) else {
            hostBytes = try ParsedURL.host(bytes)
            return
        }
        hostBytes = try ParsedURL.host(bytes[(at + 1)...])
        let user = bytes[..<at]
        let isValid = user.allSatisfy {
            $0.isASCIILetter || $0.isASCIIDigit || "-._:~!$&'()*+,;=%@".utf8.contains($0)
        }
        if !isValid { throw ParseError(description: "net/url: invalid userinfo") }
        _ = try ParsedURL.decode(user, .user)
        userInformation = String(decoding: user, as: UTF8.self)
    }

    private static func host(_ bytes: ArraySlice<UInt8>) throws(ParseError) -> [UInt8] {
        guard let bracket = bytes.lastIndex(of: UInt8(ascii: "[")) else {
            if let colon = bytes.lastIndex(of: UInt8(ascii: ":")) {
                try checkPort(bytes[colon...])
            }
            return try decode(bytes, .host)
        }
        if bracket > bytes.startIndex { throw ParseError(description: "invalid IP-literal") }
        guard let end = bytes.lastIndex(of: UInt8(ascii: "]")) else {
            throw ParseError(description: "missing ']' in host")
        }
        try checkPort(bytes[(end + 1)...])
        let address = bytes[(bracket + 1)..<end]
        let zone = address.indices.first { address[$0...].starts(with: "%25".utf8) } ?? end
        let decoded = try decode(address[..<zone], .host) + decode(address[zone...], .zone)
        try checkAddress(decoded)
        return try [UInt8(ascii: "[")] + decoded + decode(bytes[end...], .host)
    }

    /// Only an address of IPv6 stands in brackets.
    private static func checkAddress(_ bytes: [UInt8]) throws(ParseError) {
        let (address, zone) = bytes[...].cut(UInt8(ascii: "%"))
        let text = String(decoding: address, as: UTF8.self)
        if zone == nil, IPAddress.isVersion4(text) {
            throw ParseError(description: "invalid IP-literal")
        }
        if IPAddress.isVersion6(text), zone?.isEmpty != true { return }
        let shown = String(decoding: bytes, as: UTF8.self).goQuoted
        throw ParseError(description: "invalid host: ParseAddr(\(shown)): unable to parse IP")
    }

    private static func checkPort(_ port: ArraySlice<UInt8>) throws(ParseError) {
        let isPort =
            port.isEmpty
            || (port.first == UInt8(ascii: ":") && port.dropFirst().allSatisfy(\.isASCIIDigit))
        if !isPort {
            let text = String(decoding: port, as: UTF8.self)
            throw ParseError(description: "invalid port \(text.goQuoted) after host")
        }
    }

    /// The host without its port and brackets.
    public var host: String {
        let bytes = Array(hostAndPort.utf8)[...]
        if bytes.first == UInt8(ascii: "["), let end = bytes.lastIndex(of: UInt8(ascii: "]")) {
            return String(decoding: bytes[1..<end], as: UTF8.self)
        }
        return String(
            decoding: bytes.lastIndex(of: UInt8(ascii: ":")).map { bytes[..<$0] } ?? bytes,
            as: UTF8.self)
    }

    /// The port as it was written; "" where there is none.
    public var port: String {
        let bytes = Array(hostAndPort.utf8)[...]
        let end = bytes.lastIndex(of: UInt8(ascii: "]")) ?? bytes.startIndex
        guard let colon = bytes[end...].lastIndex(of: UInt8(ascii: ":")) else { return "" }
        return String(decoding: bytes[(colon + 1)...], as: UTF8.self)
    }

    /// The host with its port, decoded.
    public var hostAndPort: String { String(decoding: hostBytes, as: UTF8.self) }

    /// The path, decoded.
    public var path: String { String(decoding: pathBytes, as: UTF8.self) }

    // MARK: Text

    /// The path as it is sent: as it was written where that is a valid encoding, escaped otherwise. Dots
    /// stay where they are.
    public var escapedPath: String {
        let written = Array(writtenPath.utf8)
        let isValid = written.allSatisfy {
            "!$&'()*+,;=:@[]%/".utf8.contains($0) || !ParsedURL.isEscaped($0, .path)
        }
        return isValid ? writtenPath : ParsedURL.encode(pathBytes, .path)
    }

    /// The URL without its fragment, for a request: what may not stand in a request's first line is
    /// escaped in the query too.
    public var requestText: String {
        if !opaque.isEmpty { return start + opaque }
        let text = start + (escapedPath.isEmpty && !hostAndPort.isEmpty ? "/" : escapedPath)
        if query.isEmpty { return hasEmptyQuery ? text + "?" : text }
        return text + "?" + PercentEncoding.query(query)
    }

    /// Scheme, user information and host.
    private var start: String {
        let text = scheme.isEmpty ? "" : scheme + ":"
        if hostAndPort.isEmpty, userInformation == nil { return text }
        return text + "//" + (userInformation.map { $0 + "@" } ?? "")
            + ParsedURL.encode(hostBytes, .host)
    }

    /// Scheme and host, without user information; nil where one of them is missing.
    public var origin: String? {
        if scheme.isEmpty || hostAndPort.isEmpty { return nil }
        return "\(scheme)://\(ParsedURL.encode(hostBytes, .host))"
    }

    /// The URL with more path, which is escaped already, in front of its query, and with more query. The
    /// fragment is left out.
    public func appending(path: String, query more: [(String, String)] = []) -> String {
        var base = escapedPath[...]
        while base.hasSuffix("/") { base.removeLast() }
        let queries = [query, PercentEncoding.form(more)].filter { !$0.isEmpty }
        return start + base + "/" + path
            + (queries.isEmpty ? "" : "?" + queries.joined(separator: "&"))
    }

    /// What stands behind the origin.
    public var afterOrigin: String {
        escapedPath + (query.isEmpty && !hasEmptyQuery ? "" : "?" + query)
            + (fragment.isEmpty ? "" : "#" + fragment)
    }

    // MARK: Escapes

    private enum Part {
        case path, user, host, zone, fragment
    }

    private static func decode(
        _ bytes: ArraySlice<UInt8>, _ part: Part
    ) throws(ParseError) -> [UInt8] {
        var out: [UInt8] = []
        var index = bytes.startIndex
        while index < bytes.endIndex {
            let byte = bytes[index]
            if byte == UInt8(ascii: "%") {
                out.append(try escape(bytes[index...], part))
                index += 3
                continue
            }
            if part == .host || part == .zone, byte < 0x80, isEscaped(byte, part) {
                let text = String(decoding: [byte], as: UTF8.self)
                throw ParseError(description: "invalid character \(text.goQuoted) in host name")
            }
            out.append(byte)
            index += 1
        }
        return out
    }

    private static func escape(
        _ bytes: ArraySlice<UInt8>, _ part: Part
    ) throws(ParseError) -> UInt8 {
        let text = String(decoding: bytes.prefix(3), as: UTF8.self)
        let invalid = ParseError(description: "invalid URL escape \(text.goQuoted)")
        let digits = bytes.dropFirst().prefix(2).compactMap(\.hexValue)
        guard digits.count == 2 else { throw invalid }
        let value = digits[0] << 4 | digits[1]
        switch part {
        // In a host, only bytes that are no ASCII may be escaped.
        case .host where digits[0] < 8 && text != "%25": throw invalid
        case .zone where text != "%25" && value != 0x20 && isEscaped(value, .host): throw invalid
        default: return value
        }
    }

    private static func encode(_ bytes: [UInt8], _ part: Part) -> String {
        PercentEncoding.encode(bytes) { !isEscaped($0, part) }
    }

    private static func isEscaped(_ byte: UInt8, _ part: Part) -> Bool {
        if PercentEncoding.isUnreserved(byte) { return false }
        switch part {
        case .host, .zone: return !"!$&'()*+,;=:[]<>\"".utf8.contains(byte)
        case .path: return !"$&+,/:;=@".utf8.contains(byte)
        case .fragment: return !"!$&'()*+,/:;=?@".utf8.contains(byte)
        case .user: return !"$&+,;=".utf8.contains(byte)
        }
    }
}

extension ArraySlice<UInt8> {
    /// What stands before the first such byte, and what after it; nil without one.
    func cut(_ byte: UInt8) -> (ArraySlice<UInt8>, ArraySlice<UInt8>?) {
        guard let index = firstIndex(of: byte) else { return (self, nil) }
        return (self[..<index], self[(index + 1)...])
    }
}

extension UInt8 {
    fileprivate var isASCIILetter: Bool { (0x61...0x7a).contains(self | 0x20) && self < 0x80 }
    fileprivate var isASCIIDigit: Bool { (0x30...0x39).contains(self) }
}
