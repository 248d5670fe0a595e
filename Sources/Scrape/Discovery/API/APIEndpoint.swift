import Model
import Transport

/// Where an API is reached: over the network, or over a socket of the machine.
struct APIEndpoint: Hashable {
    /// What paths are added to: a URL without a slash at its end.
    let base: String
    /// The socket to connect to instead of the URL's host.
    let unixSocket: String?

    init(base: String, unixSocket: String? = nil) {
        var base = base[...]
        while base.hasSuffix("/") { base.removeLast() }
        self.base = String(base)
        self.unixSocket = unixSocket
    }

    /// A request for a path that is escaped already.
    func request(
        _ path: String, _ query: [(String, String)] = [], timeout: Duration
    ) -> HTTPRequest {
        let question = query.isEmpty ? "" : "?" + PercentEncoding.form(query)
        var request = HTTPRequest(url: base + path + question)
        request.unixSocket = unixSocket
        request.timeout = timeout
        return request
    }
}

extension String {
    /// What stands in front of `://` and behind it; nil where it does not stand there.
    var schemeAndRest: (scheme: String, rest: String)? {
        let bytes = Array(utf8)
        guard let mark = bytes.indices.first(where: { bytes[$0...].starts(with: "://".utf8) })
        else { return nil }
        return (
            String(decoding: bytes[..<mark], as: UTF8.self),
            String(decoding: bytes[(mark + 3)...], as: UTF8.self)
        )
    }
}
