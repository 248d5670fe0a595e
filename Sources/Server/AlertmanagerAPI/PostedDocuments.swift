import Foundation
import Model

/// An alert as a client says it.
struct PostedAlert: Decodable {
    var labels: [String: String?]?
    var annotations: [String: String?]?
    var startsAt: PostedMoment?
    var endsAt: PostedMoment?
    var generatorURL: String?

    /// The alerts of a body.
    static func list(_ bytes: [UInt8]) throws(AlertmanagerFailure) -> [PostedAlert] {
        let alerts = try PostedJSON.read([PostedAlert]?.self, "alerts", bytes) ?? []
        for (index, alert) in alerts.enumerated() {
            if let url = alert.generatorURL, !url.isEmpty, !isURI(url) {
                throw .invalid(
                    601, "\(index).generatorURL in body must be of type uri: \(url.goQuoted)")
            }
            if alert.labels == nil { throw .required("\(index).labels") }
        }
        return alerts
    }

    /// Whether the text is an absolute URI or an absolute path, as Go judges.
    private static func isURI(_ text: String) -> Bool {
        if text.utf8.first == UInt8(ascii: "/") { return true }
        let scheme = text.utf8.prefix { $0 != UInt8(ascii: ":") }
        guard scheme.count < text.utf8.count, let first = scheme.first,
            (0x61...0x7a).contains(first | 0x20)
        else { return false }
        return scheme.allSatisfy {
            (0x61...0x7a).contains($0 | 0x20) || (0x30...0x39).contains($0)
                || "+-.".utf8.contains($0)
        }
    }
}

/// A silence as a client wants it.
struct PostedSilence: Decodable {
    struct Matcher: Decodable {
        var name: String?
        var value: String?
        var isRegex: Bool?
        var isEqual: Bool?
    }

    var id: String?
    var matchers: [Matcher]?
    var startsAt: PostedMoment?
    var endsAt: PostedMoment?
    var createdBy: String?
    var comment: String?
    var annotations: [String: String?]?

    /// The silence of a body, with all that it must have.
    static func read(_ bytes: [UInt8]) throws(AlertmanagerFailure) -> PostedSilence {
        guard let silence = try PostedJSON.read(PostedSilence?.self, "silence", bytes) else {
            throw .required("silence")
        }
        if silence.comment == nil { throw .required("comment") }
        if silence.createdBy == nil { throw .required("createdBy") }
        if silence.endsAt == nil { throw .required("endsAt") }
        guard let matchers = silence.matchers else { throw .required("matchers") }
        if matchers.isEmpty { throw .invalid(612, "matchers in body should have at least 1 items") }
        for (index, matcher) in matchers.enumerated() {
            if matcher.isRegex == nil { throw .required("matchers.\(index).isRegex") }
            if matcher.name == nil { throw .required("matchers.\(index).name") }
            if matcher.value == nil { throw .required("matchers.\(index).value") }
        }
        if silence.startsAt == nil { throw .required("startsAt") }
        return silence
    }
}

/// A moment in any of the notations that Go's OpenAPI types read.
struct PostedMoment: Decodable {
    /// Nil for Go's zero time, which means that nothing is said.
    let written: WrittenTime?

    var timestamp: Timestamp? { written?.timestamp }

    private static let zero = "0001-01-01T00:00:00"

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        if text.hasPrefix(PostedMoment.zero) {
            written = nil
        } else if text.isEmpty {
            written = WrittenTime(Timestamp(milliseconds: 0))
        } else if let moment = PostedMoment.read(text) {
            written = moment
        } else {
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription:
                    "parsing time \(text.goQuoted) as \"2006-01-02T15:04:05.000Z\": it is none")
        }
    }

    /// With a zone, or in UTC without one; seconds may be missing, and a space may stand for the T.
    private static func read(_ text: String) -> WrittenTime? {
        let bytes = Array(text.utf8)
        guard bytes.count >= 16 else { return nil }
        var normal = String(decoding: bytes[0..<10], as: UTF8.self) + "T"
        var rest = bytes[11...]
        let hasSeconds = bytes.count > 16 && bytes[16] == UInt8(ascii: ":")
        normal += String(decoding: rest.prefix(5), as: UTF8.self)
        rest = rest.dropFirst(5)
        if !hasSeconds { normal += ":00" }
        normal += String(decoding: rest, as: UTF8.self)
        return WrittenTime(rfc3339: normal) ?? WrittenTime(rfc3339: normal + "Z")
    }
}

/// JSON that clients post.
enum PostedJSON {
    /// Reads a body that is called `name` in errors.
    static func read<Value: Decodable>(
        _ type: Value.Type, _ name: String, _ bytes: [UInt8]
    ) throws(AlertmanagerFailure) -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch let error as DecodingError {
            throw .coded(400, "parsing \(name) body from \"\" failed, because \(reason(error))")
        } catch {
            throw .coded(400, "parsing \(name) body from \"\" failed, because \(error)")
        }
    }

    private static func reason(_ error: DecodingError) -> String {
        switch error {
        case .typeMismatch(let type, let context): return place(context) + expected(type)
        case .valueNotFound(let type, let context): return place(context) + expected(type)
        case .keyNotFound(_, let context): return place(context) + context.debugDescription
        case .dataCorrupted(let context):
            return context.codingPath.isEmpty
                ? "it is not valid JSON" : place(context) + context.debugDescription
        @unknown default: return "\(error)"
        }
    }

    private static func expected(_ type: any Any.Type) -> String {
        switch type {
        case is String.Type: "a string was expected"
        case is Bool.Type: "true or false was expected"
        case is [Any].Type: "a list was expected"
        default: "an object was expected"
        }
    }

    private static func place(_ context: DecodingError.Context) -> String {
        let path = context.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }
        return path.isEmpty ? "" : "of " + path.joined(separator: ".") + ": "
    }
}
