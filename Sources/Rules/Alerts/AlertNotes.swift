import Model

/// An alert's annotations: text, or what becomes text when somebody reads it. Thousands of alerts that go
/// on and that nobody looks at are not rendered.
struct AlertNotes: Sendable {
    private enum Form: Sendable {
        case text(Annotations)
        case deferred(any AnnotationSource, Labels, Double)
    }

    private let form: Form

    /// A text.
    init(_ text: Annotations) { form = .text(text) }

    /// What `source` makes of a series and its value.
    init(_ source: any AnnotationSource, labels: Labels, value: Double) {
        form = .deferred(source, labels, value)
    }

    /// The text, and what went wrong in templates.
    func rendered() -> (text: Annotations, errors: [String]) {
        switch form {
        case .text(let text): (text, [])
        case .deferred(let source, let labels, let value): source.render(labels, value)
        }
    }
}

/// Renders the annotations of an evaluation's alerts, now or later: to the same text.
protocol AnnotationSource: AnyObject, Sendable {
    /// The annotations of a series with a value, and what went wrong.
    func render(_ labels: Labels, _ value: Double) -> (text: Annotations, errors: [String])
}

extension AlertNotes: Hashable {
    static func == (a: AlertNotes, b: AlertNotes) -> Bool {
        a.rendered().text == b.rendered().text
    }

    func hash(into hasher: inout Hasher) { hasher.combine(rendered().text) }
}
