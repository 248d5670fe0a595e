import Configuration
import Model

/// A file with the key of a service account, or with the consent of a user.
struct GoogleCredentialsFile: Sendable {
    private static let tokenURL = "https://oauth2.googleapis.com/token"

    private let path: String
    private let type: String
    private let fields: [String: String]

    init(_ path: String, _ bytes: [UInt8]) throws(FileAccess.ReadError) {
        self.path = path
        do throws(JSONError) {
            let root = try JSONNode.parse(bytes)
            var fields: [String: String] = [:]
            for name in [
                "client_email", "private_key_id", "private_key", "token_uri", "client_id",
                "client_secret", "refresh_token",
            ] { fields[name] = try root.string(name) }
            self.fields = fields
            type = try root.string("type")
        } catch {
            let (line, column) = error.place(in: bytes)
            throw FileAccess.ReadError("\(line):\(column): \(error.description)")
        }
    }

    private func field(_ name: String) -> String { fields[name] ?? "" }

    /// How tokens of a scope are got with it.
    func client(for scope: String) throws(APIError) -> OAuth2 {
        switch type {
        case "service_account": serviceAccount(scope)
        case "authorized_user": user
        default:
            throw APIError(
                "\(path): credentials of the type \(type.goQuoted) are not supported: expected service_account or authorized_user"
            )
        }
    }

    private func serviceAccount(_ scope: String) -> OAuth2 {
        let named = field("token_uri")
        var client = OAuth2(
            clientID: "", tokenURL: named.isEmpty ? GoogleCredentialsFile.tokenURL : named)
        client.scopes = [scope]
        client.proxyFromEnvironment = true
        var assertion = SignedAssertion(key: Secret(.inline(field("private_key"))))
        assertion.keyID = field("private_key_id")
        assertion.issuer = field("client_email")
        client.assertion = assertion
        return client
    }

    /// The scopes are those that the user agreed to.
    private var user: OAuth2 {
        var client = OAuth2(
            clientID: field("client_id"), clientSecret: Secret(.inline(field("client_secret"))),
            tokenURL: GoogleCredentialsFile.tokenURL)
        client.proxyFromEnvironment = true
        client.parameters = [
            NamedText("grant_type", "refresh_token"),
            NamedText("refresh_token", field("refresh_token")),
        ]
        return client
    }
}
