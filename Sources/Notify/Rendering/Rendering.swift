import Configuration
import GoTemplate
import Model

/// The fields of one receiver, rendered for one notification.
///
/// No limit costs a notification. A text is cut where its receiver would cut it; what cannot be cut, or
/// is over a limit of templates, lists fewer alerts and says how many there are more; and where no
/// number of alerts helps, it becomes a sentence with a link.
///
/// A template that fails costs its field, by the field's role: of a text, what was rendered is sent and
/// that it failed; an attribute is left out; without a destination nothing is sent.
struct Rendering {
    let data: TemplateData
    /// What was not rendered as its template says.
    let notes: RenderingNotes
    /// What a receiver leaves that refused a larger message.
    let budget: MessageBudget?
    private let templates: NotificationTemplates
    private let fields: [String: ReceiverTemplate]

    /// Renders `fields`, of which receivers speak by name: what is not declared is not rendered.
    init(
        _ templates: NotificationTemplates, _ data: TemplateData, _ fields: [ReceiverTemplate],
        budget: MessageBudget? = nil
    ) {
        self.init(
            templates, data, Dictionary(fields.map { ($0.name, $0) }) { first, _ in first },
            RenderingNotes(), budget)
    }

    private init(
        _ templates: NotificationTemplates, _ data: TemplateData,
        _ fields: [String: ReceiverTemplate], _ notes: RenderingNotes, _ budget: MessageBudget?
    ) {
        self.templates = templates
        self.data = data
        self.fields = fields
        self.notes = notes
        self.budget = budget
    }

    /// The same fields over other data.
    func over(_ data: TemplateData) -> Rendering {
        Rendering(templates, data, fields, notes, budget)
    }

    /// The text of the field called `name`.
    func callAsFunction(
        _ name: String, _ size: TextSize = .unlimited, isHTML: Bool? = nil
    ) throws(ReceiverError) -> String {
        guard var field = fields[name] else {
            throw ReceiverError("the field \(name) is not among the receiver's templates")
        }
        if let isHTML { field.isHTML = isHTML }
        return try text(of: field, size)
    }

    /// A secret, which is a template too and says where the notification goes.
    func secret(_ name: String, _ source: String) throws(ReceiverError) -> String {
        try text(of: ReceiverTemplate(name, source, .destination), .unlimited)
    }

    /// The line that names a notification.
    func subject() throws(ReceiverError) -> String {
        try text(
            of: ReceiverTemplate("subject", "{{ template \"__subject\" . }}", .text),
            .characters(1024))
    }

    /// The texts of the fields that are not empty, each under the key beside it.
    func texts(
        _ names: KeyValuePairs<String, String>, in place: String = "",
        _ size: TextSize = .unlimited
    ) throws(ReceiverError) -> [(String, JSONValue)] {
        var result: [(String, JSONValue)] = []
        for (key, name) in names {
            let text = try self(place + name, size)
            if !text.isEmpty { result.append((key, .string(text))) }
        }
        return result
    }

    /// The texts that are not empty of fields whose keys are their names.
    func texts(
        _ names: [String], in place: String = "", _ size: TextSize = .unlimited
    ) throws(ReceiverError) -> [(String, JSONValue)] {
        var result: [(String, JSONValue)] = []
        for name in names { result += try texts([name: name], in: place, size) }
        return result
    }

    // MARK: How far a text gets

    private func text(
        of field: ReceiverTemplate, _ wanted: TextSize
    ) throws(ReceiverError) -> String {
        let size = budget.map { wanted.within($0.bytes) } ?? wanted
        let output = run(field, data, size)
        if let text = size.fitting(output) { return text }
        guard case .failed(let error) = output.end else {
            return try listingFewer(field, size, "it is larger than \(size.wantedBytes) bytes")
        }
        return error.limit == nil
            ? try failed(field, output.text, error, size)
            : try listingFewer(field, size, error.description)
    }

    private func run(
        _ field: ReceiverTemplate, _ data: TemplateData, _ size: TextSize
    ) -> TemplateOutput {
        templates.output(
            field.text, isHTML: field.isHTML, data, maximumBytes: size.wantedBytes)
    }

    private func first(_ count: Int) -> TemplateData {
        TemplateData(data.notification, maximumAlerts: count)
    }

    /// The text over as many alerts as it can have.
    private func listingFewer(
        _ field: ReceiverTemplate, _ size: TextSize, _ reason: String
    ) throws(ReceiverError) -> String {
        let total = data.notification.alerts.count
        var count = size.canBeCut ? total / 4 : fewerAlerts(field, size)
        while count > 0 {
            let note = RemainingAlerts(count: total - count, of: data).note(
                size, isHTML: field.isHTML)
            let room = size.leavingRoom(for: note)
            let output = run(field, first(count), room)
            if let text = room.fitting(output) {
                let shown = "\(count) of \(total) alerts are listed: \(reason)"
                notes.add(.init(field: field.name, kind: .shortened, reason: shown))
                return field.role == .text
                    ? RemainingAlerts.added(note, to: text, isHTML: field.isHTML) : text
            }
            if case .failed(let error) = output.end, error.limit == nil {
                return try failed(field, output.text, error, size)
            }
            count /= size.canBeCut ? 4 : 2
        }
        return try withoutAlerts(field, size, reason)
    }

    /// How many alerts a document holds, by what some of them take.
    private func fewerAlerts(_ field: ReceiverTemplate, _ size: TextSize) -> Int {
        let total = data.notification.alerts.count
        let sample = min(total / 2, 32)
        if sample == 0 { return 0 }
        let output = run(field, first(sample), size)
        guard output.end == .complete else { return sample / 2 }
        let each = output.text.utf8.count / sample + 1
        return min(total / 2, size.wantedBytes / 10 * 9 / each)
    }

    private func withoutAlerts(
        _ field: ReceiverTemplate, _ size: TextSize, _ reason: String
    ) throws(ReceiverError) -> String {
        switch field.role {
        case .destination:
            throw ReceiverError("\(field.name): a template failed: \(reason)")
        case .attribute:
            notes.add(.init(field: field.name, kind: .failed, reason: reason))
            return ""
        case .text:
            notes.add(
                .init(
                    field: field.name, kind: .shortened,
                    reason: "a link takes the place of the text: \(reason)"))
            let text = RemainingAlerts.instead(of: data)
            let shown = field.isHTML ? Escapes.html(text) : text
            return size.fitting(shown) ?? shown
        }
    }

    /// What is sent of a field whose template is wrong.
    private func failed(
        _ field: ReceiverTemplate, _ rendered: String, _ error: TemplateError, _ size: TextSize
    ) throws(ReceiverError) -> String {
        if field.role == .destination {
            throw ReceiverError("\(field.name): a template failed: \(error)")
        }
        notes.add(.init(field: field.name, kind: .failed, reason: error.description))
        if field.role == .attribute { return "" }
        return FailedText(rendered: rendered, field: field.name, isHTML: field.isHTML).shown(size)
    }
}
