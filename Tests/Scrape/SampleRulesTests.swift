import Configuration
import Model
import Scrape
import Testing

@Suite struct SampleRulesTests {
    private let target = Labels(["job": "j", "instance": "i", "exported_job": "t"])

    @Test func theTargetWinsAndTheSamplesLabelIsKeptBeside() {
        let labels = SampleRules().labels(
            exposed: [Label("__name__", "m"), Label("job", "x"), Label("exported_job", "y")],
            target: target)
        #expect(
            labels
                == Labels([
                    "__name__": "m", "job": "j", "instance": "i", "exported_job": "t",
                    "exported_exported_job": "x", "exported_exported_exported_job": "y",
                ]))
    }

    @Test func withHonorLabelsTheSampleWins() {
        var rules = SampleRules()
        rules.honorLabels = true
        let labels = rules.labels(
            exposed: [Label("__name__", "m"), Label("job", "x"), Label("instance", "")],
            target: target)
        #expect(labels == Labels(["__name__": "m", "job": "x", "exported_job": "t"]))
    }

    @Test func limitsAreNamedInPrometheusWords() {
        var rules = SampleRules()
        let labels = Labels(["__name__": "metric", "name": "valuevalue"])
        #expect(rules.refusal(labels) == nil)
        rules.limits.labels = 1
        #expect(
            rules.refusal(labels)
                == "label_limit exceeded (metric: metric, number of labels: 2, limit: 1)")
        rules.limits.labels = 0
        rules.limits.labelNameLength = 7
        #expect(
            rules.refusal(labels)
                == "label_name_length_limit exceeded (metric: metric, label name: __name__, length: 8, limit: 7)"
        )
        rules.limits.labelNameLength = 8
        rules.limits.labelValueLength = 9
        #expect(
            rules.refusal(labels)
                == #"label_value_length_limit exceeded (metric: metric, label name: name, value: "valuevalue", length: 10, limit: 9)"#
        )
    }

    @Test func namesAreChecked() {
        var rules = SampleRules()
        #expect(rules.refusal(Labels(["a": "b"])) == "missing metric name (__name__ label)")
        #expect(rules.refusal(Labels(["__name__": "a.b"])) == nil)
        rules.nameValidation = .legacy
        #expect(
            rules.refusal(Labels(["__name__": "a.b"]))
                == #"invalid metric name or label names: {__name__="a.b"}"#)
    }
}
