import Configuration
import Testing

/// What the references refuse as a URL is refused when a file is read, and is not shown where it may be a
/// secret.
struct URLTests {
    private static let wrong: [(url: String, reason: String)] = [
        ("http://h\\n", "invalid control character"), ("http://hush:port", "invalid port"),
        ("http://h/%HUSH", "invalid URL escape"), ("http://hu sh/", "in host name"),
        ("http://[::1/", "missing ']' in host"), ("http://us er@h/", "invalid userinfo"),
    ]

    private func problems(_ text: String, isNotifiers: Bool) -> [String] {
        let bytes = Array(text.utf8)
        let problems =
            isNotifiers
            ? NotifierConfiguration.load(text: bytes, path: "f").errors
            : TocsinConfiguration.load(text: bytes, path: "f").errors
        return problems.map(\.description)
    }

    @Test(arguments: [
        "receivers: [{name: r, webhook_configs: [{url: @}]}]",
        "receivers: [{name: r, discord_configs: [{webhook_url: @}]}]",
        "receivers: [{name: r, webhook_configs: [{url: 'http://h', http_config: {proxy_url: @}}]}]",
        "global: {slack_api_url: @}\nreceivers: [{name: r}]",
        "global: {opsgenie_api_url: @}\nreceivers: [{name: r}]",
        "global: {pagerduty_url: @}\nreceivers: [{name: r}]",
        "global: {jira_api_url: @}\nreceivers: [{name: r}]",
    ])
    func ofNotifiers(text: String) {
        for (url, reason) in Self.wrong {
            let text = text.replacing("@", with: "\"\(url)\"") + "\nroute: {receiver: r}"
            let found = problems(text, isNotifiers: true)
            #expect(found.contains { $0.contains(reason) }, "\(text): \(found)")
        }
    }

    @Test(arguments: [
        "remote_write: [{url: @}]", "remote_read: [{url: @}]",
        "scrape_configs: [{job_name: a, proxy_url: @}]",
        "scrape_configs: [{job_name: a, http_sd_configs: [{url: @}]}]",
    ])
    func ofConfigurations(text: String) {
        for (url, reason) in Self.wrong {
            let found = problems(
                text.replacing("@", with: "\"\(url)\""), isNotifiers: false)
            #expect(found.contains { $0.contains(reason) }, "\(text): \(found)")
        }
    }

    @Test func addressesWithASchemeAreNoTargetsOfAlerting() {
        let text = "alerting: {alertmanagers: [{static_configs: [{targets: ['http://h:9093']}]}]}"
        #expect(
            problems(text, isNotifiers: false).contains {
                $0.contains("\"http://h:9093\" is not a valid hostname")
            })
    }
}
