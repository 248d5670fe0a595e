import Model
import Transport

extension HTTPRequest {
    /// How long a receiver may take where its configuration says nothing.
    static let receiverTimeout: Duration = .seconds(30)
    /// What a receiver's answer may be.
    static let receiverBodyBytes = 256 << 10

    /// A JSON message.
    static func json(to url: String, method: String = "POST", _ body: JSONValue) -> HTTPRequest {
        json(to: url, method: method, body.bytes)
    }

    /// A message that is JSON already.
    static func json(to url: String, method: String = "POST", _ body: [UInt8]) -> HTTPRequest {
        HTTPRequest(
            method: method, url: url, headers: [Header("Content-Type", "application/json")],
            body: body)
    }
}

extension String {
    /// As a part of a path.
    var pathEscaped: String { PercentEncoding.component(self) }

    /// A URL with more path, which is escaped already, in front of its query. A text that is no URL stays,
    /// and is refused where it is sent.
    func appendingPath(_ path: String, query: [(String, String)] = []) -> String {
        (try? ParsedURL(self))?.appending(path: path, query: query) ?? self
    }
}
