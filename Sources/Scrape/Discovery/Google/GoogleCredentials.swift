import Configuration
import HTTPClient
import Model
import Transport

/// Google's application default credentials: a file that the environment names, the one that `gcloud`
/// writes, or the machine's own account.
final class GoogleCredentials: APIIdentity {
    /// What a file of credentials may be.
    static let maximumFileBytes = 1 << 20
    /// How long the machine may take to say who it is.
    private static let machineTimeout: Duration = .seconds(5)
    private static let scope = "https://www.googleapis.com/auth/compute.readonly"
    private static let variable = "GOOGLE_APPLICATION_CREDENTIALS"

    private let environment: SourceEnvironment
    private let token = FetchedToken()

    init(_ environment: SourceEnvironment) { self.environment = environment }

    func client() async throws(APIError) -> HTTPClientConfiguration {
        var client = HTTPClientConfiguration()
        client.proxyFromEnvironment = true
        let file = try await FileQueue.apart {
            [self] () throws(APIError) -> GoogleCredentialsFile? in try self.file()
        }
        if let file {
            client.oauth2 = try file.client(for: GoogleCredentials.scope)
        } else {
            let token = try await machineToken()
            client.authorization = Authorization(credentials: Secret(.inline(token)))
        }
        return client
    }

    func forget() -> Bool { token.forget() }

    // MARK: Files

    /// The file with credentials, where there is one.
    private func file() throws(APIError) -> GoogleCredentialsFile? {
        if let path = environment.variables[GoogleCredentials.variable], !path.isEmpty {
            do throws(FileAccess.ReadError) {
                return try GoogleCredentialsFile(path, read(path))
            } catch {
                throw APIError("\(path) (\(GoogleCredentials.variable)): \(error)")
            }
        }
        guard let home = environment.variables["HOME"], !home.isEmpty else { return nil }
        let path = "\(home)/.config/gcloud/application_default_credentials.json"
        guard let bytes = try? read(path) else { return nil }
        do throws(FileAccess.ReadError) {
            return try GoogleCredentialsFile(path, bytes)
        } catch {
            throw APIError("\(path): \(error)")
        }
    }

    private func read(_ path: String) throws(FileAccess.ReadError) -> [UInt8] {
        let limit = GoogleCredentials.maximumFileBytes
        let bytes = try environment.files.read(path, limit)
        if bytes.count > limit {
            throw FileAccess.ReadError(
                "larger than \(limit) bytes (GoogleCredentials.maximumFileBytes)")
        }
        return bytes
    }

    // MARK: The machine

    private func machineToken() async throws(APIError) -> String {
        // A machine that is none of Google's has nobody at this address, or somebody else.
        let named = environment.variables["GCE_METADATA_HOST"] ?? ""
        let host = named.isEmpty ? "169.254.169.254" : named
        let request = APIEndpoint(base: "http://\(host)/computeMetadata/v1").request(
            "/instance/service-accounts/default/token", [("scopes", GoogleCredentials.scope)],
            timeout: GoogleCredentials.machineTimeout)
        let client = APIClient(HTTPClientConfiguration(), environment)
        do throws(APIError) {
            return try await token.text(client) {
                var request = request
                request.headers = [.init("Metadata-Flavor", "Google")]
                return request
            }
        } catch {
            throw APIError(
                "could not find default credentials: neither \(GoogleCredentials.variable) nor gcloud's file names any, and the machine has none: \(error)"
            )
        }
    }
}
