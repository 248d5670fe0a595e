import Configuration
import Model
import Synchronization

/// The clients of configurations in use: those that are equal share one, and so one token.
public final class ClientPool: Sendable {
    private let files: FileAccess
    private let clients = Mutex<[HTTPClientConfiguration: ConfiguredClient]>([:])

    /// Clients whose secrets are in these files.
    public init(files: FileAccess = .system) { self.files = files }

    /// The client of a configuration.
    public func client(_ configuration: HTTPClientConfiguration) -> ConfiguredClient {
        clients.locked { clients in
            if let known = clients[configuration] { return known }
            let made = ConfiguredClient(configuration, files: files)
            clients[configuration] = made
            return made
        }
    }

    /// Lets go of all clients but those of `configurations`.
    public func keep(only configurations: Set<HTTPClientConfiguration>) {
        clients.locked { clients in
            clients = clients.filter { configurations.contains($0.key) }
        }
    }
}
