import Foundation
import Synchronization

/// Many small targets, some of which hang, drip or lie; it notes when each was asked.
public final class CrowdServer: Sendable {
    /// How a target answers.
    public enum Manner: Sendable, CaseIterable {
        case honest
        /// It never answers.
        case hangs
        /// It sends a byte a second.
        case drips
        /// It promises more bytes than it sends, and closes.
        case breaksOff
        /// It sends without end.
        case floods
        /// What it sends is no exposition.
        case babbles
    }

    private let manners: [Manner]
    private let bodies: [[UInt8]]
    private let port: UInt16
    private let asked: Mutex<[[Double]]>

    /// A server of so many targets of so many series, of which the first `hostile` misbehave.
    public init(targets: Int, series: Int, hostile: Int, port: UInt16) {
        self.port = port
        let kinds = Manner.allCases.filter { $0 != .honest }
        manners = (0..<targets).map { $0 < hostile ? kinds[$0 % kinds.count] : .honest }
        bodies = (0..<targets).map { target in
            Array(
                (0..<series).map { "crowd_metric_\($0 % 20)_total{n=\"\($0)\"} \(target + $0)\n" }
                    .joined().utf8)
        }
        asked = Mutex([[Double]](repeating: [], count: targets))
    }

    /// Begins to serve, on threads of its own.
    public func run() throws {
        for number in manners.indices {
            let socket = try Listener(port: port, number: UInt32(number))
            CrowdServer.onThread { [self] in
                while let connection = socket.accept() {
                    CrowdServer.onThread { self.serve(connection, number) }
                }
            }
        }
    }

    /// Thousands of threads: each takes little.
    private static func onThread(_ body: @escaping @Sendable () -> Void) {
        let thread = Thread(block: body)
        thread.stackSize = 256 << 10
        thread.start()
    }

    private func serve(_ connection: Connection, _ number: Int) {
        while connection.receiveRequest() {
            let now = Date().timeIntervalSince1970
            asked.withLock { $0[number].append(now) }
            if !answer(connection, number) { return }
        }
    }

    private func answer(_ connection: Connection, _ number: Int) -> Bool {
        let body = bodies[number]
        switch manners[number] {
        case .honest: return connection.send(CrowdServer.head(body.count) + body)
        case .hangs:
            Thread.sleep(forTimeInterval: 3600)
            return false
        case .drips:
            for byte in CrowdServer.head(body.count) + body {
                if !connection.send([byte]) { return false }
                Thread.sleep(forTimeInterval: 1)
            }
            return true
        case .breaksOff:
            _ = connection.send(CrowdServer.head(body.count * 2) + body)
            return false
        case .floods:
            if !connection.send(CrowdServer.head(1 << 40)) { return false }
            while connection.send(body) {}
            return false
        case .babbles:
            let noise = [UInt8](repeating: 0xfe, count: 100_000)
            return connection.send(CrowdServer.head(noise.count) + noise)
        }
    }

    private static func head(_ length: Int) -> [UInt8] {
        Array(
            ("HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\n"
                + "Content-Length: \(length)\r\n\r\n").utf8)
    }

    /// How late each scrape of an honest target began, in milliseconds, against the earliest of its target.
    public func lateness(interval: Double, after start: Double) -> [Double] {
        let asked = asked.withLock { $0 }
        return manners.indices.filter { manners[$0] == .honest }.flatMap { target in
            let phases = asked[target].filter { $0 >= start }.map {
                $0.truncatingRemainder(dividingBy: interval)
            }
            // A phase just before the end of the interval is early, not late.
            let reference = phases.sorted()[safe: phases.count / 2] ?? 0
            let offsets = phases.map { phase in
                let distance = phase - reference
                return distance > interval / 2
                    ? distance - interval
                    : distance < -interval / 2 ? distance + interval : distance
            }
            let earliest = offsets.min() ?? 0
            return offsets.map { ($0 - earliest) * 1000 }
        }
    }
}

extension Array {
    fileprivate subscript(safe index: Int) -> Element? {
        indices.contains(index) ? self[index] : nil
    }
}
