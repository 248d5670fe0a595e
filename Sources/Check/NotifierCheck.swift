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

    /// Files of secrets that are not there, and files of URLs that hold none. Of other secrets nobody here
    /// looks at the text.
    private var missingSecrets: [Problem] {
        configuration.receivers.flatMap { receiver in
            receiver.integrations.flatMap { integration in
                integration.secretFiles.compactMap { file in
                    problem(
                        file, of: integration, "receivers: \(receiver.name): \(integration.id)")
                }
            }
        }
    }

    private func problem(
        _ file: String, of integration: IntegrationConfiguration, _ path: String
    ) -> Problem? {
        let bytes: [UInt8]
        do throws(FileAccess.ReadError) {
            bytes = try files.read(file)
        } catch {
            return Problem(
                .warning, at: integration.place, path: path, "cannot deliver: \(file): \(error)",
                check: "notifier/missing-secret")
        }
        guard integration.kind.settings.secretURLs.contains(where: { $0.filePath == file })
        else { return nil }
        let text = String(decoding: bytes, as: UTF8.self).trimmingWhitespace
        return URLCheck.problem(ofSecret: text).map {
            Problem(
                at: integration.place, path: path, "cannot deliver: \(file): \($0)",
                check: "notifier/secret-url")
        }
    }
}
