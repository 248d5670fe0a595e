import ArgumentParser
import Console
import Daemon
import Foundation
import Model
import Transport

extension ClientOutput: ExpressibleByArgument {}

/// Which daemon is asked, and how its answers are shown.
struct ClientOptions: ParsableArguments {
    @Option(
        name: [.customLong("url"), .customLong("alertmanager.url")],
        help: "The daemon (or Alertmanager) to ask.")
    var url = "http://127.0.0.1:9090"

    @Option(name: .shortAndLong, help: "simple, extended or json.")
    var output = ClientOutput.simple

    var client: AlertmanagerClient { AlertmanagerClient(url: url, transport: CurlTransport()) }

    var silences: SilenceCommands { SilenceCommands(client, now: WallClock().now) }

    /// Prints a text, unless there is none.
    func show(_ text: String) {
        if !text.isEmpty { StandardOutput.write(text) }
    }
}

extension Timestamp {
    /// As a flag.
    static func flag(_ text: String, _ name: String) throws -> Timestamp {
        guard let time = Timestamp(rfc3339: text) else {
            throw ValidationError(
                "\(name): \(text.goQuoted) is no time such as 2026-01-05T09:00:00Z")
        }
        return time
    }
}
