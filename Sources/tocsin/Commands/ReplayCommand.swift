import ArgumentParser
import Configuration
import Daemon
import Foundation
import Model
import Notify
import Rules
import Server
import Setup

struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Runs a recording through the pipeline and prints every alert transition.")

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text
        case json
    }

    @Argument(help: "The recording: JSON lines, gzipped where the name ends in .gz.")
    var recording: String

    @Option(name: [.customLong("config"), .customLong("config.file")], help: "The configuration.")
    var config = "tocsin.yml"

    @Option(help: "text or json: an object a line.")
    var format = Format.text

    @Flag(help: "Prints what would have been sent, to whom and when.")
    var notifications = false

    @Flag(help: "Serves the HTTP API afterwards, with the clock standing at the end.")
    var serve = false

    @Option(help: "Where --serve listens.")
    var listen = "127.0.0.1:9090"

    @OptionGroup var features: FeatureOptions

    @OptionGroup var log: LogOptions

    func run() async throws {
        try log.start(minimum: .error)
        features.warn()
        let address = listen
        let builder = RuntimeBuilder(path: config, features: features.names) { documents in
            documents.configuration.tocsin.web.listenAddress = address
        }
        let runtime = try builder.build().get()
        for fault in runtime.faults { StandardError.write(fault.description) }
        let printer = ReplayPrinter(format: format, showsNotifications: notifications)
        let replay = try Replay(
            recording: recording, runtime: runtime, onEvent: { printer.print($0) })
        try await replay.run()
        guard serve else { return }
        StandardError.write("The replay stands at \(replay.clock.now). Serving on http://\(listen)")
        try await HTTPServer(Endpoints(replay), address: listen).run()
    }
}

/// Prints what happens in a replay.
struct ReplayPrinter: Sendable {
    let format: ReplayCommand.Format
    let showsNotifications: Bool

    func print(_ event: Replay.Event) {
        switch event {
        case .transition(let transition): print(transition)
        case .notification(let notification):
            if showsNotifications { print(notification) }
        }
    }

    private func print(_ transition: Transition) {
        switch format {
        case .json: StandardOutput.write(encode(transition))
        case .text:
            let value = transition.value.map { " value=" + GoFloat.fixed($0) } ?? ""
            StandardOutput.write(
                "\(transition.time)  \(transition.kind.rawValue)  \(transition.alert)  "
                    + "\(transition.labels.dropping("alertname"))\(value)")
        }
    }

    private func encode(_ value: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(value) else { return [] }
        return Array(data) + [0x0a]
    }

    private struct Line: Encodable {
        var notification: String
        var receiver: String
        var time: Double
        var status: String
        var groupKey: String
        var alerts: [Labels]
        var destination: String?
        var text: String?
        var request: String?
        var error: String?
    }

    private func print(_ notification: ReplayedNotification) {
        let data = notification.data
        switch format {
        case .json:
            var line = Line(
                notification: data.integration, receiver: data.receiver, time: data.now.seconds,
                status: data.status.rawValue, groupKey: data.groupKey,
                alerts: data.alerts.map(\.labels))
            switch notification.rendered {
            case .success(let rendered):
                line.destination = rendered.destination
                line.text = rendered.text
                line.request = rendered.request
            case .failure(let error): line.error = "\(error)"
            }
            StandardOutput.write(encode(line))
        case .text:
            let head =
                "\(data.now)  → \(data.receiver): \(data.integration) \(data.status.rawValue)"
            switch notification.rendered {
            case .success(let rendered):
                let lines = rendered.text.split(separator: "\n").map { "    " + $0 }
                StandardOutput.write(
                    (["\(head)  \(rendered.destination)"] + lines).joined(separator: "\n"))
            case .failure(let error): StandardOutput.write("\(head)  cannot be rendered: \(error)")
            }
        }
    }
}
