import Configuration
import HTTPClient
import Model
import Scrape
import Synchronization
import Testing
import Transport

/// Azure's manager of resources, answered in the documented forms of its APIs.
@Suite("Discovery: Azure", .timeLimit(.minutes(1))) struct AzureDiscoveryTests {
    private static let account =
        "subscription_id: s, tenant_id: t, client_id: c, client_secret: geheim"
    private static let machines = "/subscriptions/s/providers/Microsoft.Compute/virtualMachines"
    private static let sets =
        "/subscriptions/s/providers/Microsoft.Compute/virtualMachineScaleSets"
    private static let group = "/subscriptions/s/resourceGroups/g"
    private static let cards = "\(group)/providers/Microsoft.Network/networkInterfaces"
    private static let imds =
        "/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2Fmanagement.core.windows.net%2F"

    private static func machine(_ name: String, _ cards: [String], more: String = "") -> String {
        let cards = cards.map { #"{"id": "\#(Self.cards)/\#($0)"}"# }.joined(separator: ",")
        return """
            {"id": "\(group)/providers/Microsoft.Compute/virtualMachines/\(name)", "name": "\(name)",
             "type": "t", "location": "westeurope", "tags": {"team-x": "a"},
             "properties": {"hardwareProfile": {"vmSize": "D2"},
               "storageProfile": {"osDisk": {"osType": "Linux"}}, "osProfile": {"computerName": "h"},
               "networkProfile": {"networkInterfaces": [\(cards)]}}\(more)}
            """
    }

    private static func card(_ address: String, primary: Bool = true) -> String {
        #"{"id": "x", "properties": {"primary": \#(primary), "ipConfigurations": [{"properties": {"privateIPAddress": "\#(address)"}}]}}"#
    }

    private func api(_ answers: [String: String] = [:]) -> ScriptedAPI {
        ScriptedAPI(
            [
                Self.machines: #"{"value": []}"#, Self.sets: #"{"value": []}"#,
                "/t/oauth2/v2.0/token":
                    #"{"token_type": "Bearer", "expires_in": 3599, "access_token": "t1"}"#,
            ].merging(answers) { $1 })
    }

    private func looks(
        _ count: Int, _ keys: String, _ api: ScriptedAPI, files: [String: String] = [:],
        variables: [String: String] = [:]
    ) async throws -> [SourceUpdate] {
        try await DiscoveryLooks().take(
            count, "azure_sd_configs: [{\(keys)}]", transport: api, files: .memory(files),
            variables: variables)
    }

    private func look(_ keys: String, _ api: ScriptedAPI) async throws -> SourceUpdate {
        try await looks(1, keys, api)[0]
    }

    // MARK: Targets

    @Test func machinesAreTargets() async throws {
        let api = api([
            Self.machines: #"{"value": [\#(Self.machine("web", ["n0", "n1"]))]}"#,
            "\(Self.cards)/n0": Self.card("10.0.0.9", primary: false),
            "\(Self.cards)/n1": """
            {"properties": {"primary": true, "ipConfigurations": [
              {"properties": {"privateIPAddress": "10.0.0.1",
                              "publicIPAddress": {"properties": {"ipAddress": "1.2.3.4"}}}},
              {"properties": {"privateIPAddress": "10.0.0.2"}}]}}
            """,
        ])
        let update = try await look("\(Self.account), port: 9100", api)
        #expect(update.problems == [])
        let prefix = "__meta_azure_machine_"
        #expect(
            update.labels == [
                [
                    "__address__": "10.0.0.1:9100", "__meta_azure_subscription_id": "s",
                    "__meta_azure_tenant_id": "t",
                    prefix + "id":
                        "\(Self.group)/providers/Microsoft.Compute/virtualMachines/web",
                    prefix + "resource_group": "g", prefix + "name": "web",
                    prefix + "computer_name": "h", prefix + "os_type": "Linux",
                    prefix + "location": "westeurope", prefix + "private_ip": "10.0.0.1",
                    prefix + "public_ip": "1.2.3.4", prefix + "tag_team_x": "a",
                    prefix + "size": "D2",
                ]
            ])
        let urls = api.requests.map(\.url)
        #expect(urls[0] == "https://login.microsoftonline.com/t/oauth2/v2.0/token")
        #expect(
            urls.contains(
                "https://management.azure.com\(Self.cards)/n1?%24expand=IPConfigurations%2FPublicIPAddress&api-version=2023-06-01"
            ))
        #expect(api.requests.dropFirst().allSatisfy { $0.authorization == .bearer("t1") })
    }

    @Test func machinesOfScaleSetsAreTargets() async throws {
        let set = "\(Self.group)/providers/Microsoft.Compute/virtualMachineScaleSets/set 1"
        let asked =
            "\(Self.group)/providers/Microsoft.Compute/virtualMachineScaleSets/set%201/virtualMachines"
        let api = api([
            Self.sets: #"{"value": [{"id": "\#(set)", "name": "set 1"}], "nextLink": null}"#,
            asked:
                #"{"value": [\#(Self.machine("a", ["n0"], more: #", "instanceId": "7""#))]}"#,
            "\(asked)/7/networkInterfaces/n0": Self.card("fd00::1"),
        ])
        let update = try await look(Self.account, api)
        #expect(update.problems == [])
        #expect(update.addresses == ["[fd00::1]:80"])
        #expect(update.labels.first?["__meta_azure_machine_scale_set"] == "set 1")
    }

    @Test func allPagesOfAGroupAreAskedFor() async throws {
        let list = "\(Self.group)/providers/Microsoft.Compute/virtualMachines"
        let api = api([
            "\(Self.group)/providers/Microsoft.Compute/virtualMachineScaleSets": "{}",
            list:
                #"{"value": [\#(Self.machine("a", ["a"]))], "nextLink": "https://management.azure.com/next?x=1"}"#,
            "/next?x=1": #"{"value": [\#(Self.machine("b", ["b"]))]}"#,
            "\(Self.cards)/a": Self.card("10.0.0.1"), "\(Self.cards)/b": Self.card("10.0.0.2"),
        ])
        let update = try await look("\(Self.account), resource_group: g", api)
        #expect(update.problems == [])
        #expect(update.addresses == ["10.0.0.1:80", "10.0.0.2:80"])
    }

    @Test func machinesWithoutAnAddressAreNoTargets() async throws {
        let names = ["gone", "bare", "off", "other", "none"]
        let machines = names.map { Self.machine($0, [$0]) } + [Self.machine("empty", [])]
        let api = api([
            Self.machines: #"{"value": [\#(machines.joined(separator: ","))]}"#,
            "\(Self.cards)/bare": #"{"id": "x"}"#,
            "\(Self.cards)/off":
                #"{"properties": {"ipConfigurations": [{"properties": {"privateIPAddress": "10.0.0.1"}}]}}"#,
            "\(Self.cards)/other": Self.card("10.0.0.1", primary: false),
            "\(Self.cards)/none": #"{"properties": {"primary": true, "ipConfigurations": []}}"#,
        ])
        let update = try await look(Self.account, api)
        #expect(update.problems == [] && update.groups?.map(\.targets) == [[]])
    }

    @Test func manyMachinesKeepTheirOrder() async throws {
        let names = (0..<200).map { "m\($0)" }
        let api = api([
            Self.machines:
                #"{"value": [\#(names.map { Self.machine($0, [$0]) }.joined(separator: ","))]}"#
        ])
        for (index, name) in names.enumerated() {
            api.set("\(Self.cards)/\(name)", Self.card("10.0.1.\(index)"))
        }
        let updates = try await looks(2, Self.account, api)
        #expect(updates[0].addresses == (0..<200).map { "10.0.1.\($0):80" })
        #expect(updates[1].addresses == updates[0].addresses)
        // The second look knows the interfaces.
        #expect(api.requests.count { $0.url.contains("networkInterfaces") } == 200)
    }

    @Test func interfacesAreAskedForAgainAfterAWhile() async throws {
        let api = api([
            Self.machines: #"{"value": [\#(Self.machine("a", ["a"]))]}"#,
            "\(Self.cards)/a": Self.card("10.0.0.1"),
        ])
        let updates = try await looks(15, Self.account, api)
        #expect(updates.allSatisfy { $0.addresses == ["10.0.0.1:80"] })
        #expect(api.requests.count { $0.url.contains("networkInterfaces") } == 2)
    }

    // MARK: Identities

    @Test func anApplicationHasItsSecret() async throws {
        let api = api()
        let updates = try await looks(
            2, "\(Self.account), environment: AzureUSGovernment", api)
        #expect(updates.allSatisfy { $0.problems == [] })
        let requests = api.requests
        #expect(requests.count { $0.url.contains("token") } == 1)
        #expect(requests[0].url == "https://login.microsoftonline.us/t/oauth2/v2.0/token")
        #expect(requests[0].authorization == .basic(user: "c", password: "geheim"))
        #expect(
            String(decoding: requests[0].body ?? [], as: UTF8.self)
                == "grant_type=client_credentials&scope=https%3A%2F%2Fmanagement.core.usgovcloudapi.net%2F.default"
        )
        #expect(requests[1].url.hasPrefix("https://management.usgovcloudapi.net/"))
    }

    @Test func theMachineHasAnIdentity() async throws {
        let api = api([
            Self.imds + "&client_id=c": #"{"access_token": "m1", "expires_in": "86399"}"#
        ])
        let keys = "subscription_id: s, client_id: c, authentication_method: ManagedIdentity"
        let updates = try await looks(2, keys, api)
        #expect(updates.allSatisfy { $0.problems == [] })
        #expect(api.requests.count { $0.url.hasPrefix("http://169.254.169.254/") } == 1)
        #expect(api.requests[0].headers == [.init("Metadata", "true")])
        #expect(api.requests.last?.authorization == .bearer("m1"))
    }

    @Test func theClusterHasAnIdentity() async throws {
        let api = api()
        let update = try await looks(
            1, "subscription_id: s, authentication_method: WorkloadIdentity", api,
            files: ["/token": "signed\n"],
            variables: [
                "AZURE_TENANT_ID": "t", "AZURE_CLIENT_ID": "w",
                "AZURE_FEDERATED_TOKEN_FILE": "/token",
            ])[0]
        #expect(update.problems == [])
        let form = String(decoding: api.requests[0].body ?? [], as: UTF8.self)
        #expect(form.hasPrefix("client_assertion=signed&client_assertion_type=urn%3Aietf"))
        #expect(form.contains("&client_id=w&grant_type=client_credentials&scope="))
        #expect(api.requests.last?.authorization == .bearer("t1"))
    }

    @Test(arguments: [
        (
            ["AZURE_TENANT_ID": "t", "AZURE_CLIENT_ID": "e", "AZURE_CLIENT_SECRET": "x"],
            "https://login.microsoftonline.com/t/oauth2/v2.0/token", ""
        ),
        (
            [
                "AZURE_TENANT_ID": "t", "AZURE_CLIENT_ID": "w",
                "AZURE_FEDERATED_TOKEN_FILE": "/token",
            ], "https://login.microsoftonline.com/t/oauth2/v2.0/token", ""
        ),
        ([:], "http://169.254.169.254\(imds)", ""),
        (
            ["IDENTITY_ENDPOINT": "http://localhost:42/msi", "IDENTITY_HEADER": "x"],
            "http://localhost:42/msi?api-version=2019-08-01&resource=https%3A%2F%2Fmanagement.core.windows.net%2F",
            ""
        ),
        (["AZURE_CLIENT_CERTIFICATE_PATH": "/c"], "", "AZURE_CLIENT_CERTIFICATE_PATH is not"),
    ])
    func theEnvironmentMaySayWho(
        variables: [String: String], asked: String, expected: String
    ) async throws {
        let answer = #"{"access_token": "m1", "expires_in": "86399"}"#
        let api = api([Self.imds: answer, "/msi": answer])
        let update = try await looks(
            1, "subscription_id: s, authentication_method: SDK", api,
            files: ["/token": "signed"], variables: variables)[0]
        #expect(api.requests.first?.url ?? "" == asked)
        #expect(update.problems.isEmpty == expected.isEmpty)
        #expect(update.problems.first?.contains(expected) ?? true)
    }

    @Test func aTokenThatIsRefusedIsReplaced() async throws {
        let count = Mutex(0)
        let api = api()
        api.set(Self.imds) { _ in
            let number = count.withLock { count in
                count += 1
                return count
            }
            let body = #"{"access_token": "m\#(number)", "expires_in": "86399"}"#
            return HTTPResponse(status: 200, body: Array(body.utf8))
        }
        api.set(Self.machines) { request in
            let isGood = request.authorization == .bearer("m2")
            return HTTPResponse(status: isGood ? 200 : 401, body: Array("{}".utf8))
        }
        let update = try await look(
            "subscription_id: s, authentication_method: ManagedIdentity", api)
        #expect(update.problems == [])
        #expect(count.withLock { $0 } == 2)
    }

    // MARK: Errors

    @Test(arguments: [
        (machines, 403, "AuthorizationFailed"), (sets, 500, "{}"), (machines, 200, "{"),
        (machines, 200, #"{"value": [{"id": "nothing"}]}"#),
        ("\(cards)/a", 429, "TooManyRequests"), ("\(cards)/a", 200, "[]"),
        (
            "\(cards)/a", 200,
            #"{"properties": {"primary": true, "ipConfigurations": [{"properties": {}}]}}"#
        ),
    ])
    func anErrorKeepsTheTargets(path: String, status: Int, body: String) async throws {
        let api = api([
            Self.machines: #"{"value": [\#(Self.machine("a", ["a"]))]}"#,
            "\(Self.cards)/a": Self.card("10.0.0.1"),
        ])
        api.set(path, body, status: status)
        let update = try await look(Self.account, api)
        #expect(update.groups == nil)
        let problem = try #require(update.problems.first)
        #expect(!problem.contains("geheim"))
        #expect(
            ["https://management.azure.com" + path, "invalid ID", "unable to find a private IP"]
                .contains { problem.contains($0) }, "\(problem)")
    }

    @Test func aCloudThatIsNoneIsNamed() async throws {
        let update = try await look("\(Self.account), environment: Moon", api())
        #expect(
            update.problems.first?.hasPrefix(
                #"there is no cloud configuration matching the name "Moon""#) == true)
    }

    @Test(arguments: [
        ("tenant_id: t, client_id: c, client_secret: x", "requires a subscription_id"),
        ("subscription_id: s, client_id: c, client_secret: x", "requires a tenant_id"),
        ("subscription_id: s, tenant_id: t, client_secret: x", "requires a client_id"),
        ("subscription_id: s, tenant_id: t, client_id: c", "requires a client_secret"),
        ("subscription_id: s, authentication_method: x", "unknown authentication_type \"x\""),
    ])
    func whatIsWrongIsSaid(keys: String, expected: String) {
        DiscoveryLooks.expectError("azure_sd_configs: [{\(keys)}]", expected)
    }
}
