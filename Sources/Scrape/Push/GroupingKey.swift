import Foundation
import Model

/// What a pushed group is known by: the labels in the path under which it was pushed.
public struct GroupingKey: Sendable, Hashable {
    /// The labels, `job` among them, those without a value too.
    public let labels: Labels

    /// Why a path names no group, in Pushgateway's words.
    public struct PathError: Error, Hashable, Sendable, CustomStringConvertible {
        public let description: String
    }

    /// A key of these labels.
    public init(_ labels: Labels) { self.labels = labels }

    /// The key in a path, which is decoded already: `/metrics/job/NAME`, then pairs of labels. A value
    /// behind `NAME@base64` is in base64. Nil where the path is another one.
    public static func of(path: String) throws(PathError) -> GroupingKey? {
        var parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count >= 4, parts[0].isEmpty, parts[1].bytesEqual("metrics"),
            parts[2].bytesEqual("job") || parts[2].bytesEqual("job" + base64Suffix)
        else { return nil }
        var job = parts[3]
        if !parts[2].bytesEqual("job") {
            guard let decoded = decodedBase64(job) else {
                throw PathError(
                    description: "invalid base64 encoding in job name \(job.goQuoted): "
                        + illegalData(job))
            }
            job = decoded
        }
        parts.removeFirst(4)
        // A slash at the end says nothing.
        var values = parts == [""] ? [:] : try pairs(parts)
        if job.isEmpty { throw PathError(description: "job name is required") }
        values["job"] = job
        return GroupingKey(Labels(keepingEmpty: values.map { Label($0.key, $0.value) }))
    }

    private static let base64Suffix = "@base64"

    private static func pairs(_ parts: [String]) throws(PathError) -> [String: String] {
        if !parts.count.isMultiple(of: 2) {
            let shown = "/" + parts.joined(separator: "/")
            throw PathError(
                description: "odd number of components in label string \(shown.goQuoted)")
        }
        var values: [String: String] = [:]
        for index in stride(from: 0, to: parts.count, by: 2) {
            let (written, value) = (parts[index], parts[index + 1])
            let isEncoded = written.hasSuffix(base64Suffix)
            let name = isEncoded ? String(written.dropLast(base64Suffix.count)) : written
            if !name.isLegacyLabelName || name.hasPrefix("__") {
                throw PathError(description: "improper label name \(name.goQuoted)")
            }
            guard let decoded = isEncoded ? decodedBase64(value) : value else {
                throw PathError(
                    description:
                        "invalid base64 encoding for label \(name)=\(value.goQuoted): "
                        + illegalData(value))
            }
            values[name] = decoded
        }
        return values
    }

    /// The URL's alphabet, with or without `=` at the end; `=` alone is the empty text.
    private static func decodedBase64(_ text: String) -> String? {
        var text = text
        while text.last == "=" { text.removeLast() }
        guard text.utf8.allSatisfy({ isBase64URL($0) }) else { return nil }
        let standard = text.replacingOccurrences(of: "-", with: "+")
            .replacingOccurrences(of: "_", with: "/")
        let padding = String(repeating: "=", count: (4 - standard.utf8.count % 4) % 4)
        return Data(base64Encoded: standard + padding).flatMap {
            String(bytes: $0, encoding: .utf8)
        }
    }

    private static func illegalData(_ text: String) -> String {
        let bytes = Array(text.utf8)
        let place = bytes.firstIndex { !isBase64URL($0) } ?? bytes.count
        return "illegal base64 data at input byte \(place)"
    }

    private static func isBase64URL(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
        default: byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
        }
    }

    /// What its row, and its axis, are called by.
    public var id: String { labels.description }

    /// The labels of a series that was pushed under the key: the key's win, even those without a value.
    func applied(to exposed: [Label]) -> Labels {
        Labels(exposed.filter { labels[$0.name] == nil } + labels.sorted)
    }
}
