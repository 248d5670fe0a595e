import Configuration
import Model
import Notify

/// A template, rendered as a receiver would.
public struct TemplateRendering: Sendable {
    private let templates: NotificationTemplates

    /// With the default templates, and those of the files that the patterns name. A file that cannot
    /// be used throws, and so does a pattern without any `*` that names no file.
    public init(
        files patterns: [Located<String>], access: FileAccess = .system
    ) throws(Problems) {
        let broken = patterns.filter { !GlobPattern.isValid($0.value) }.map {
            Problem(at: $0.place, "\(GlobPattern.SyntaxError()): \($0.value.goQuoted)")
        }
        if !broken.isEmpty { throw Problems(broken) }
        var configuration = NotifierConfiguration(route: RouteConfiguration(receiver: ""))
        configuration.templates = patterns
        let (templates, problems) = NotificationTemplates.load(configuration, files: access)
        if !problems.isEmpty { throw Problems(problems) }
        self.templates = templates
    }

    /// Renders a text with `{{`, or the template that is defined under this name.
    public func render(
        _ template: String, _ data: NotificationData, isHTML: Bool = false
    ) throws(ConsoleError) -> String {
        var source = template
        if !template.contains("{{") {
            source = "{{ template \(template.goQuoted) . }}"
            if !templates.missingTemplates(in: source).isEmpty {
                throw ConsoleError(
                    "there is no template \(template.goQuoted); a text to render has {{ in it"
                        + near(template))
            }
        }
        do {
            return try templates.render(source, data, isHTML: isHTML)
        } catch {
            throw ConsoleError("\(error)")
        }
    }

    private func near(_ name: String) -> String {
        Suggestion.nearest(to: name, among: templates.names).map { "; did you mean \($0)?" } ?? ""
    }
}
