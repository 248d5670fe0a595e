import Foundation
import Model
import Transport

/// What a token's endpoint answers: JSON, or a form as some write it.
struct TokenAnswer {
    /// The longest that a token is used, whatever the endpoint says.
    static let maximumSeconds = 86_400.0 * 365

    private(set) var token: String
    private(set) var type: String
    /// nil: it does not say.
    private(set) var seconds: Double?

    init(_ response: HTTPResponse) throws(TokenFailure) {
        let mediaType = (response.header("Content-Type") ?? "").prefix { $0 != ";" }
        let isForm = ["application/x-www-form-urlencoded", "text/plain"].contains(
            String(mediaType).trimmingWhitespace.lowercased())
        let fields = try isForm ? TokenAnswer.form(response) : TokenAnswer.json(response)
        token = fields.access_token ?? ""
        if token.isEmpty {
            throw TokenFailure(.configuration, "server response missing access_token")
        }
        type = TokenAnswer.type(fields.token_type ?? "")
        let said = fields.expires_in?.value ?? 0
        seconds = said.isFinite && said != 0 ? min(said, TokenAnswer.maximumSeconds) : nil
    }

    /// As it stands in the header.
    private static func type(_ name: String) -> String {
        let known = ["Bearer", "MAC", "Basic"]
        if let type = known.first(where: { $0.lowercased() == name.lowercased() }) { return type }
        return name.isEmpty ? "Bearer" : name
    }

    // MARK: Formats

    private struct Fields: Decodable {
        var access_token: String?
        var token_type: String?
        var expires_in: Seconds?
    }

    /// A number; some endpoints write it as a text.
    private struct Seconds: Decodable {
        var value: Double

        init(_ text: String) { value = Double(text) ?? 0 }

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            value =
                (try? container.decode(Double.self))
                ?? (try? container.decode(String.self)).flatMap { Double($0) } ?? 0
        }
    }

    private static func json(_ response: HTTPResponse) throws(TokenFailure) -> Fields {
        do {
            return try JSONDecoder().decode(Fields.self, from: Data(response.body))
        } catch {
            throw TokenFailure(.configuration, "cannot parse json")
        }
    }

    private static func form(_ response: HTTPResponse) throws(TokenFailure) -> Fields {
        var fields = Fields()
        let text = String(decoding: response.body, as: UTF8.self)
        for (name, value) in PercentEncoding.fields(ofForm: text) {
            switch name {
            case "access_token": fields.access_token = value
            case "token_type": fields.token_type = value
            case "expires_in": fields.expires_in = Seconds(value)
            default: break
            }
        }
        return fields
    }
}
