import Configuration
import HTTPClient
import Model
import Synchronization
import Transport

/// A service of Amazon's, asked with signed requests.
final class AmazonAPI: Sendable {
    /// What the service is called in addresses and signatures, e.g. `ec2`.
    let service: String
    let endpoint: String
    let timeout: Duration

    private let world: AWSEnvironment
    private let credentials: AWSCredentialSource
    private let client: APIClient
    private let knownRegion = Mutex<String?>(nil)

    init(
        _ service: String, _ identity: AWSIdentity, endpoint: String, timeout: Milliseconds,
        _ settings: HTTPClientConfiguration, _ environment: SourceEnvironment
    ) {
        self.service = service
        self.endpoint = endpoint
        self.timeout = timeout.duration
        world = environment.amazon()
        let configured = ConfiguredClient(settings)
        client = APIClient(configured, environment)
        credentials = AWSCredentialSource(
            identity, client: configured, in: world, over: environment.transport)
    }

    /// The configured region, or that of the environment, or that of the machine, once it is known.
    func region() async throws(APIError) -> String {
        if let known = knownRegion.withLock({ $0 }) { return known }
        let region = try await findRegion()
        knownRegion.withLock { $0 = region }
        return region
    }

    private func findRegion() async throws(APIError) -> String {
        if let region = try? credentials.region() { return region }
        do throws(AWSCredentialError) {
            return try await credentials.machineRegion()
        } catch {
            throw APIError(
                "could not determine AWS region: set `region`; the machine names none: \(error)")
        }
    }

    /// Sends a body and returns the answer, whose status is 200.
    func post(
        _ body: [UInt8], _ headers: [HTTPRequest.Header], region: String
    ) async throws(APIError) -> HTTPResponse {
        let standard = "https://\(service).\(region).\(AWSPartition.domain(of: region))"
        let url = APIEndpoint(base: endpoint.isEmpty ? standard : endpoint).base + "/"
        var request = HTTPRequest(method: "POST", url: url, headers: headers, body: body)
        request.timeout = timeout
        do throws(AWSCredentialError) {
            let found = try await credentials.credentials(region: region)
            request.sign(as: found, region: region, service: service, at: world.wallClock())
        } catch {
            throw APIError("\(APIClient.place(request)): \(error)")
        }
        let response = try await client.send(request)
        // Credentials that were got may have been withdrawn.
        if [401, 403].contains(response.status) { credentials.forget() }
        return try APIClient.require(response, of: request)
    }
}
