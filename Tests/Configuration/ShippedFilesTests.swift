import Configuration
import Foundation
import Model
import TestSupport
import Testing

/// The files that come with the program.
struct ShippedFilesTests {
    static let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    @Test func theConfigurationLoadsWithoutAWord() throws {
        let result = TocsinConfiguration.load(path: Self.root + "/tocsin.yml")
        #expect(result.problems.isEmpty, "\(result.problems)")
        let configuration = try result.get()
        #expect(
            configuration.scrapeConfigurations.map(\.jobName) == [
                "lynex-ingest-api", "lynex-ui-backend", "lynex-processor", "clickhouse", "tocsin",
            ])
        let processor = configuration.scrapeConfigurations[2]
        #expect(processor.scrapeInterval == .seconds(15))
        #expect(processor.scrapeTimeout == .seconds(10))
        #expect(processor.discoveries.textfiles.map(\.labels.count) == [3])
        #expect(processor.discoveries.textfiles.map(\.maximumAge) == [.minutes(2)])
        #expect(configuration.global.evaluationInterval == .seconds(30))
        #expect(
            configuration.tocsin.notifiers.value == Self.root + "/notifiers/notifiers.yml")
        #expect(configuration.ruleFiles.map(\.value).first == Self.root + "/rules/alerts.yml")
    }

    @Test(arguments: [("alerts.yml", "lynex_critical", 7), ("tocsin.yml", "tocsin", 4)])
    func theRulesLoadWithoutAWord(_ file: String, _ group: String, _ count: Int) throws {
        let path = Self.root + "/rules/" + file
        let bytes = try FileAccess.system.read(path)
        let result = RuleFile.load(text: bytes, path: path)
        #expect(result.problems.isEmpty, "\(result.problems)")
        let groups = try result.get().groups
        #expect(groups.map(\.name) == [group])
        #expect(groups.first?.rules.count == count)
        #expect(groups.first?.interval == .seconds(30))
    }

    @Test(.enabled(if: SharedData.has("lynex-guide.md"), "\(SharedData.missing)"))
    func theAlertsAreTheGuides() throws {
        let text = try #require(SharedData.text("lynex-guide.md"))
        let rules = try String(contentsOfFile: Self.root + "/rules/alerts.yml", encoding: .utf8)
        #expect(text.contains("```yaml\n" + rules + "```"))
    }

    @Test func theNotifiersLoadWithoutAWord() throws {
        let path = Self.root + "/notifiers/notifiers.yml"
        let result = NotifierConfiguration.load(path: path)
        #expect(result.problems.isEmpty, "\(result.problems)")
        let notifiers = try result.get()
        #expect(
            notifiers.receivers.map { $0.integrations.map(\.id) } == [
                ["pagerduty[0]", "slack[0]"], ["email[0]", "slack[0]"], ["webhook[0]"],
            ])
        #expect(notifiers.receivers.flatMap(\.integrations).filter { !$0.sendResolved }.isEmpty)
        #expect(
            notifiers.route.routes.map(\.receiver) == ["webhook", "webhook", "critical", "warning"])
        // A merge key brings what the mapping does not say itself.
        guard case .slack(let slack)? = notifiers.receivers[1].integrations.last?.kind else {
            Issue.record("no Slack")
            return
        }
        #expect(slack.channel == "#alerts-warning")
        #expect(slack.text.contains(".Annotations.summary"))
        guard case .webhook(let url) = slack.endpoint else {
            Issue.record("no webhook")
            return
        }
        #expect(url.filePath == Self.root + "/notifiers/secrets/slack_webhook_url")
    }

    @Test func theNotifiersSecretsAreFiles() throws {
        let notifiers = try NotifierConfiguration.load(
            path: Self.root + "/notifiers/notifiers.yml"
        ).get()
        let files = Set(notifiers.receivers.flatMap(\.integrations).flatMap(\.secretFiles))
        #expect(
            files
                == Set(
                    ["slack_webhook_url", "smtp_password", "pagerduty_routing_key", "webhook_url"]
                        .map { Self.root + "/notifiers/secrets/" + $0 }))
    }

    @Test(.enabled(if: SharedData.has("lynex-guide.md"), "\(SharedData.missing)"))
    func theGuidesOwnPrometheusFileLoads() throws {
        let text = try #require(SharedData.text("lynex-guide.md"))
        let start = try #require(text.range(of: "### prometheus.yml\n\n```yaml\n"))
        let end = try #require(text.range(of: "```", range: start.upperBound..<text.endIndex))
        let yaml = String(text[start.upperBound..<end.lowerBound])
        let result = TocsinConfiguration.load(text: Array(yaml.utf8), path: "prometheus.yml")
        #expect(result.problems.isEmpty, "\(result.problems)")
        #expect(try result.get().scrapeConfigurations[2].relabeling.count == 3)
    }
}
