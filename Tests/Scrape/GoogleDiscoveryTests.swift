import Configuration
import Foundation
import Model
import Scrape
import Synchronization
import Testing
import Transport
import _CryptoExtras

/// Google's Compute Engine, answered in the documented form of its API.
@Suite("Discovery: GCE", .timeLimit(.minutes(1))) struct GoogleDiscoveryTests {
    private static let list = "/compute/v1/projects/p/zones/z-1/instances"
    private static let machine =
        "/computeMetadata/v1/instance/service-accounts/default/token?scopes=https%3A%2F%2Fwww.googleapis.com%2Fauth%2Fcompute.readonly"
    private static let key = try? _RSA.Signing.PrivateKey(keySize: .bits2048)

    private func api(_ page: String = #"{"items": []}"#) -> ScriptedAPI {
        ScriptedAPI([
            Self.list: page,
            Self.machine: #"{"access_token": "machine's", "expires_in": 3600}"#,
        ])
    }

    private func looks(
        _ count: Int, _ keys: String, _ api: ScriptedAPI, files: [String: String] = [:],
        variables: [String: String] = [:]
    ) async throws -> [SourceUpdate] {
        try await DiscoveryLooks().take(
            count, "gce_sd_configs: [{project: p, zone: z-1, \(keys)}]", transport: api,
            files: .memory(files), variables: variables)
    }

    private func look(_ keys: String, _ api: ScriptedAPI) async throws -> SourceUpdate {
        try await looks(1, keys, api)[0]
    }

    private static let full = """
        {"id": "18446744073709551615", "name": "a", "status": "RUNNING",
         "zone": "https://c/zones/z-1", "machineType": "https://c/machineTypes/e2",
         "networkInterfaces": [
           {"name": "nic0", "network": "n0", "subnetwork": "s0", "networkIP": "10.0.0.1",
            "accessConfigs": [{"type": "ONE_TO_ONE_NAT", "natIP": "1.2.3.4"}, {"natIP": "5.6.7.8"}]},
           {"name": "nic-1", "network": "n1", "networkIP": "10.1.0.1"}],
         "tags": {"fingerprint": "f", "items": ["web", "http"]},
         "metadata": {"items": [{"key": "startup-script", "value": "x\\ny"}, {"key": "none"},
                                {"key": "no", "value": null}]},
         "labels": {"team-x": "a", "env": "prod"}}
        """

    @Test func instancesAreTargets() async throws {
        let api = api(#"{"kind": "k", "items": [\#(Self.full), {"id": "1", "name": "bare"}]}"#)
        let update = try await look("port: 9100, tag_separator: ';'", api)
        #expect(update.problems == [])
        #expect(
            update.labels == [
                [
                    "__address__": "10.0.0.1:9100", "__meta_gce_project": "p",
                    "__meta_gce_zone": "https://c/zones/z-1",
                    "__meta_gce_instance_id": "18446744073709551615",
                    "__meta_gce_instance_name": "a", "__meta_gce_instance_status": "RUNNING",
                    "__meta_gce_machine_type": "https://c/machineTypes/e2",
                    "__meta_gce_network": "n0", "__meta_gce_subnetwork": "s0",
                    "__meta_gce_private_ip": "10.0.0.1", "__meta_gce_public_ip": "1.2.3.4",
                    "__meta_gce_interface_ipv4_nic0": "10.0.0.1",
                    "__meta_gce_interface_ipv4_nic_1": "10.1.0.1",
                    "__meta_gce_tags": ";web;http;", "__meta_gce_metadata_startup_script": "x\ny",
                    "__meta_gce_label_team_x": "a", "__meta_gce_label_env": "prod",
                ]
            ])
        #expect(update.groups?.map(\.place) == ["GCE_p_z-1"])
    }

    @Test func allPagesAreAskedFor() async throws {
        let api = api()
        func instance(_ address: String) -> String {
            #"{"networkInterfaces": [{"networkIP": "\#(address)", "accessConfigs": null}], "tags": null}"#
        }
        let first = #"{"items": [\#(instance("10.0.0.1"))], "nextPageToken": "a/b"}"#
        api.set(Self.list + "?filter=status+%3D+RUNNING", first)
        api.set(
            Self.list + "?filter=status+%3D+RUNNING&pageToken=a%2Fb",
            #"{"items": [\#(instance("10.0.0.2"))], "nextPageToken": ""}"#)
        let update = try await look("filter: status = RUNNING", api)
        #expect(update.problems == [])
        #expect(update.addresses == ["10.0.0.1:80", "10.0.0.2:80"])
        #expect(update.labels.first?["__meta_gce_instance_id"] == "0")
    }

    @Test func pagesThatNameEachOtherEnd() async throws {
        let api = api(#"{"items": [], "nextPageToken": "again"}"#)
        let update = try await look("", api)
        #expect(update.problems == ["more than 10000 pages of instances (APIPages.maximum)"])
    }

    // MARK: Errors

    @Test func anErrorKeepsTheTargetsAndNoneAreNone() async throws {
        let api = api(#"{"items": [{"networkInterfaces": [{"networkIP": "10.0.0.1"}]}]}"#)
        let count = Mutex(0)
        let good = #"{"items": [{"networkInterfaces": [{"networkIP": "10.0.0.1"}]}]}"#
        api.set(Self.list) { _ in
            let number = count.withLock { count in
                count += 1
                return count
            }
            switch number {
            case 1: return HTTPResponse(status: 200, body: Array(good.utf8))
            case 2: return HTTPResponse(status: 403, body: Array("quota".utf8))
            default: return HTTPResponse(status: 200, body: Array("{}".utf8))
            }
        }
        let updates = try await looks(3, "", api)
        #expect(updates[0].addresses == ["10.0.0.1:80"])
        #expect(updates[1].groups == nil)
        #expect(
            updates[1].problems == [
                "Get \"https://compute.googleapis.com\(Self.list)\": server returned HTTP status 403: quota"
            ])
        #expect(updates[2].groups?.map(\.targets) == [[]] && updates[2].problems == [])
    }

    @Test(arguments: [
        #"{"items": {}}"#, #"{"items": [{"networkInterfaces": [{"networkIP": 1}]}]}"#,
        #"{"items": [{"id": 7, "networkInterfaces": [{}]}]}"#,
        #"{"items": [{"id": "x", "networkInterfaces": [{}]}]}"#, "[", "",
    ])
    func answersThatAreNoneFail(body: String) async throws {
        let update = try await look("", api(body))
        #expect(update.groups == nil)
        #expect(update.problems.first?.contains(Self.list) == true, "\(update.problems)")
    }

    // MARK: Credentials

    @Test func theMachineSaysWhoItIs() async throws {
        let api = api()
        let updates = try await looks(2, "", api, variables: ["HOME": "/home/t"])
        #expect(updates.allSatisfy { $0.problems == [] })
        // The second look knows the token.
        #expect(api.requests.count { $0.url.contains("computeMetadata") } == 1)
        let first = try #require(api.requests.first)
        #expect(first.url == "http://169.254.169.254" + Self.machine)
        #expect(first.headers == [.init("Metadata-Flavor", "Google")])
        #expect(api.requests.dropFirst().allSatisfy { $0.authorization == .bearer("machine's") })
    }

    @Test func aTokenThatExpiredIsReplaced() async throws {
        let api = api()
        let tokens = Mutex(0)
        api.set(Self.machine) { _ in
            let number = tokens.withLock { tokens in
                tokens += 1
                return tokens
            }
            let body = #"{"access_token": "t\#(number)", "expires_in": "3600"}"#
            return HTTPResponse(status: 200, body: Array(body.utf8))
        }
        api.set(Self.list) { request in
            let isGood = request.authorization == .bearer("t2")
            return HTTPResponse(status: isGood ? 200 : 401, body: Array("{}".utf8))
        }
        let updates = try await looks(
            2, "", api, variables: ["GCE_METADATA_HOST": "metadata.test"])
        #expect(updates.allSatisfy { $0.problems == [] && $0.groups?.count == 1 })
        #expect(tokens.withLock { $0 } == 2)
        #expect(api.requests.first?.url.hasPrefix("http://metadata.test/") == true)
    }

    @Test func aServiceAccountSignsAnAssertion() async throws {
        let api = api()
        api.set("/sign-in", #"{"access_token": "account's", "expires_in": 3600}"#)
        let key = try #require(Self.key).pkcs8PEMRepresentation
        let file = try String(
            decoding: JSONSerialization.data(withJSONObject: [
                "type": "service_account", "client_email": "a@p.test", "private_key_id": "k1",
                "private_key": key, "token_uri": "https://issuer.test/sign-in",
            ]), as: UTF8.self)
        let updates = try await looks(
            2, "", api, files: ["/key.json": file],
            variables: ["GOOGLE_APPLICATION_CREDENTIALS": "/key.json"])
        #expect(updates.allSatisfy { $0.problems == [] })
        #expect(api.requests.map { path(of: $0.url) } == ["/sign-in", Self.list, Self.list])
        let form = PercentEncoding.fields(
            ofForm: String(decoding: api.requests[0].body ?? [], as: UTF8.self))
        #expect(form.first { $0.name == "grant_type" }?.value == SignedAssertion.grantType)
        let assertion = try #require(form.first { $0.name == "assertion" }?.value)
        let claims = try #require(Self.claims(assertion))
        #expect(claims["iss"] as? String == "a@p.test")
        #expect(claims["aud"] as? String == "https://issuer.test/sign-in")
        #expect(claims["scope"] as? String == "https://www.googleapis.com/auth/compute.readonly")
        #expect(claims["sub"] == nil)
        #expect(api.requests[1].authorization == .bearer("account's"))
    }

    private static func claims(_ token: String) -> [String: Any]? {
        let parts = token.split(separator: ".")
        guard parts.count == 3 else { return nil }
        var text = String(parts[1]).replacing("-", with: "+").replacing("_", with: "/")
        text += String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        return Data(base64Encoded: text).flatMap {
            try? JSONSerialization.jsonObject(with: $0) as? [String: Any]
        }
    }

    @Test func aUsersConsentIsExchanged() async throws {
        let api = api()
        api.set("/token", #"{"access_token": "user's", "expires_in": 3600}"#)
        let file = """
            {"type": "authorized_user", "client_id": "id", "client_secret": "geheim",
             "refresh_token": "refresh"}
            """
        let update = try await looks(
            1, "", api,
            files: ["/home/t/.config/gcloud/application_default_credentials.json": file],
            variables: ["HOME": "/home/t"])[0]
        #expect(update.problems == [])
        let request = try #require(api.requests.first)
        #expect(request.url == "https://oauth2.googleapis.com/token")
        #expect(request.authorization == .basic(user: "id", password: "geheim"))
        #expect(
            String(decoding: request.body ?? [], as: UTF8.self)
                == "grant_type=refresh_token&refresh_token=refresh")
        #expect(api.requests.last?.authorization == .bearer("user's"))
    }

    @Test(arguments: [
        ("[", "/key.json (GOOGLE_APPLICATION_CREDENTIALS): 1:2: "),
        (nil, "/key.json (GOOGLE_APPLICATION_CREDENTIALS): no such file or directory"),
        (
            #"{"type": "external_account"}"#,
            #"/key.json: credentials of the type "external_account" are not supported"#
        ),
    ])
    func credentialsThatDoNotWorkAreNamed(file: String?, expected: String) async throws {
        let update = try await looks(
            1, "", api(), files: file.map { ["/key.json": $0] } ?? [:],
            variables: ["GOOGLE_APPLICATION_CREDENTIALS": "/key.json"])[0]
        #expect(update.groups == nil)
        #expect(update.problems.first?.hasPrefix(expected) == true, "\(update.problems)")
    }

    @Test func aMachineOfSomebodyElseHasNoCredentials() async throws {
        let api = api()
        api.set(Self.machine, "not here", status: 404)
        let problem = try await look("", api).problems.first ?? ""
        #expect(problem.hasPrefix("could not find default credentials"))
        #expect(problem.contains("http://169.254.169.254/computeMetadata/v1/"))
    }

    @Test func aRefusalNamesNoSecret() async throws {
        let api = api()
        api.set("/token", #"{"error": "invalid_grant"}"#, status: 400)
        let file =
            #"{"type": "authorized_user", "client_id": "id", "client_secret": "geheim", "refresh_token": "refresh"}"#
        let update = try await looks(
            1, "", api, files: ["/key.json": file],
            variables: ["GOOGLE_APPLICATION_CREDENTIALS": "/key.json"])[0]
        let problem = try #require(update.problems.first)
        #expect(problem.contains("cannot fetch token: unexpected status code 400"))
        #expect(problem.contains("invalid_grant") && !problem.contains("geheim"))
    }

    @Test(arguments: [
        ("zone: z", "GCE SD configuration requires a project"),
        ("project: p", "GCE SD configuration requires a zone"),
        ("project: p, zone: z, follow_redirects: true", "field follow_redirects not found"),
    ])
    func whatIsWrongIsSaid(keys: String, expected: String) {
        DiscoveryLooks.expectError("gce_sd_configs: [{\(keys)}]", expected)
    }
}

/// The path of a URL, without its query.
private func path(of url: String) -> String { (try? ParsedURL(url))?.path ?? "" }
