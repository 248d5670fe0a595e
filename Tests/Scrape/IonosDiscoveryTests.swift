import Configuration
import Model
import Scrape
import Testing
import Transport

/// IONOS Cloud's servers, answered in the documented form of its API.
@Suite("Discovery: IONOS", .timeLimit(.minutes(1))) struct IonosDiscoveryTests {
    private static let path = "/cloudapi/v6/datacenters/d%2F1/servers"

    private func look(_ body: String, status: Int = 200) async throws -> (
        SourceUpdate, ScriptedAPI
    ) {
        let api = ScriptedAPI([:])
        api.set(Self.path, body, status: status)
        let update = try await DiscoveryLooks().take(
            1, "ionos_sd_configs: [{datacenter_id: d/1, port: 9100, bearer_token: geheim}]",
            transport: api)[0]
        return (update, api)
    }

    private static let servers = """
        {"id": "d/servers", "items": [
          {"id": "s1", "metadata": {"state": "AVAILABLE"},
           "properties": {"name": "web", "availabilityZone": "ZONE_1", "cpuFamily": "INTEL",
             "vmState": "RUNNING", "type": "ENTERPRISE", "bootCdrom": {"id": "c1"},
             "bootVolume": {"id": "v1"}},
           "entities": {
             "volumes": {"items": [{"properties": {"image": "i1"}}, {"properties": {"image": "i2"}}]},
             "nics": {"items": [
               {"properties": {"name": "front end", "ips": ["10.0.0.1", "10.0.0.2"]}},
               {"properties": null}, {"properties": {"ips": ["fd00::1"]}},
               {"properties": {"name": "front end", "ips": null}}]}}},
          {"id": "s2", "properties": null, "entities": {"nics": {"items": [
            {"properties": {"name": null, "ips": ["10.0.0.3"]}}]}}},
          {"id": "s3", "entities": {"nics": {"items": []}}}, {"id": "s4"}]}
        """

    @Test func serversAreTargets() async throws {
        let (update, api) = try await look(Self.servers)
        #expect(update.problems == [])
        let prefix = "__meta_ionos_server_"
        #expect(
            update.labels == [
                [
                    "__address__": "[fd00::1]:9100", prefix + "ip": ",fd00::1,10.0.0.1,10.0.0.2,",
                    prefix + "nic_ip_front_end": ",10.0.0.1,10.0.0.2,",
                    prefix + "nic_ip_unnamed": ",fd00::1,",
                    prefix + "availability_zone": "ZONE_1", prefix + "cpu_family": "INTEL",
                    prefix + "servers_id": "d/servers", prefix + "id": "s1",
                    prefix + "lifecycle": "AVAILABLE", prefix + "name": "web",
                    prefix + "state": "RUNNING", prefix + "type": "ENTERPRISE",
                    prefix + "boot_cdrom_id": "c1", prefix + "boot_volume_id": "v1",
                    prefix + "boot_image_id": "i1",
                ],
                [
                    "__address__": "10.0.0.3:9100", prefix + "ip": ",10.0.0.3,",
                    prefix + "nic_ip_unnamed": ",10.0.0.3,", prefix + "id": "s2",
                    prefix + "servers_id": "d/servers",
                ],
            ])
        let request = try #require(api.requests.first)
        #expect(request.url == "https://api.ionos.com\(Self.path)?depth=3")
        #expect(request.authorization == .bearer("geheim"))
        #expect(request.timeout == .seconds(60))
    }

    @Test func noServersAreNoTargets() async throws {
        let update = try await look(#"{"id": "x"}"#).0
        #expect(update.problems == [] && update.groups?.map(\.targets) == [[]])
    }

    @Test(arguments: [(401, "{}"), (200, "<html>"), (200, #"{"items": [{"entities": 1}]}"#)])
    func anErrorKeepsTheTargets(status: Int, body: String) async throws {
        let update = try await look(body, status: status).0
        #expect(update.groups == nil)
        #expect(update.problems.first?.contains("https://api.ionos.com\(Self.path)") == true)
    }

    @Test func whatIsWrongIsSaid() {
        DiscoveryLooks.expectError(
            "ionos_sd_configs: [{port: 1}]", "datacenter id can't be empty")
    }
}
