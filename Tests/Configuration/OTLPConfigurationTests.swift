import Configuration
import Testing

@Suite("The section otlp")
struct OTLPConfigurationTests {
    private func load(
        _ text: String, features: [String] = []
    ) -> (otlp: OTLPConfiguration?, problems: [String]) {
        let result = TocsinConfiguration.load(
            text: Array(text.utf8), path: "t.yml", features: features)
        return (result.draft?.otlp, result.problems.map(\.description))
    }

    @Test("Without it, or with nothing in it, Prometheus's defaults hold")
    func defaults() {
        for text in ["", "otlp:\n", "otlp: {}\n"] {
            let (otlp, problems) = load(text)
            #expect(otlp == OTLPConfiguration() && problems.isEmpty, "\(text)")
        }
        #expect(OTLPConfiguration().translationStrategy == .underscoreEscapingWithSuffixes)
    }

    @Test("All settings are read, and none is warned of")
    func settings() {
        let (otlp, problems) = load(
            """
            otlp:
              translation_strategy: NoUTF8EscapingWithSuffixes
              promote_resource_attributes: [ host.name , os.type]
              keep_identifying_resource_attributes: true
              convert_histograms_to_nhcb: true
              promote_scope_metadata: true
              label_name_underscore_sanitization: false
              label_name_preserve_multiple_underscores: false
            """)
        #expect(problems.isEmpty)
        var expected = OTLPConfiguration()
        expected.translationStrategy = .noUTF8EscapingWithSuffixes
        expected.promotion = .only(["host.name", "os.type"])
        expected.keepsIdentifyingResourceAttributes = true
        expected.convertsHistogramsToNHCB = true
        expected.promotesScopeMetadata = true
        expected.sanitizesLeadingUnderscores = false
        expected.preservesMultipleUnderscores = false
        #expect(otlp == expected)
        #expect(
            load(
                "otlp: {promote_all_resource_attributes: true, ignore_resource_attributes: [a]}\n"
            ).otlp?.promotion == .allExcept(["a"]))
        #expect(
            load("otlp: {translation_strategy: \"\"}\n").otlp?.translationStrategy == .noTranslation
        )
    }

    @Test(
        "What Prometheus refuses is refused",
        arguments: [
            (
                "otlp: {translation_strategy: NoTranslatio}\n",
                "unsupported OTLP translation strategy \"NoTranslatio\"; did you mean NoTranslation?"
            ),
            (
                "global: {metric_name_validation_scheme: legacy}\notlp: {translation_strategy: NoTranslation}\n",
                "OTLP translation strategy \"NoTranslation\" is not allowed when UTF8 is disabled"
            ),
            (
                "otlp: {promote_all_resource_attributes: true, promote_resource_attributes: [a]}\n",
                "'promote_all_resource_attributes' and 'promote_resource_attributes' cannot be configured simultaneously"
            ),
            (
                "otlp: {ignore_resource_attributes: [a]}\n",
                "'ignore_resource_attributes' cannot be configured unless 'promote_all_resource_attributes' is true"
            ),
            (
                "otlp: {promote_resource_attributes: [a, ' a']}\n",
                "duplicated promoted OTel resource attribute \"a\""
            ),
            ("otlp: {promote_resource: [a]}\n", "field promote_resource not found"),
        ])
    func refused(text: String, part: String) {
        let problems = load(text).problems
        #expect(problems.count == 1 && problems[0].contains(part), "\(problems)")
        #expect(problems.allSatisfy { $0.hasPrefix("t.yml:") })
    }

    @Test("Deltas are added up or stored as they are, not both")
    func deltaFeatures() {
        let names = ["otlp-deltatocumulative", "otlp-native-delta-ingestion"]
        for name in names { #expect(load("", features: [name]).problems.isEmpty) }
        let text =
            "cannot enable otlp-deltatocumulative and otlp-native-delta-ingestion features at the same time"
        for problems in [
            load("", features: names).problems, load("global: {}\n", features: names).problems,
            load("tocsin: {enable_features: [\(names[0])]}\n", features: [names[1]]).problems,
        ] {
            #expect(problems.count == 1 && problems[0].contains(text), "\(problems)")
        }
    }
}
