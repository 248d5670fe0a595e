import Model
import PromQL

/// Makes alerts of a result: labels and annotations with their templates expanded.
struct AlertExpansion {
    private let name: String
    private let labels: [Part]
    private let annotations: [Part]
    /// Whether the alerts' labels follow from the series' alone.
    private let hasPlainLabels: Bool
    /// Whether annotations run queries, which read the store as it is at the evaluation.
    private let queriesInAnnotations: Bool
    /// The alerts' labels by the vector's slots, where they follow from the series'.
    private var known: [Labels] = []
    private var knownVersion: Int?

    /// A label or annotation: a template, or why it is none.
    fileprivate struct Part: Sendable {
        let name: String
        let template: Result<RuleTemplate, EvaluationFailure>

        var queries: (literal: [String], hasComputed: Bool) {
            (try? template.get().queries) ?? ([], false)
        }

        /// What it says, or an error in the place of it.
        func text(_ context: RuleTemplate.Context, _ errors: inout [String]) -> String {
            do {
                return try template.get().expand(context)
            } catch {
                errors.append("\(error)")
                return "<error expanding template: \(error)>"
            }
        }
    }

    init(name: String, labels: [Label], annotations: [Label]) {
        self.name = name
        self.labels = AlertExpansion.parts(of: labels, alert: name)
        self.annotations = AlertExpansion.parts(of: annotations, alert: name)
        hasPlainLabels = self.labels.allSatisfy {
            (try? $0.template.get().readsLabelsOnly) ?? false
        }
        queriesInAnnotations = self.annotations.contains {
            !$0.queries.literal.isEmpty || $0.queries.hasComputed
        }
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
    var queries: [String] { (labels + annotations).flatMap(\.queries.literal) }

    /// An alert for each present sample. Annotations that run no queries are rendered when somebody reads
    /// them.
    mutating func expand(
        _ vector: StepVector, _ context: inout EvaluationContext
    ) -> [AlertingState.Found] {
        let later = LaterAnnotations(annotations, context)
        let isKnown = hasPlainLabels && knownVersion == vector.version
        if hasPlainLabels, !isKnown {
            known = vector.labels.map {
                alertLabels(templateContext($0, 0, nil, context), &context)
            }
            knownVersion = vector.version
        }
        let slots = vector.order ?? Array(vector.labels.indices)
        var found: [AlertingState.Found] = []
        found.reserveCapacity(slots.count)
        for slot in slots where !SampleValue.isStale(vector.values[slot]) {
            let histogram = vector.histogram(slot)
            // Zero, as in Prometheus's alerts, where it is a native histogram.
            let value = histogram == nil ? vector.values[slot] : 0
            let series = vector.labels[slot]
            func input() -> RuleTemplate.Context {
                templateContext(series, value, histogram, context)
            }
            let isDeferred = histogram == nil && !queriesInAnnotations
            found.append(
                AlertingState.Found(
                    labels: hasPlainLabels ? known[slot] : alertLabels(input(), &context),
                    notes: isDeferred
                        ? AlertNotes(later, labels: series, value: value)
                        : AlertNotes(notes(input(), &context)),
                    value: value))
        }
        return found
    }

    private func alertLabels(
        _ input: RuleTemplate.Context, _ context: inout EvaluationContext
    ) -> Labels {
        var errors: [String] = []
        var own = labels.map { Label($0.name, $0.text(input, &errors)) }
        own.append(Label(Rules.alertNameLabel, name))
        for error in errors { context.note(error) }
        return input.labels.droppingName.overlaid(with: own)
    }

    private func notes(
        _ input: RuleTemplate.Context, _ context: inout EvaluationContext
    ) -> Annotations {
        var errors: [String] = []
        let notes = annotations.map { Label($0.name, $0.text(input, &errors)) }
        for error in errors { context.note(error) }
        return Annotations(notes)
    }

    private func templateContext(
        _ series: Labels, _ value: Double, _ histogram: FloatHistogram?,
        _ context: EvaluationContext
    ) -> RuleTemplate.Context {
        // At the evaluation's own time, as in Prometheus: an offset is the expression's alone.
        let (engine, time, pin) = (context.engine, context.time, context.pin)
        var input = RuleTemplate.Context(
            labels: series, externalLabels: context.options.externalLabels,
            externalURL: context.options.externalURL, value: value, time: context.time
        ) { text in
            try engine.instant(text, time, pin).map {
                RuleTemplate.Sample($0.labels, $0.histogram == nil ? $0.value : 0)
            }
        }
        input.histogram = histogram
        return input
    }
}

/// The annotations of one evaluation's alerts, for whoever reads them later.
private final class LaterAnnotations: AnnotationSource {
    private let parts: [AlertExpansion.Part]
    private let externalLabels: Labels
    private let externalURL: String
    private let time: Timestamp

    init(_ parts: [AlertExpansion.Part], _ context: EvaluationContext) {
        self.parts = parts
        externalLabels = context.options.externalLabels
        externalURL = context.options.externalURL
        time = context.time
    }

    func render(_ labels: Labels, _ value: Double) -> (text: Annotations, errors: [String]) {
        let context = RuleTemplate.Context(
            labels: labels, externalLabels: externalLabels, externalURL: externalURL, value: value,
            time: time, query: { _ in [] })
        var errors: [String] = []
        let notes = parts.map { Label($0.name, $0.text(context, &errors)) }
        return (Annotations(notes), errors)
    }
}

extension Labels {
    /// With `labels` put over these. An empty one removes the label of that name, which is how a
    /// rule takes a label away from its series.
    func overlaid(with labels: [Label]) -> Labels {
        let names = labels.map(\.name)
        return Labels(dropping(names).sorted + labels)
    }
}
