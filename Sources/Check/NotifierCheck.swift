import Configuration
import Model
import Notify

/// What is wrong in a file of routes and receivers beyond its schema: the templates of every field
/// that has one, and secrets that cannot be read.
struct NotifierCheck {
    private let configuration: NotifierConfiguration
    private let templates: NotificationTemplates
    private let files: FileAccess

    init(
        _ configuration: NotifierConfiguration, _ templates: NotificationTemplates,
        files: FileAccess
    ) {
        self.configuration = configuration
        self.templates = templates
        self.files = files
    }

    func problems(syntaxOnly: Bool) -> [Problem] {
        let found =
            Receivers.check(configuration, templates: templates)
            + Receivers.undefinedTemplates(configuration, templates: templates)
            + (syntaxOnly ? [] : missingSecrets)
        return found.enumerated().sorted { a, b in
            (a.element.place.line, a.offset) < (b.element.place.line, b.offset)
        }.map(\.element)
    }

    /// Files of secrets that are not there; what is in those that are is read by nobody here.
    private var missingSecrets: [Problem] {
        configuration.receivers.flatMap { receiver in
            receiver.integrations.flatMap { integration in
                integration.secretFiles.compactMap { file in
                    do {
                        _ = try files.read(file)
                        return nil
                    } catch {
                        return Problem(
                            .warning, at: integration.place,
                            path: "receivers: \(receiver.name): \(integration.id)",
                            "cannot deliver: \(file): \(error)", check: "notifier/missing-secret")
                    }
                }
            }
        }
    }
}
