import Configuration
import Foundation
import Model
import Scrape
import Testing

@Suite struct TargetTests {
    private func configuration(_ change: (inout ScrapeConfiguration) throws -> Void)
        rethrows -> ScrapeConfiguration
    {
        var configuration = ScrapeConfiguration(jobName: "api")
        configuration.scrapeInterval = .seconds(15)
        try change(&configuration)
        return configuration
    }

    private func build(
        _ configuration: ScrapeConfiguration, _ addresses: [String],
        _ labels: Labels = .empty
    ) -> TargetBuilder.Result {
        TargetBuilder(configuration).build([
            DiscoveredGroup(TargetGroup(targets: addresses, labels: labels))
        ])
    }

    @Test func aTargetHasPrometheusLabelsAndURL() throws {
        let config = configuration {
            $0.parameters = [URLParameter("b", ["1 2", "3"]), URLParameter("a", ["ä"])]
            $0.metricsPath = "/x y"
        }
        let target = try #require(
            build(config, ["host:80"], Labels(["env": "prod"])).targets.first)
        #expect(target.labels == Labels(["env": "prod", "instance": "host:80", "job": "api"]))
        #expect(target.url == "http://host:80/x%20y?a=%C3%A4&b=1+2&b=3")
        #expect(
            target.discoveredLabels
                == Labels([
                    "__address__": "host:80", "__metrics_path__": "/x y", "__param_a": "ä",
                    "__param_b": "1 2", "__scheme__": "http", "__scrape_interval__": "15s",
                    "__scrape_timeout__": "10s", "env": "prod", "job": "api",
                ]))
        #expect(target.interval == .seconds(15) && target.timeout == .seconds(10))
    }

    @Test func theQueryOfAnEndpointIsThereForRelabellingAndNotShown() throws {
        let config = try configuration {
            $0.relabeling = try [
                RelabelRule(
                    sourceLabels: ["__meta_url"], targetLabel: "site", regex: ".*site=(.*)"),
                RelabelRule(.drop, sourceLabels: ["__address__"], regex: "drop.*"),
            ]
        }
        let result = build(
            config, ["keep:1", "drop:1"], Labels(["__meta_url": "http://sd.x/?site=b"]))
        let target = try #require(result.targets.first)
        let dropped = try #require(result.dropped.first)
        #expect(target.labels.value("site") == "b")
        #expect(target.shownLabels.value("__meta_url") == "http://sd.x/?site=xxxxx")
        #expect(dropped.shownLabels.value("__meta_url") == "http://sd.x/?site=xxxxx")
        #expect(dropped.droppingRule(in: config.relabeling) == 1)
    }

    @Test func relabellingCanChangeEverything() throws {
        let config = try configuration {
            $0.relabeling = try [
                RelabelRule(targetLabel: "__scheme__", replacement: "https"),
                RelabelRule(targetLabel: "__metrics_path__", replacement: "/probe"),
                RelabelRule(
                    sourceLabels: ["__address__"], targetLabel: "__param_target"),
                RelabelRule(targetLabel: "__address__", replacement: "exporter:9115"),
                RelabelRule(targetLabel: "__scrape_interval__", replacement: "1m"),
                RelabelRule(targetLabel: "__meta_gone", replacement: "x"),
                RelabelRule(targetLabel: "job", replacement: "probe"),
            ]
        }
        let target = try #require(build(config, ["a.example"]).targets.first)
        #expect(target.url == "https://exporter:9115/probe?target=a.example")
        #expect(target.interval == .minutes(1))
        #expect(target.labels == Labels(["instance": "exporter:9115", "job": "probe"]))
        #expect(target.allLabels["__meta_gone"] == nil)
        #expect(target.pool == "api")
    }

    @Test func droppedTargetsAreRemembered() throws {
        let config = try configuration {
            $0.relabeling = [try RelabelRule(.drop, sourceLabels: ["__address__"], regex: "b.*")]
            $0.limits.keptDroppedTargets = 1
        }
        let result = build(config, ["a", "b1", "b2", "a"])
        #expect(result.targets.count == 1)
        #expect(result.droppedCount == 2)
        #expect(result.dropped.map { $0.discoveredLabels["__address__"] } == ["b1"])
    }

    @Test(arguments: [
        ("", "__x", "x", "no address"),
        ("host/path", "__x", "x", #""host/path" is not a valid hostname"#),
        ("h", "__scrape_interval__", "0", "scrape interval cannot be 0"),
        (
            "h", "__scrape_interval__", "x",
            #"error parsing scrape interval: not a valid duration string: "x""#
        ),
        (
            "h", "__scrape_timeout__", "16s",
            #"scrape timeout cannot be greater than scrape interval ("16s" > "15s")"#
        ),
    ]) func whatCannotBeATargetIsSaid(
        address: String, label: String, value: String, reason: String
    ) throws {
        let config = try configuration {
            $0.relabeling = [try RelabelRule(targetLabel: label, replacement: value)]
        }
        let result = build(config, [address])
        #expect(result.targets.isEmpty)
        #expect(result.failures == ["instance 0 in static_configs: \(reason)"])
    }

    @Test func aTargetsLabelsWinOverThoseOfItsGroup() throws {
        let group = DiscoveredGroup(
            place: "p", targets: [Labels(["__address__": "a:1", "x": "target"])],
            labels: Labels(["x": "group", "y": "group"]))
        let target = try #require(
            TargetBuilder(configuration { _ in }).build([group]).targets.first)
        #expect(
            target.labels
                == Labels(["instance": "a:1", "job": "api", "x": "target", "y": "group"]))
    }

    @Test func targetsSpreadOverTheInterval() {
        let targets = build(configuration { _ in }, (0..<200).map { "host-\($0):80" }).targets
        let offsets = targets.map { $0.offset(seed: 7).value }
        #expect(offsets.allSatisfy { (0..<15_000).contains($0) })
        #expect(Set(offsets.map { $0 / 1500 }).count == 10)
        #expect(offsets == targets.map { $0.offset(seed: 7).value })
        #expect(offsets != targets.map { $0.offset(seed: 8).value })
    }

    @Test func theScheduleKeepsItsPlace() {
        let schedule = ScrapeSchedule(interval: .seconds(15), offset: .seconds(4))
        #expect(schedule.first(from: .seconds(0)) == .seconds(4))
        #expect(schedule.first(from: .seconds(4)) == .seconds(4))
        #expect(schedule.first(from: .seconds(5)) == .seconds(19))
        #expect(schedule.first(from: .seconds(-20)) == .seconds(-11))
        #expect(schedule.next(after: .seconds(4), now: .seconds(6)) == .seconds(19))
        #expect(schedule.next(after: .seconds(4), now: .seconds(40)) == .seconds(49))
        let late = Timestamp(milliseconds: 4002)
        #expect(schedule.timestamp(due: .seconds(4), now: late) == .seconds(4))
        #expect(
            schedule.timestamp(due: .seconds(4), now: late + Milliseconds(1))
                == Timestamp(milliseconds: 4003))
    }
}
