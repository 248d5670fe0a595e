import Configuration
import Model
import Scrape
import Testing
import Transport

/// Outscale's machines, answered in the documented form of its API.
@Suite("Discovery: Outscale", .timeLimit(.minutes(1))) struct OutscaleDiscoveryTests {
    private static let account = "access_key: AK, secret_key: geheim"

    private func look(
        _ keys: String, answer: @escaping @Sendable (_ body: String) -> (Int, String)
    ) async throws -> (SourceUpdate, ScriptedAPI) {
        let api = ScriptedAPI([:])
        api.set("/api/v1/ReadVms") { request in
            let (status, body) = answer(String(decoding: request.body ?? [], as: UTF8.self))
            return HTTPResponse(status: status, body: Array(body.utf8))
        }
        let update = try await DiscoveryLooks().take(
            1, "outscale_sd_configs: [{\(keys)}]", transport: api)[0]
        return (update, api)
    }

    @Test func machinesOfAllPagesAreTargets() async throws {
        let (update, api) = try await look("\(Self.account), port: 9100, region: us-east-2") {
            body in
            switch body {
            case "{}":
                (
                    200,
                    """
                    {"Vms": [{"VmId": "i-1", "State": "running", "PrivateIp": "10.0.0.1",
                       "PublicIp": "1.2.3.4", "Placement": {"SubregionName": "us-east-2a"},
                       "Tags": [{"Key": "team-x", "Value": "a"}, {"Key": "", "Value": "b"},
                                {"Key": "c", "Value": ""}]}, {"VmId": "i-2"}],
                     "NextPageToken": "p2"}
                    """
                )
            case #"{"NextPageToken":"p2"}"#:
                (200, #"{"Vms": [{"PublicIp": "1.2.3.5", "Tags": null}], "NextPageToken": null}"#)
            default: (400, body)
            }
        }
        #expect(update.problems == [])
        let prefix = "__meta_outscale_vm_"
        #expect(
            update.labels == [
                [
                    "__address__": "10.0.0.1:9100", prefix + "instance_id": "i-1",
                    prefix + "region": "us-east-2", prefix + "subregion": "us-east-2a",
                    prefix + "state": "running", prefix + "private_ip": "10.0.0.1",
                    prefix + "public_ip": "1.2.3.4", prefix + "tag_team_x": "a",
                ],
                [
                    "__address__": "1.2.3.5:9100", prefix + "region": "us-east-2",
                    prefix + "public_ip": "1.2.3.5",
                ],
            ])
        let request = try #require(api.requests.first)
        #expect(request.url == "https://api.us-east-2.outscale.com/api/v1/ReadVms")
        #expect(request.method == "POST" && request.authorization != nil)
        #expect(request.headers.contains { $0.name == "X-Amz-Date" })
    }

    @Test(arguments: [(403, "AccessDenied"), (200, #"{"Vms": {}}"#), (200, "")])
    func anErrorKeepsTheTargets(status: Int, body: String) async throws {
        let (update, _) = try await look(Self.account) { _ in (status, body) }
        #expect(update.groups == nil)
        let problem = try #require(update.problems.first)
        #expect(problem.contains("https://api.eu-west-2.outscale.com/api/v1/ReadVms"))
        #expect(!problem.contains("geheim"))
    }

    @Test func aSecretsFileThatIsMissingIsNamed() async throws {
        let (update, api) = try await look("access_key: AK, secret_key_file: /no/such/key") { _ in
            (200, "{}")
        }
        #expect(update.groups == nil && api.requests.isEmpty)
        #expect(update.problems.first?.contains("/no/such/key") == true)
    }

    @Test(arguments: [
        ("\(account), region: ''", "outscale SD configuration requires a region"),
        ("secret_key: x", "outscale SD configuration requires access_key"),
        ("access_key: x", "one of secret_key & secret_key_file must be configured"),
        ("\(account), secret_key_file: f", "at most one of secret_key & secret_key_file"),
    ])
    func whatIsWrongIsSaid(keys: String, expected: String) {
        DiscoveryLooks.expectError("outscale_sd_configs: [{\(keys)}]", expected)
    }
}
