import Configuration
import Foundation
import HTTPClient
import Model

/// The integrations of a configuration.
public enum Receivers {
    /// By receiver, in the order of the file.
    public static func integrations(
        _ configuration: NotifierConfiguration, templates: NotificationTemplates,
        in surroundings: ReceiverSurroundings = .system
    ) -> [String: [any Integration]] {
        var result: [String: [any Integration]] = [:]
        for receiver in configuration.receivers {
            result[receiver.name, default: []] += receiver.integrations.map {
                integration($0, templates: templates, in: surroundings)
            }
        }
        return result
    }

    /// One integration.
    public static func integration(
        _ configuration: IntegrationConfiguration, templates: NotificationTemplates,
        in surroundings: ReceiverSurroundings = .system
    ) -> any Integration {
        func web(_ service: some WebService) -> any Integration {
            WebIntegration(
                service, sendResolved: configuration.sendResolved, templates: templates,
                in: surroundings, at: configuration.place)
        }
        return switch configuration.kind {
        case .webhook(let settings): web(settings)
        case .email(let settings):
            EmailIntegration(
                settings, sendResolved: configuration.sendResolved, templates,
                SecretFiles(surroundings.files),
                RenderingReporter(logger: surroundings.logger, place: configuration.place))
        case .pagerduty(let settings): web(settings)
        case .opsgenie(let settings): web(settings)
        case .wechat(let settings): web(settings)
        case .slack(let settings): web(settings)
        case .victorops(let settings): web(settings)
        case .pushover(let settings): web(settings)
        case .sns(let settings): web(settings)
        case .telegram(let settings): web(settings)
        case .discord(let settings): web(settings)
        case .webex(let settings): web(settings)
        case .msteams(let settings): web(settings)
        case .msteamsv2(let settings): web(settings)
        case .jira(let settings): web(settings)
        case .rocketchat(let settings): web(settings)
        case .mattermost(let settings): web(settings)
        case .incidentio(let settings): web(settings)
        }
    }

    /// What is wrong in the templates of receivers' fields: those that do not parse, and those that
    /// fail when they are tried on an alert without labels.
    public static func check(
        _ configuration: NotifierConfiguration, templates: NotificationTemplates
    ) -> [Problem] {
        fields(configuration).compactMap { integration, path, field in
            guard let problem = templates.problem(in: field.text, isHTML: field.isHTML) else {
                return nil
            }
            return Problem(
                at: integration.place, path: path, problem.description, check: "template/syntax")
        }
    }

    /// The templates that receivers' fields call and that are not defined: the fields would fail.
    public static func undefinedTemplates(
        _ configuration: NotifierConfiguration, templates: NotificationTemplates
    ) -> [Problem] {
        fields(configuration).flatMap { integration, path, field in
            templates.missingTemplates(in: field.text).map { name in
                Problem(
                    at: integration.place, path: path,
                    "calls the template \(name.goQuoted), which is not defined",
                    check: "template/undefined")
            }
        }
    }

    private static func fields(
        _ configuration: NotifierConfiguration
    ) -> [(IntegrationConfiguration, path: String, ReceiverTemplate)] {
        configuration.receivers.flatMap { receiver in
            receiver.integrations.flatMap { integration in
                integration.kind.settings.templates.map { field in
                    (
                        integration, "receivers: \(receiver.name): \(integration.id).\(field.name)",
                        field
                    )
                }
            }
        }
    }
}

extension ReceiverSurroundings {
    /// The file system, this process's environment and the system's clock.
    public static let system = ReceiverSurroundings(
        files: .system, environment: ProcessInfo.processInfo.environment,
        wallClock: Timestamp.wallClock)
}
