import Configuration
import HTTPClient
import Model
import Transport

/// As whom Azure is asked, by `authentication_method`.
final class AzureIdentity: APIIdentity {
    /// How long the machine, or the issuer of a cluster's tokens, may take.
    private static let timeout: Duration = .seconds(30)

    private let settings: AzureDiscovery
    private let cloud: AzureCloud
    private let environment: SourceEnvironment
    private let token = FetchedToken()

    init(_ settings: AzureDiscovery, _ cloud: AzureCloud, _ environment: SourceEnvironment) {
        self.settings = settings
        self.cloud = cloud
        self.environment = environment
    }

    private func variable(_ name: String) -> String { environment.variables[name] ?? "" }

    func client() async throws(APIError) -> HTTPClientConfiguration {
        var client = settings.client
        (client.basicAuth, client.authorization, client.oauth2) = (nil, nil, nil)
        switch settings.authentication {
        case .oauth:
            client.oauth2 = application(
                settings.tenant, settings.clientID, settings.clientSecret)
        case .workloadIdentity: client.authorization = try await workload()
        case .managedIdentity: client.authorization = try await machine(settings.clientID)
        case .sdk: try await useEnvironment(&client)
        }
        return client
    }

    func forget() -> Bool { token.forget() }

    /// Where Azure's own tools look that need no other program.
    private func useEnvironment(
        _ client: inout HTTPClientConfiguration
    ) async throws(APIError) {
        let (tenant, id) = (variable("AZURE_TENANT_ID"), variable("AZURE_CLIENT_ID"))
        let secret = variable("AZURE_CLIENT_SECRET")
        if !secret.isEmpty, !tenant.isEmpty, !id.isEmpty {
            client.oauth2 = application(tenant, id, Secret(.inline(secret)))
        } else if !variable("AZURE_CLIENT_CERTIFICATE_PATH").isEmpty {
            throw APIError(
                "AZURE_CLIENT_CERTIFICATE_PATH is not supported: use AZURE_CLIENT_SECRET, a workload identity or a managed identity"
            )
        } else if !variable("AZURE_FEDERATED_TOKEN_FILE").isEmpty {
            client.authorization = try await workload()
        } else {
            client.authorization = try await machine(id)
        }
    }

    private func application(_ tenant: String, _ id: String, _ secret: Secret?) -> OAuth2 {
        var oauth2 = OAuth2(
            clientID: id, clientSecret: secret,
            tokenURL: cloud.tokenURL(PercentEncoding.component(tenant)))
        oauth2.scopes = [cloud.scope]
        oauth2.proxyFromEnvironment = true
        return oauth2
    }

    // MARK: Tokens that one request brings

    private func workload() async throws(APIError) -> Authorization {
        let names = ["AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_FEDERATED_TOKEN_FILE"]
        for name in names where variable(name).isEmpty {
            throw APIError("no workload identity: the environment variable \(name) is not set")
        }
        var client = HTTPClientConfiguration()
        client.proxyFromEnvironment = true
        return try await authorization(client) { () throws(APIError) in
            let path = variable("AZURE_FEDERATED_TOKEN_FILE")
            let assertion = try await federatedToken(path)
            return .form(
                to: cloud.tokenURL(PercentEncoding.component(variable("AZURE_TENANT_ID"))),
                [
                    ("client_assertion", assertion),
                    (
                        "client_assertion_type",
                        "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
                    ), ("client_id", variable("AZURE_CLIENT_ID")),
                    ("grant_type", "client_credentials"), ("scope", cloud.scope),
                ])
        }
    }

    private func federatedToken(_ path: String) async throws(APIError) -> String {
        let read = environment.files.read
        return try await FileQueue.apart { () throws(APIError) -> String in
            do throws(FileAccess.ReadError) {
                return String(decoding: try read(path, 1 << 20), as: UTF8.self)
                    .trimmingWhitespace
            } catch {
                throw APIError("\(path) (AZURE_FEDERATED_TOKEN_FILE): \(error)")
            }
        }
    }

    private func machine(_ id: String) async throws(APIError) -> Authorization {
        let (service, secret) = (variable("IDENTITY_ENDPOINT"), variable("IDENTITY_HEADER"))
        let isService = !service.isEmpty && !secret.isEmpty
        var query = [
            ("api-version", isService ? "2019-08-01" : "2018-02-01"),
            ("resource", cloud.audience),
        ]
        if !id.isEmpty { query.append(("client_id", id)) }
        let base =
            isService ? service : "http://169.254.169.254/metadata/identity/oauth2/token"
        var request = APIEndpoint(base: base).request("", query, timeout: AzureIdentity.timeout)
        request.headers = [
            isService ? .init("X-IDENTITY-HEADER", secret) : .init("Metadata", "true")
        ]
        let made = request
        return try await authorization(HTTPClientConfiguration()) { made }
    }

    private func authorization(
        _ client: HTTPClientConfiguration,
        _ request: () async throws(APIError) -> HTTPRequest
    ) async throws(APIError) -> Authorization {
        let text = try await token.text(APIClient(client, environment)) {
            () async throws(APIError) -> HTTPRequest in
            var made = try await request()
            made.timeout = AzureIdentity.timeout
            return made
        }
        return Authorization(credentials: Secret(.inline(text)))
    }
}
