import Configuration
import Foundation
import Model
import Scrape
import Testing
import Transport
import _CryptoExtras

/// STACKIT's servers, answered in the documented form of its API.
@Suite("Discovery: STACKIT", .timeLimit(.minutes(1))) struct StackitDiscoveryTests {
    private static let path = "/v1/projects/p/servers"
    private static let key = try? _RSA.Signing.PrivateKey(keySize: .bits2048)

    private func look(
        _ keys: String, _ answers: [String: String], variables: [String: String] = [:]
    ) async throws -> (SourceUpdate, ScriptedAPI) {
        let api = ScriptedAPI(answers)
        let update = try await DiscoveryLooks().take(
            1, "stackit_sd_configs: [{project: p, \(keys)}]", transport: api,
            variables: variables)[0]
        return (update, api)
    }

    @Test func serversAreTargets() async throws {
        let (update, api) = try await look(
            "port: 9100, bearer_token: geheim",
            [
                Self.path: """
                {"items": [
                  {"id": "s1", "name": "web", "availabilityZone": "eu01-m", "status": "ACTIVE",
                   "powerStatus": "RUNNING", "machineType": "c1.2", "labels": {"team-x": "a", "n": 1},
                   "nics": [{"networkName": "net-a", "ipv4": "10.0.0.1"},
                            {"networkName": "net-b", "ipv4": "10.1.0.1", "publicIp": "1.2.3.4"},
                            {"networkName": "net-c", "publicIp": "1.2.3.5"}]},
                  {"id": "s2", "nics": [{"networkName": "n", "ipv4": "10.0.0.2", "publicIp": ""}]},
                  {"id": "s3", "nics": [{"networkName": "n", "ipv4": null}]},
                  {"id": "s4", "nics": null}]}
                """
            ])
        #expect(update.problems == [])
        let prefix = "__meta_stackit_"
        #expect(
            update.labels == [
                [
                    "__address__": "1.2.3.4:9100", prefix + "project": "p", prefix + "id": "s1",
                    prefix + "name": "web", prefix + "availability_zone": "eu01-m",
                    prefix + "status": "ACTIVE", prefix + "power_status": "RUNNING",
                    prefix + "type": "c1.2", prefix + "public_ipv4": "1.2.3.4",
                    prefix + "private_ipv4_net_a": "10.0.0.1",
                    prefix + "private_ipv4_net_b": "10.1.0.1", prefix + "label_team_x": "a",
                    prefix + "labelpresent_team_x": "true",
                ],
                [
                    "__address__": "10.0.0.2:9100", prefix + "project": "p", prefix + "id": "s2",
                    prefix + "private_ipv4_n": "10.0.0.2",
                ],
            ])
        let request = try #require(api.requests.first)
        #expect(request.url == "https://iaas.api.eu01.stackit.cloud\(Self.path)?details=true")
        #expect(request.authorization == .bearer("geheim"))
    }

    @Test(arguments: [true, false])
    func aServiceAccountSignsAssertions(embedded: Bool) async throws {
        let pem = try #require(Self.key).pkcs8PEMRepresentation
        var credentials = [
            "kid": "k", "iss": "a@sa.test", "sub": "sub-1", "aud": "https://stackit.test",
        ]
        if embedded { credentials["privateKey"] = pem }
        let account = String(
            decoding: try JSONEncoder().encode(["credentials": credentials]), as: UTF8.self)
        let (update, api) = try await look(
            "service_account_key: '\(account)', endpoint: 'https://e.test/'",
            [Self.path: "{}", "/token": #"{"access_token": "t1", "expires_in": 600}"#],
            variables: embedded ? [:] : ["STACKIT_PRIVATE_KEY": pem])
        #expect(update.problems == [] && update.groups?.map(\.targets) == [[]])
        #expect(
            api.requests.map(\.url) == [
                "https://service-account.api.stackit.cloud/token",
                "https://e.test\(Self.path)?details=true",
            ])
        let form = String(decoding: api.requests[0].body ?? [], as: UTF8.self)
        let assertion = PercentEncoding.fields(ofForm: form).first { $0.name == "assertion" }
        let parts = try #require(assertion?.value).split(separator: ".").map(Self.decoded)
        #expect(parts[0] == #"{"alg":"RS512","kid":"k","typ":"JWT"}"#)
        for claim in [
            #""iss":"a@sa.test""#, #""sub":"sub-1""#, #""aud":"https://stackit.test""#,
        ] {
            #expect(parts[1].contains(claim))
        }
        #expect(api.requests[1].authorization == .bearer("t1"))
    }

    private static func decoded(_ part: Substring) -> String {
        var text = String(part).replacing("-", with: "+").replacing("_", with: "/")
        text += String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        return String(decoding: Data(base64Encoded: text) ?? Data(), as: UTF8.self)
    }

    @Test(arguments: [
        ("service_account_key: 'geheim'", "the service account key is not JSON"),
        (
            #"service_account_key: '{"credentials": {"sub": "geheim"}}'"#,
            "the service account has no private key"
        ), ("service_account_key_path: /no/such/key", "/no/such/key"),
        ("bearer_token: geheim", "server returned HTTP status 404"),
    ])
    func anErrorKeepsTheTargets(keys: String, expected: String) async throws {
        let (update, _) = try await look(keys, [:])
        #expect(update.groups == nil)
        let problem = try #require(update.problems.first)
        #expect(problem.contains(expected) && !problem.contains("geheim"), "\(problem)")
    }

    @Test(arguments: [
        ("region: ''", "stackit_sd: endpoint and region missing"),
        ("zone: x", "field zone not found"),
    ])
    func whatIsWrongIsSaid(keys: String, expected: String) {
        DiscoveryLooks.expectError("stackit_sd_configs: [{\(keys)}]", expected)
    }
}
