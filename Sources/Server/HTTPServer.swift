import Hummingbird
import Logging
import Model

/// Serves the HTTP endpoints until the task is cancelled.
public struct HTTPServer: Sendable {
    private let endpoints: Endpoints
    private let host: String
    private let port: Int

    /// An address that is none.
    public struct AddressError: Error, CustomStringConvertible {
        /// What is wrong.
        public let description: String
    }

    /// A server for `endpoints` at `HOST:PORT`; an empty host is every interface, port 0 a free one.
    public init(_ endpoints: Endpoints, address: String) throws(AddressError) {
        self.endpoints = endpoints
        guard let colon = address.lastIndex(of: ":"),
            let port = Int(address[address.index(after: colon)...]), (0...65_535).contains(port)
        else {
            throw AddressError(
                description: "\(address.goQuoted) is not an address to listen on: "
                    + "HOST:PORT was expected, e.g. 127.0.0.1:9090")
        }
        var host = String(address[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        self.host = host.isEmpty ? "0.0.0.0" : host
        self.port = port
    }

    /// Listens and answers; `started` is told the port.
    public func run(started: @escaping @Sendable (Int) async -> Void = { _ in }) async throws {
        var logger = Logger(label: "web")
        // A stop cancels the server, which it logs as an error.
        logger.logLevel = .critical
        let application = Application(
            responder: Mounted(
                Routes(endpoints).router().buildResponder(),
                externalURL: { endpoints.runtime().externalURL }),
            server: .http1(configuration: .init(additionalChannelHandlers: [ClientWatch()])),
            configuration: .init(
                address: .hostname(host, port: port), serverName: "tocsin"),
            onServerRunning: { await started($0.localAddress?.port ?? 0) }, logger: logger)
        try await application.run()
    }
}
