import Model
import Transport

extension HTTPRequest {
    /// A form.
    public static func form(to url: String, _ fields: [(String, String)]) -> HTTPRequest {
        HTTPRequest(
            method: "POST", url: url,
            headers: [Header("Content-Type", "application/x-www-form-urlencoded")],
            body: Array(PercentEncoding.form(fields).utf8))
    }
}

extension HTTPResponse {
    /// How many bytes of an answer stand in a reason.
    public static let excerptBytes = 400

    /// The beginning of the body on one line, behind a colon; "" where there is none.
    public var excerpt: String {
        let text = String(decoding: body.prefix(HTTPResponse.excerptBytes), as: UTF8.self)
            .split(whereSeparator: \.isNewline).joined(separator: " ")
            .trimmingWhitespace
        return text.isEmpty ? "" : ": \(text)"
    }
}
