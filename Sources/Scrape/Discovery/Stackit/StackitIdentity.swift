import Configuration
import Model
import Transport

/// As whom STACKIT is asked: as a service account that signs assertions, or as the settings of the
/// client say.
final class StackitIdentity: APIIdentity {
    private static let tokenURL = "https://service-account.api.stackit.cloud/token"

    private let settings: StackitDiscovery
    private let environment: SourceEnvironment

    init(_ settings: StackitDiscovery, _ environment: SourceEnvironment) {
        self.settings = settings
        self.environment = environment
    }

    func client() async throws(APIError) -> HTTPClientConfiguration {
        guard let secret = settings.accountKey else { return settings.client }
        var client = settings.client
        (client.basicAuth, client.authorization) = (nil, nil)
        client.oauth2 = try await account(try await secret.text())
        return client
    }

    // What signs assertions brings its own new tokens.
    func forget() -> Bool { false }

    private func account(_ text: String) async throws(APIError) -> OAuth2 {
        let fields = try StackitIdentity.fields(
            text, "the service account key",
            in: "credentials", ["kid", "iss", "sub", "aud", "privateKey"])
        let named = environment.variables["STACKIT_TOKEN_BASEURL"] ?? ""
        var oauth2 = OAuth2(
            clientID: fields["sub"] ?? "",
            tokenURL: named.isEmpty ? StackitIdentity.tokenURL : named)
        var assertion = SignedAssertion(
            key: try await privateKey(embedded: fields["privateKey"] ?? ""))
        assertion.keyID = fields["kid"] ?? ""
        assertion.issuer = fields["iss"] ?? ""
        assertion.audience = fields["aud"] ?? ""
        assertion.algorithm = .rs512
        oauth2.assertion = assertion
        oauth2.tls = settings.client.tls
        oauth2.proxyURL = settings.client.proxyURL
        oauth2.noProxy = settings.client.noProxy
        oauth2.proxyFromEnvironment = settings.client.proxyFromEnvironment
        oauth2.proxyConnectHeaders = settings.client.proxyConnectHeaders
        return oauth2
    }

    /// The configured key, or that of the environment, of the file of credentials, of the account's key.
    private func privateKey(embedded: String) async throws(APIError) -> Secret {
        if let key = settings.privateKey { return key }
        let names = ["STACKIT_PRIVATE_KEY", "STACKIT_PRIVATE_KEY_PATH"]
        if let key = StackitIdentity.key(environment.variables) { return key }
        let home = environment.variables["HOME"] ?? ""
        let usual = home.isEmpty ? "" : "\(home)/.stackit/credentials.json"
        let path = settings.credentialsFile.isEmpty ? usual : settings.credentialsFile
        if !path.isEmpty, let text = try? await Secret(.file(path: path)).text() {
            let fields = try StackitIdentity.fields(text, path, in: nil, names)
            if let key = StackitIdentity.key(fields) { return key }
        }
        if !embedded.isEmpty { return Secret(.inline(embedded)) }
        throw APIError(
            "the service account has no private key: set private_key or private_key_path")
    }

    private static func key(_ fields: [String: String]) -> Secret? {
        if let text = fields["STACKIT_PRIVATE_KEY"], !text.isEmpty { return Secret(.inline(text)) }
        guard let path = fields["STACKIT_PRIVATE_KEY_PATH"], !path.isEmpty else { return nil }
        return Secret(.file(path: path))
    }

    /// Texts of an object, or of an object in it. An error shows nothing of them.
    private static func fields(
        _ text: String, _ what: String, in object: String?, _ names: [String]
    ) throws(APIError) -> [String: String] {
        do throws(JSONError) {
            let root = try JSONNode.parse(Array(text.utf8))
            let node = try object.map { (name) throws(JSONError) in try root.field(name) } ?? root
            var fields: [String: String] = [:]
            for name in names { fields[name] = try node?.string(name) }
            return fields
        } catch {
            throw APIError("\(what) is not JSON of the expected form (byte \(error.offset))")
        }
    }
}
