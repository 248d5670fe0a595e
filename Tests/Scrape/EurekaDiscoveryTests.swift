import Configuration
import Model
import Scrape
import Testing
import Transport

/// Eureka's applications, answered in the documented form of its API.
@Suite(.timeLimit(.minutes(1))) struct EurekaDiscoveryTests {
    static let applications = """
        <?xml version="1.0" encoding="UTF-8"?>
        <applications>
          <versions__delta>1</versions__delta>
          <application>
            <name>PAY</name>
            <instance>
              <instanceId>pay-1:8080</instanceId>
              <hostName>pay-1.example.com</hostName>
              <app>PAY</app>
              <ipAddr>10.0.0.1</ipAddr>
              <status>UP</status>
              <port enabled="true">8080</port>
              <securePort enabled='false'> 8443 </securePort>
              <countryId>1</countryId>
              <dataCenterInfo class="x.y$Z">
                <name>Amazon</name>
                <metadata><availability-zone>eu-1a</availability-zone></metadata>
              </dataCenterInfo>
              <metadata class="m">
                <team.name>a &amp; b</team.name>
                <nested><x>1</x></nested>
              </metadata>
              <homePageUrl>http://pay-1/?a=1&amp;b=2</homePageUrl>
              <statusPageUrl>http://pay-1/info</statusPageUrl>
              <healthCheckUrl>http://pay-1/health</healthCheckUrl>
              <vipAddress>pay</vipAddress>
              <secureVipAddress>pays</secureVipAddress>
            </instance>
            <instance><hostName>fd00::2</hostName></instance>
          </application>
          <application><name>EMPTY</name></application>
        </applications>
        """

    private func look(_ answer: String, _ keys: String = "", status: Int = 200) async throws
        -> (SourceUpdate, ScriptedAPI)
    {
        let api = ScriptedAPI([:])
        api.set("/eureka/apps", answer, status: status)
        let update = try await DiscoveryLooks().take(
            1, "eureka_sd_configs: [{server: 'http://u:geheim@e.x/eureka/', \(keys)}]",
            transport: api)[0]
        return (update, api)
    }

    @Test func instancesAreTargets() async throws {
        let (update, api) = try await look(Self.applications)
        #expect(update.problems == [])
        let instance = "__meta_eureka_app_instance_"
        #expect(
            update.labels == [
                [
                    "__address__": "pay-1.example.com:8080", "instance": "pay-1:8080",
                    "__meta_eureka_app_name": "PAY", instance + "id": "pay-1:8080",
                    instance + "hostname": "pay-1.example.com", instance + "ip_addr": "10.0.0.1",
                    instance + "status": "UP", instance + "port": "8080",
                    instance + "port_enabled": "true", instance + "secure_port": "8443",
                    instance + "secure_port_enabled": "false", instance + "country_id": "1",
                    instance + "datacenterinfo_name": "Amazon",
                    instance + "datacenterinfo_metadata_availability_zone": "eu-1a",
                    instance + "metadata_team_name": "a &amp; b",
                    instance + "metadata_nested": "<x>1</x>",
                    instance + "homepage_url": "http://pay-1/?a=1&b=2",
                    instance + "statuspage_url": "http://pay-1/info",
                    instance + "healthcheck_url": "http://pay-1/health",
                    instance + "vip_address": "pay", instance + "secure_vip_address": "pays",
                ],
                [
                    "__address__": "[fd00::2]:80", "__meta_eureka_app_name": "PAY",
                    instance + "hostname": "fd00::2", instance + "country_id": "0",
                ],
            ])
        #expect(api.requests.map(\.url) == ["http://u:geheim@e.x/eureka/apps"])
    }

    @Test func everyStatusOfSuccessIsTaken() async throws {
        let (update, _) = try await look("<applications/>", status: 206)
        #expect(update.problems == [] && update.groups?.map(\.targets) == [[]])
    }

    @Test(arguments: [
        ("<applications>", 200, "unexpected end"), ("", 200, "expected an element"),
        (
            "<a><application><instance><port>x</port></instance></application></a>", 200,
            #"port: expected a whole number, found "x""#
        ),
        (
            "<a><application><instance><port enabled='y'>1</port></instance></application></a>",
            200, #"port: expected a bool, found "y""#
        ),
        ("<a><versions__delta>?</versions__delta></a>", 200, "versions__delta"),
        ("<a b=c/>", 200, "quotation marks"), ("no", 503, "HTTP status 503: no"),
    ])
    func anErrorKeepsTheTargets(answer: String, status: Int, expected: String) async throws {
        let (update, _) = try await look(answer, status: status)
        #expect(update.groups == nil)
        let problem = try #require(update.problems.first)
        #expect(problem.contains(expected) && problem.contains("/eureka/apps"), "\(problem)")
        #expect(!problem.contains("geheim"))
    }

    @Test func thousandsOfInstancesAreRead() async throws {
        let one = "<instance><hostName>h</hostName><port enabled=\"true\">1</port></instance>"
        let many = String(repeating: one, count: 20_000)
        let (update, _) = try await look(
            "<applications><application>\(many)</application></applications>")
        #expect(update.groups?[0].targets.count == 20_000)
    }

    @Test(arguments: [
        ("", "eureka_sd: empty or null eureka server"),
        ("server: 'host:1'", "eureka_sd: invalid eureka server URL"),
        ("server: 'http://h', role: x", "field role not found"),
    ])
    func whatIsWrongIsSaid(keys: String, expected: String) {
        let text = "scrape_configs: [{job_name: j, eureka_sd_configs: [{\(keys)}]}]"
        let result = TocsinConfiguration.load(
            text: Array(text.utf8), path: "t.yml", environment: [:])
        #expect(result.errors.contains { $0.description.contains(expected) }, "\(result.errors)")
    }
}
