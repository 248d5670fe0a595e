import Model
import PromQL

/// Makes alerts of a result: labels and annotations with their templates expanded.
struct AlertExpansion {
    private let name: String
    private let labels: [Part]
    private let annotations: [Part]

    /// A label or annotation: a template, or why it is none.
    private struct Part {
        let name: String
        let template: Result<RuleTemplate, EvaluationFailure>
    }

    init(name: String, labels: [Label], annotations: [Label]) {
        self.name = name
        self.labels = AlertExpansion.parts(of: labels, alert: name)
        self.annotations = AlertExpansion.parts(of: annotations, alert: name)
    }

    private static func parts(of labels: [Label], alert: String) -> [Part] {
        let name = "__alert_" + alert
        return labels.map { label in
            let template = Result { () throws(EvaluationFailure) in
                do { return try RuleTemplate(label.value, name: name) } catch {
                    throw EvaluationFailure("error parsing template \(name): \(error)")
                }
            }
            return Part(name: label.name, template: template)
        }
    }

    /// The queries that are written out in the templates.
    var queries: [String] {
        (labels + annotations).flatMap { (try? $0.template.get().queries.literal) ?? [] }
    }

    /// An alert for each present sample.
    func expand(
        _ vector: StepVector, _ context: inout EvaluationContext
    ) -> [AlertingState.Found] {
        vector.samples(at: context.queryTime).map { sample in
            let input = templateContext(sample, context)
            var own = labels.map { Label($0.name, text($0, input, &context)) }
            own.append(Label(Rules.alertNameLabel, name))
            let notes = annotations.map { Label($0.name, text($0, input, &context)) }
            return AlertingState.Found(
                labels: sample.labels.droppingName.overlaid(with: own),
                annotations: Annotations(notes),
                value: sample.number)
        }
    }

    private func templateContext(
        _ sample: VectorSample, _ context: EvaluationContext
    ) -> RuleTemplate.Context {
        // At the evaluation's own time, as in Prometheus: an offset is the expression's alone.
        let (engine, time, pin) = (context.engine, context.time, context.pin)
        var input = RuleTemplate.Context(
            labels: sample.labels, externalLabels: context.options.externalLabels,
            externalURL: context.options.externalURL, value: sample.number, time: context.time
        ) { text in
            try engine.instant(text, time, pin).map { RuleTemplate.Sample($0.labels, $0.number) }
        }
        input.histogram = sample.histogram
        return input
    }

    private func text(
        _ part: Part, _ input: RuleTemplate.Context, _ context: inout EvaluationContext
    ) -> String {
        do {
            return try part.template.get().expand(input)
        } catch {
            context.note("\(error)")
            return "<error expanding template: \(error)>"
        }
    }
}

extension VectorSample {
    /// The value; zero, as in Prometheus's alerts, where it is a native histogram.
    fileprivate var number: Double { histogram == nil ? value : 0 }
}

extension Labels {
    /// With `labels` put over these. An empty one removes the label of that name, which is how a
    /// rule takes a label away from its series.
    func overlaid(with labels: [Label]) -> Labels {
        let names = labels.map(\.name)
        return Labels(dropping(names).sorted + labels)
    }
}
