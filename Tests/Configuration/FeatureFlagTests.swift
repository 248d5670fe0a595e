import Configuration
import Testing

@Suite struct FeatureFlagTests {
    static func load(
        _ text: String, features: [String] = []
    ) -> (features: [String], problems: [String]) {
        let result = TocsinConfiguration.load(
            text: Array(text.utf8), path: "tocsin.yml", features: features)
        return (
            result.draft?.tocsin.enabledFeatures ?? [], result.problems.map(\.description)
        )
    }

    @Test func namesAreTakenFromBothPlaces() {
        let (features, problems) = Self.load(
            "tocsin:\n  enable_features: [promql-duration-expr]\n",
            features: ["promql-experimental-functions"])
        #expect(features == ["promql-duration-expr", "promql-experimental-functions"])
        #expect(problems.isEmpty)
        #expect(
            Self.load("", features: ["use-start-timestamps"]).features == ["use-start-timestamps"])
    }

    @Test func unknownNamesAreWarnedOfAndKept() {
        let (features, problems) = Self.load(
            "tocsin:\n  enable_features: [promql-duration-exp, old-ui, promql-at-modifier]\n",
            features: ["nonsense"])
        #expect(features.count == 4)
        #expect(problems.count == 4)
        for part in [
            "unknown feature \"promql-duration-exp\"; did you mean promql-duration-expr?",
            "\"old-ui\" changes nothing", "\"promql-at-modifier\" is always on",
            "--enable-feature: warning: unknown feature \"nonsense\"",
        ] {
            #expect(problems.contains { $0.contains(part) }, "\(part): \(problems)")
        }
        #expect(problems.contains { $0.contains("tocsin.yml:2:21") })
    }

    @Test func listsWithCommas() {
        #expect(FeatureFlags.names(["a,b", "c", ",", ""]) == ["a", "b", "c"])
        for name in FeatureFlags.effective { #expect(FeatureFlags.remark(name) == nil) }
    }

    @Test(
        arguments: [
            ("created-timestamp-zero-ingestion", true), ("st-storage", true),
            ("exemplar-storage", false),
        ])
    func startTimestampsAreReadWhereAFlagAsks(flag: String, isOn: Bool) {
        let text = Array("scrape_configs: [{job_name: a}, {job_name: b}]\n".utf8)
        let result = TocsinConfiguration.load(text: text, path: "tocsin.yml", features: [flag])
        #expect(
            result.draft?.scrapeConfigurations.map(\.readsStartTimestamps) == [isOn, isOn])
        #expect(result.problems.isEmpty)
    }
}
