/// The messages of remote write.
public enum RemoteWriteVersion: String, Sendable, Hashable, CaseIterable {
    case v1 = "prometheus.WriteRequest"
    case v2 = "io.prometheus.write.v2.Request"

    /// Why a Content-Type names no message of remote write, in Prometheus's words.
    public struct UnknownType: Error, Sendable, Hashable {
        public let text: String
    }

    private static let mediaType = "application/x-protobuf"

    /// The one that a Content-Type names; 1.0 where that says nothing of it.
    public static func of(contentType: String) throws(UnknownType) -> RemoteWriteVersion {
        if contentType.isEmpty { return .v1 }
        let parts = contentType.split(separator: ";", omittingEmptySubsequences: false)
            .map(trimmed)
        guard let media = parts.first, media == mediaType else {
            throw UnknownType(
                text: "expected \(mediaType) as the first (media) part, got \(contentType) "
                    + "content-type")
        }
        for part in parts.dropFirst() {
            let pair = part.split(separator: "=", omittingEmptySubsequences: false)
            guard pair.count == 2 else {
                throw UnknownType(
                    text: "as per https://www.rfc-editor.org/rfc/rfc9110#parameter expected "
                        + "parameters to be key-values, got \(part) in \(contentType) content-type")
            }
            guard pair[0] == "proto" else { continue }
            guard let version = RemoteWriteVersion(rawValue: String(pair[1])) else {
                let known = allCases.map(\.rawValue).joined(separator: ", ")
                throw UnknownType(
                    text: "got \(contentType) content type; unknown type for remote write "
                        + "protobuf message \(pair[1]), supported: \(known)")
            }
            return version
        }
        return .v1
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text.drop { $0 == " " || $0 == "\t" }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return text
    }
}
