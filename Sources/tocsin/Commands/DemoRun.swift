import ArgumentParser
import Configuration
import Daemon
import Demo
import Foundation
import Logging
import Model
import Setup
import Transport

/// The daemon on the shipped configuration, beside a simulated Lynex and an inbox, on a fast clock.
struct DemoRun {
    let speed: Double
    let listenAddress: String?
    /// The shipped configuration inside the program where there is none.
    let configFile: String?
    let processor: ProcessorOutput

    func run() async throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("tocsin-demo-\(ProcessInfo.processInfo.processIdentifier)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let clock = AcceleratedClock(origin: WallClock().now, speed: speed)
        let textFile = folder.appendingPathComponent("processor-0.prom").path
        let lynex = SimulatedLynex(
            clock: clock, textFile: processor == .textfile ? textFile : nil)
        let inbox = Inbox { StandardOutput.write("\n" + $0) }
        let (addresses, known) = AsyncStream<(SimulatedLynex.Addresses?, Inbox.Addresses?)>
            .makeStream()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await lynex.run { known.yield(($0, nil)) } }
            group.addTask { try await inbox.run { known.yield((nil, $0)) } }
            group.addTask {
                var services: SimulatedLynex.Addresses?
                var receivers: Inbox.Addresses?
                for await (service, receiver) in addresses {
                    services = service ?? services
                    receivers = receiver ?? receivers
                    if services != nil, receivers != nil { break }
                }
                guard let services, let receivers else { return }
                try await serve(
                    DemoWorld(
                        services: services, inbox: receivers, textFile: textFile,
                        folder: folder.path, address: listenAddress ?? "127.0.0.1:9090",
                        processor: processor),
                    lynex, clock: clock)
            }
            try await group.next()
            group.cancelAll()
        }
    }

    private func serve(
        _ world: DemoWorld, _ lynex: SimulatedLynex, clock: AcceleratedClock
    ) async throws {
        let builder = world.builder(configFile)
        let address = world.address
        let transport = CurlTransport()
        let runtime = try builder.build().get()
        if let refusal = runtime.settings.push.refusal(listeningOn: address) {
            throw ValidationError(refusal)
        }
        let daemon = try Daemon(
            Daemon.Setup(
                runtime: runtime, rebuild: { builder.build() }, clock: clock,
                transport: transport))
        StandardOutput.write(
            """
            A simulated Lynex is about to have a bad morning; its clock runs \
            \(GoFloat.general(speed)) times as fast as yours.
            What Slack, PagerDuty, e-mail and the webhook would receive appears here.
            Rules: http://\(address)/api/v1/rules   Targets: http://\(address)/api/v1/targets
            Ctrl-C ends it.
            """)
        let (ports, port) = AsyncStream<Int>.makeStream()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await ServedDaemon(daemon: daemon) { port.yield($0) }.run()
                port.finish()
            }
            group.addTask {
                for await port in ports {
                    try await lynex.push(processor, to: world.url(port: port), over: transport)
                }
            }
            try await group.next()
            group.cancelAll()
        }
    }
}

/// The shipped documents with the simulated services and the inbox in the place of the real ones.
struct DemoWorld: Sendable {
    let services: SimulatedLynex.Addresses
    let inbox: Inbox.Addresses
    let textFile: String
    let folder: String
    /// Where the daemon itself listens.
    let address: String
    let processor: ProcessorOutput

    /// The daemon's URL for a program on this machine.
    func url(port: Int) -> String {
        let host = address.prefix(upTo: address.lastIndex(of: ":") ?? address.endIndex)
        return "http://\(host.isEmpty ? "127.0.0.1" : host):\(port)"
    }

    /// Builds from the configuration at `path`, or the shipped one, moved into this world.
    func builder(_ path: String?) -> RuntimeBuilder {
        if let path { return RuntimeBuilder(path: path, features: [], adjust: move) }
        return RuntimeBuilder(path: Shipped.path, files: Shipped.files, adjust: move)
    }

    @Sendable private func move(_ documents: inout Documents) {
        documents.configuration.tocsin.web.listenAddress = address
        documents.configuration.tocsin.web.externalURL = nil
        documents.configuration.tocsin.storage.path = folder + "/data"
        documents.configuration.scrapeConfigurations =
            documents.configuration.scrapeConfigurations.map(moved)
        if processor != .textfile { push(&documents.configuration) }
        documents.notifiers.receivers = documents.notifiers.receivers.map { receiver in
            var receiver = receiver
            receiver.integrations = receiver.integrations.map(delivered)
            return receiver
        }
    }

    /// The Processor writes no file: it pushes.
    private func push(_ configuration: inout TocsinConfiguration) {
        configuration.scrapeConfigurations.removeAll { !$0.discoveries.textfiles.isEmpty }
        configuration.tocsin.push.isEnabled = true
        if case .only(let names) = configuration.otlp.promotion {
            configuration.otlp.promotion = .only(
                names.union(ProcessorOutput.promotedAttributes))
        }
    }

    /// The job with its targets where the simulation is; their `instance` stays as configured.
    private func moved(_ job: ScrapeConfiguration) -> ScrapeConfiguration {
        var job = job
        let places = [
            "localhost:8001": services.ingest, "localhost:8000": services.backend,
            "localhost:9363": services.clickhouse, "localhost:9090": address,
        ]
        job.discoveries.staticTargets = job.discoveries.staticTargets.flatMap { group in
            group.targets.map { target in
                TargetGroup(
                    targets: [places[target] ?? target],
                    labels: Labels(["instance": target]).merging(group.labels))
            }
        }
        job.discoveries.textfiles = job.discoveries.textfiles.map { source in
            TextfileSource(
                files: [textFile], labels: source.labels, maximumAge: source.maximumAge)
        }
        return job
    }

    private func delivered(_ integration: IntegrationConfiguration) -> IntegrationConfiguration {
        var integration = integration
        switch integration.kind {
        case .slack(var slack):
            slack.endpoint = .webhook(Secret(.inline(inbox.http + "/slack")))
            integration.kind = .slack(slack)
        case .pagerduty(var pagerduty):
            pagerduty.url = inbox.http + "/pagerduty"
            pagerduty.key = .routing(Secret(.inline("demo")))
            integration.kind = .pagerduty(pagerduty)
        case .email(var email):
            email.smarthostName = inbox.smtpHost
            email.smarthostPort = String(inbox.smtpPort)
            email.requireTLS = false
            email.authUsername = ""
            integration.kind = .email(email)
        case .webhook(var webhook):
            webhook.url = Secret(.inline(inbox.http + "/webhook"))
            integration.kind = .webhook(webhook)
        // The demo tells nobody outside of this machine.
        default:
            integration.kind = .webhook(
                WebhookConfiguration(url: Secret(.inline(inbox.http + "/webhook"))))
        }
        return integration
    }
}
