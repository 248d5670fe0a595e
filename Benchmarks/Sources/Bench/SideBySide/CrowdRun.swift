import Fleet
import Foundation
import Synchronization

/// A thousand small targets of which some hang, drip or lie, while others push: how late the scrapes of
/// the honest ones begin, seen by the targets.
struct CrowdRun {
    let arguments: Arguments
    private static let port: UInt16 = 9620
    private static let interval = 15.0

    init(_ arguments: Arguments) { self.arguments = arguments }

    func run() throws {
        guard let tocsin = arguments.string("tocsin") else {
            throw HTTP.Failure(description: "--tocsin is missing")
        }
        let targets = arguments.int("targets", 1000)
        let server = CrowdServer(
            targets: targets, series: arguments.int("series", 200),
            hostile: arguments.int("hostile", 100), port: Self.port)
        let folder = try SideBySide.scratch()
        defer { try? FileManager.default.removeItem(at: folder) }
        try server.run()
        let contender = try Contender.tocsin(
            tocsin, config: try configuration(targets, folder), folder: folder)
        defer { contender.stop() }
        try contender.awaitStart()
        // All are asked once before it counts: connections are made then.
        Thread.sleep(forTimeInterval: Self.interval * 2)
        let pushes = Pushes(senders: arguments.int("senders", 50), port: contender.port)
        pushes.start()
        let start = Date().timeIntervalSince1970
        let cpu = contender.cpu
        let seconds = Double(arguments.int("measure", 120))
        Thread.sleep(forTimeInterval: seconds)
        pushes.stop()
        let late = server.lateness(interval: Self.interval, after: start).sorted()
        var table = Table(
            "scrapes", "late ms: median", "99 %", "99.9 %", "worst", "pushes taken", "refused",
            "CPU s per minute", "peak MB")
        func at(_ share: Double) -> String {
            late.isEmpty ? "–" : late[min(late.count - 1, Int(Double(late.count) * share))].text(1)
        }
        let (taken, refused) = pushes.counts
        table.add(
            "\(late.count)", at(0.5), at(0.99), at(0.999), (late.last ?? 0).text(1), "\(taken)",
            "\(refused)", ((contender.cpu - cpu) / seconds * 60).text(1),
            contender.peakMegabytes.text(0))
        print(table.text)
    }

    private func configuration(_ targets: Int, _ folder: URL) throws -> URL {
        let list = (0..<targets).map { "127.0.\(($0 + 1) >> 8).\(($0 + 1) & 255):\(Self.port)" }
        let config = folder.appendingPathComponent("tocsin.yml")
        try
            (SideBySide.configuration(jobs: [("crowd", list)])
            + "tocsin:\n  push: {enabled: true}\n")
            .write(to: config, atomically: true, encoding: .utf8)
        return config
    }
}

/// Senders that write one after the other, half of them to Pushgateway's API, half by remote write.
private final class Pushes: Sendable {
    private struct State {
        var isStopped = false
        var taken = 0
        var refused = 0
    }

    private let senders: Int
    private let port: UInt16
    private let state = Mutex(State())

    init(senders: Int, port: UInt16) {
        self.senders = senders
        self.port = port
    }

    var counts: (taken: Int, refused: Int) { state.withLock { ($0.taken, $0.refused) } }

    func stop() { state.withLock { $0.isStopped = true } }

    func start() {
        for sender in 0..<senders {
            Thread.detachNewThread { [self] in
                var round = 0
                while !state.withLock({ $0.isStopped }) {
                    round += 1
                    let isTaken = (try? push(sender, round)) != nil
                    state.withLock { if isTaken { $0.taken += 1 } else { $0.refused += 1 } }
                    // Ten times as often as a Prometheus that scrapes every ten seconds.
                    Thread.sleep(forTimeInterval: 1)
                }
            }
        }
    }

    private func push(_ sender: Int, _ round: Int) throws {
        if sender % 2 == 0 {
            let text = (0..<500).map { "pushed_\($0 % 10){n=\"\($0)\"} \(round)\n" }.joined()
            _ = try HTTP.post(
                "/metrics/job/sender-\(sender)", port: port, headers: [], body: Array(text.utf8))
            return
        }
        var request = RemoteWrite()
        let now = Int64(Date().timeIntervalSince1970 * 1000)
        for number in 0..<2000 {
            request.add(
                labels: [
                    ("__name__", "written_\(number % 20)"), ("job", "peer-\(sender)"),
                    ("n", "\(number)"),
                ], samples: [(time: now, value: Double(round))])
        }
        try request.send(port: port)
    }
}
