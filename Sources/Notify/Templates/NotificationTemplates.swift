import Configuration
import GoTemplate
import Model

/// The templates that receivers' fields can call: Alertmanager's by name, and the user's files.
public struct NotificationTemplates: Sendable {
    private var text: TemplateSet
    private var html: TemplateSet

    /// The default templates alone.
    public init() {
        text = NotificationTemplates.defaults.text
        html = NotificationTemplates.defaults.html
    }

    private static let defaults: (text: TemplateSet, html: TemplateSet) = {
        var text = TemplateSet(functions: NotificationFunctions.all)
        var html = TemplateSet(functions: NotificationFunctions.all, escapesHTML: true)
        for source in [DefaultTemplates.texts, DefaultTemplates.services, DefaultTemplates.mail] {
            // The tests parse them; a text of ours that does not parse is left out.
            try? text.add(source, named: "")
            try? html.add(source, named: "")
        }
        return (text, html)
    }()

    /// Adds a file's definitions, which take the place of earlier ones with their names.
    public mutating func add(_ source: String, named name: String) throws(TemplateError) {
        try text.add(source, named: name)
        try html.add(source, named: name)
    }

    /// The default templates and the files that `templates:` names. A file that cannot be used is
    /// left out and reported; a pattern that matches nothing is no mistake, as in Alertmanager.
    public static func load(
        _ configuration: NotifierConfiguration, files: FileAccess = .system
    ) -> (templates: NotificationTemplates, problems: [Problem]) {
        var templates = NotificationTemplates()
        var problems: [Problem] = []
        for pattern in configuration.templates {
            for path in files.glob(pattern.value) {
                let name = path.split(separator: "/").last.map(String.init) ?? path
                do {
                    let source = String(decoding: try files.read(path), as: UTF8.self)
                    try templates.add(source, named: name)
                } catch let error as TemplateError {
                    problems.append(
                        Problem(
                            at: SourcePlace(file: path, line: error.line ?? 0, column: 1),
                            "failed to parse templates: \(error)", check: "template/syntax"))
                } catch {
                    problems.append(
                        Problem(
                            at: pattern.place, path: "templates",
                            "failed to parse templates: \(path): \(error)"))
                }
            }
        }
        return (templates, problems)
    }

    /// Why `source` does not parse as a field of a receiver, or nil.
    public func problem(in source: String, isHTML: Bool = false) -> TemplateError? {
        do {
            _ = try (isHTML ? html : text).template(source)
            return nil
        } catch {
            return error
        }
    }

    /// The templates that a field of a receiver calls, directly or not, and that do not exist.
    public func missingTemplates(in source: String) -> [String] {
        guard source.contains("{{"), let template = try? text.template(source) else { return [] }
        return template.set.missingTemplates(calledBy: template.name)
    }

    /// The names of all templates that are defined.
    public var names: [String] { text.names }

    /// A text with templates in it, as a field of a receiver would be rendered.
    public func render(
        _ source: String, _ data: NotificationData, isHTML: Bool = false
    ) throws(TemplateError) -> String {
        let output = output(source, isHTML: isHTML, TemplateData(data))
        if case .failed(let error) = output.end { throw error }
        return output.text
    }

    /// What `source` writes for `data`, as far as it gets, within limits that grow with the data.
    func output(
        _ source: String, isHTML: Bool, _ data: TemplateData, maximumBytes: Int = .max
    ) -> TemplateOutput {
        if !source.contains("{{") { return TemplateOutput(source) }
        do {
            return try (isHTML ? html : text).template(source).output(
                .object(data), context: data.notification.now,
                limits: TemplateLimits(for: data.size), maximumBytes: maximumBytes)
        } catch {
            return TemplateOutput("", .failed(error))
        }
    }
}

extension TemplateLimits {
    /// What a text about so many alerts may cost: a text of a few lines for each is far below.
    init(for size: TemplateData.Size) {
        self.init()
        outputBytes += 8 * size.bytes
        workBytes += 16 * size.bytes
        steps += 1000 * size.alerts
    }
}

extension TemplateError {
    /// The line that a parse error names.
    var line: Int? {
        let parts = description.split(
            separator: ":", maxSplits: 3, omittingEmptySubsequences: false)
        return parts.count > 2 ? Int(parts[2]) : nil
    }
}
