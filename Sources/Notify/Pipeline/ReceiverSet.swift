import Configuration
import Model

/// The receivers' integrations, found by where a delivery goes.
struct ReceiverSet: Sendable {
    private struct Place: Hashable {
        var receiver: String
        var integration: String
        var index: Int

        init(receiver: String, integration: String, index: Int) {
            self.receiver = receiver
            self.integration = integration
            self.index = index
        }

        init(_ key: DeliveryKey) {
            self.init(receiver: key.receiver, integration: key.integration, index: key.index)
        }
    }

    private var integrations: [Place: any Integration] = [:]
    /// In the order of the file, for the state machine.
    private(set) var infos: [String: [NotifierSetup.IntegrationInfo]] = [:]

    /// Numbers the integrations of each kind within a receiver, as Alertmanager does.
    init(_ receivers: [String: [any Integration]]) {
        for (receiver, list) in receivers {
            var counts: [String: Int] = [:]
            infos[receiver] = list.map { integration in
                let index = counts[integration.name, default: 0]
                counts[integration.name] = index + 1
                let place = Place(
                    receiver: receiver, integration: integration.name, index: index)
                integrations[place] = integration
                return NotifierSetup.IntegrationInfo(
                    name: integration.name, index: index,
                    sendResolved: integration.sendResolved)
            }
        }
    }

    subscript(key: DeliveryKey) -> (any Integration)? { integrations[Place(key)] }

    /// Keeps of `older` what `keys` still need and nobody here provides.
    mutating func keep(_ keys: [DeliveryKey], of older: ReceiverSet) {
        for key in keys where self[key] == nil {
            integrations[Place(key)] = older[key]
        }
    }

    /// Why receivers cannot work as things are.
    func problems() async -> [ReceiverProblem] {
        var found: [ReceiverProblem] = []
        for (receiver, list) in infos.sorted(by: { $0.key < $1.key }) {
            for info in list {
                let place = Place(receiver: receiver, integration: info.name, index: info.index)
                guard let problem = await integrations[place]?.problem() else { continue }
                found.append(
                    ReceiverProblem(
                        receiver: receiver, integration: info.name, index: info.index,
                        reason: problem))
            }
        }
        return found
    }
}

/// A receiver that cannot work as things are.
public struct ReceiverProblem: Sendable, Hashable, CustomStringConvertible {
    /// The receiver's name.
    public var receiver: String
    /// The integration's kind.
    public var integration: String
    /// The position among the receiver's integrations of this kind.
    public var index: Int
    /// Why it cannot work.
    public var reason: String

    public var description: String { "receiver \(receiver), \(integration)[\(index)]: \(reason)" }
}
