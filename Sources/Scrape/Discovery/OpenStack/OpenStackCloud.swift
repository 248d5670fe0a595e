import Configuration
import Model
import Transport

/// A cloud of OpenStack that somebody has signed in to.
struct OpenStackCloud: Sendable {
    /// A service's endpoint in the catalog.
    private struct Endpoint: Sendable {
        var service: String
        var availability: String
        var regions: [String]
        var url: String
    }

    private let settings: OpenStackDiscovery
    private let client: APIClient
    private let token: String
    private let catalog: [Endpoint]

    // MARK: Signing in

    /// Signs in with the newest version of the identity service, or with the one that its address names.
    static func signIn(
        _ settings: OpenStackDiscovery, _ client: APIClient, _ variables: [String: String]
    ) async throws(APIError) -> OpenStackCloud {
        var (address, account) = (settings.identityEndpoint, settings.account)
        if address.isEmpty {
            account = try OpenStackAccount(variables)
            address = variables["OS_AUTH_URL"] ?? ""
        }
        do throws(APIError) {
            let (version, base) = try await version(at: address, settings, client)
            return switch version {
            case .v2: try await signInV2(base, account, settings, client)
            case .v3: try await signInV3(base, account, settings, client)
            }
        } catch {
            throw APIError("could not authenticate to OpenStack: \(error)")
        }
    }

    private enum Version: String, CaseIterable {
        case v3 = "v3"
        case v2 = "v2.0"
    }

    private static func version(
        at address: String, _ settings: OpenStackDiscovery, _ client: APIClient
    ) async throws(APIError) -> (Version, base: APIEndpoint) {
        let endpoint = APIEndpoint(base: address)
        if let version = Version.allCases.first(where: {
            endpoint.base.hasSuffix("/" + $0.rawValue)
        }) {
            return (version, endpoint)
        }
        let request = endpoint.request("/", timeout: settings.refreshInterval.duration)
        var response = try await client.send(request)
        // The list of versions comes as one that can be chosen from (300).
        if response.status == 300 { response.status = 200 }
        let offers = try APIClient.read(response, of: request) { (root) throws(JSONError) in
            try root.field("versions")?.list("values").map { (node) throws(JSONError) in
                try offer(node)
            } ?? []
        }
        for version in Version.allCases {
            if let base = offers.first(where: { $0.name.contains(version.rawValue) })?.base {
                return (version, APIEndpoint(base: base))
            }
        }
        throw APIError("\(APIClient.place(request)): no supported version available")
    }

    /// A version that is offered, and where it is; a version that is not to be used is nowhere.
    private static func offer(
        _ node: JSONNode
    ) throws(JSONError) -> (name: String, base: String?) {
        let status = try node.string("status").lowercased()
        let link = try node.link("self", in: "links")
        let isGood = ["current", "supported", "stable"].contains(status)
        return (try node.string("id"), isGood ? link : nil)
    }

    private static func signInV3(
        _ base: APIEndpoint, _ account: OpenStackAccount, _ settings: OpenStackDiscovery,
        _ client: APIClient
    ) async throws(APIError) -> OpenStackCloud {
        let request = post(try await account.bodyV3(), to: base, "/auth/tokens", settings)
        var response = try await client.send(request)
        if response.status == 201 { response.status = 200 }
        let catalog = try APIClient.read(response, of: request) { (root) throws(JSONError) in
            try root.field("token")?.list("catalog").map { (service) throws(JSONError) in
                let type = try service.string("type")
                return try service.list("endpoints").map { (node) throws(JSONError) in
                    Endpoint(
                        service: type, availability: try node.string("interface"),
                        regions: [try node.string("region"), try node.string("region_id")],
                        url: try node.string("url"))
                }
            }.flatMap(\.self) ?? []
        }
        let token = response.header("X-Subject-Token") ?? ""
        return OpenStackCloud(
            settings: settings, client: client, token: token, catalog: catalog)
    }

    private static func signInV2(
        _ base: APIEndpoint, _ account: OpenStackAccount, _ settings: OpenStackDiscovery,
        _ client: APIClient
    ) async throws(APIError) -> OpenStackCloud {
        let request = post(try await account.bodyV2(), to: base, "/tokens", settings)
        return try await client.json(request) { (root) throws(JSONError) in
            let access = try root.field("access")
            let services = try access?.list("serviceCatalog") ?? []
            let catalog = try services.map { (service) throws(JSONError) in
                let type = try service.string("type")
                return try service.list("endpoints").map { (node) throws(JSONError) in
                    let availability = settings.availability.rawValue
                    return Endpoint(
                        service: type, availability: availability,
                        regions: [try node.string("region")],
                        url: try node.string(availability + "URL"))
                }
            }.flatMap(\.self)
            let token = try access?.field("token")?.string("id") ?? ""
            return OpenStackCloud(
                settings: settings, client: client, token: token, catalog: catalog)
        }.value
    }

    private static func post(
        _ body: [UInt8], to base: APIEndpoint, _ path: String, _ settings: OpenStackDiscovery
    ) -> HTTPRequest {
        var request = base.request(path, timeout: settings.refreshInterval.duration)
        request.method = "POST"
        request.headers = [
            .init("Accept", "application/json"), .init("Content-Type", "application/json"),
        ]
        request.body = body
        return request
    }

    // MARK: Services

    /// Where a service of the region is.
    func service(_ type: String) throws(APIError) -> APIEndpoint {
        let found = catalog.first {
            $0.service == type && $0.availability == settings.availability.rawValue
                && $0.regions.contains(settings.region)
        }
        if let found, !found.url.isEmpty { return APIEndpoint(base: found.url) }
        throw APIError(
            "OpenStack's catalog has no \(settings.availability.rawValue) endpoint of the service \(type) in the region \(settings.region.goQuoted)"
        )
    }

    /// The same of a service whose version its endpoint may name.
    func versionedService(_ type: String) throws(APIError) -> APIEndpoint {
        let base = try service(type).base
        return APIEndpoint(base: base.hasSuffix("/v2.0") ? base : base + "/v2.0")
    }

    /// What is listed under a name, of all pages.
    func list<Value>(
        _ name: String, _ service: APIEndpoint, _ path: String, _ query: [(String, String)] = [],
        _ read: (JSONNode) throws(JSONError) -> Value
    ) async throws(APIError) -> [Value] {
        var first = service.request(
            "/" + path, query, timeout: settings.refreshInterval.duration)
        first.headers = [.init("Accept", "application/json"), .init("X-Auth-Token", token)]
        return try await APIPages.all(of: name) { (next) throws(APIError) in
            var request = first
            if !next.isEmpty { request.url = next }
            return try await client.json(request) { (root) throws(JSONError) in
                let values = try root.list(name).map(read)
                let next = try root.link("next", in: name + "_links") ?? ""
                return (values, values.isEmpty ? "" : next)
            }.value
        }
    }
}

extension JSONNode {
    /// Where the last link of a relation in a list leads.
    fileprivate func link(_ relation: String, in name: String) throws(JSONError) -> String? {
        var found: String?
        for link in try list(name) where try link.string("rel") == relation {
            found = try link.string("href")
        }
        return found
    }
}
