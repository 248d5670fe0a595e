import Model
import PromQL

/// The parameters of a request, from its URL and, of a POST, from its form.
struct Parameters {
    private var pairs: [(name: String, value: String)]

    /// How many parameters are read; more are an error.
    static let maximumCount = 10_000

    init(query: String, form: String = "") throws(APIError) {
        pairs = []
        // A form's values come first, as in Go's `Request.Form`.
        for part in [form, query] {
            for pair in part.utf8.split(separator: UInt8(ascii: "&")) {
                if pairs.count == Parameters.maximumCount {
                    throw APIError(.badData, "more parameters than the limit maximumCount allows")
                }
                let halves = pair.split(
                    separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
                guard let name = Parameters.decode(halves[0]),
                    let value = halves.count > 1 ? Parameters.decode(halves[1]) : ""
                else { throw APIError(.badData, "error parsing form values: invalid URL escape") }
                pairs.append((name, value))
            }
        }
    }

    subscript(name: String) -> String? { pairs.first { $0.name == name }?.value }

    /// Every value of a parameter that may repeat.
    func all(_ name: String) -> [String] { pairs.filter { $0.name == name }.map(\.value) }

    private static func decode(_ text: Substring.UTF8View) -> String? {
        var out: [UInt8] = []
        var rest = text[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"): out.append(0x20)
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst().flatMap(hexDigit),
                    let low = rest.popFirst().flatMap(hexDigit)
                else { return nil }
                out.append(high << 4 | low)
            default: out.append(byte)
            }
        }
        return String(decoding: out, as: UTF8.self)
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }

    /// A moment: seconds or RFC 3339.
    func time(_ name: String) throws(APIError) -> Timestamp? {
        guard let text = self[name], !text.isEmpty else { return nil }
        guard let time = Parameters.time(text) else {
            throw .invalidParameter(
                name, "cannot parse \(text.goQuoted) to a valid timestamp")
        }
        return time
    }

    /// A moment that must be there.
    func requiredTime(_ name: String) throws(APIError) -> Timestamp {
        guard let time = try time(name) else {
            throw .invalidParameter(name, "cannot parse \"\" to a valid timestamp")
        }
        return time
    }

    /// Seconds since 1970 or RFC 3339, or nil.
    static func time(_ text: String) -> Timestamp? {
        if let seconds = GoFloat.parse(text) {
            guard seconds.isFinite, abs(seconds) < 9.2e15 else { return nil }
            return Timestamp(seconds: seconds)
        }
        return Timestamp(rfc3339: text)
    }

    /// A length of time: seconds or Prometheus's notation.
    func duration(_ name: String) throws(APIError) -> Milliseconds? {
        guard let text = self[name], !text.isEmpty else { return nil }
        guard let duration = Parameters.duration(text) else {
            throw .invalidParameter(name, "cannot parse \(text.goQuoted) to a valid duration")
        }
        return duration
    }

    static func duration(_ text: String) -> Milliseconds? {
        if let seconds = GoFloat.parse(text) {
            guard seconds.isFinite, abs(seconds) < 9.2e9 else { return nil }
            return Milliseconds(Int64(clamping: seconds * 1000))
        }
        return try? Milliseconds(prometheus: text)
    }

    /// A count, 0 where it is missing (no limit).
    func limit() throws(APIError) -> Int {
        guard let text = self["limit"], !text.isEmpty else { return 0 }
        guard let number = Int(text) else {
            throw .invalidParameter("limit", "cannot parse \(text.goQuoted) to a valid limit")
        }
        if number < 0 { throw .invalidParameter("limit", "limit must be non-negative") }
        return number
    }
}
