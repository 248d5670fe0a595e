import Foundation

/// Serves the targets, each at its own loopback address: 127.0.0.1, 127.0.0.2, … at one port.
public final class FleetServer: Sendable {
    private let targets: [FleetTarget]
    private let start = ContinuousClock.now
    private let port: UInt16

    /// A server of the fleet.
    public init(_ shape: FleetShape, port: UInt16) {
        self.port = port
        targets = (0..<shape.targets).map { FleetTarget(shape, number: $0) }
    }

    /// How many series there are.
    public var seriesCount: Int { targets.reduce(0) { $0 + $1.seriesCount } }

    /// Begins to serve, on threads of its own.
    public func run() throws {
        for number in targets.indices {
            let listener = try Listener(port: port, number: UInt32(number))
            Thread.detachNewThread { [self] in
                while let connection = listener.accept() {
                    Thread.detachNewThread { self.serve(connection, self.targets[number]) }
                }
            }
        }
    }

    private func serve(_ connection: Connection, _ target: FleetTarget) {
        while connection.receiveRequest() {
            let elapsed = (ContinuousClock.now - start) / .milliseconds(1)
            let body = target.exposition(
                after: UInt64(elapsed), at: UInt64(Date().timeIntervalSince1970 * 1000))
            let head =
                "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"
                + "Content-Length: \(body.count)\r\n\r\n"
            if !connection.send(Array(head.utf8) + body) { return }
        }
    }
}
