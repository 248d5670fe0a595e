import Model

/// Where a notification goes: one group, one integration of one receiver.
public struct DeliveryKey: Hashable, Sendable, Codable, Comparable {
    /// Alertmanager's group key.
    public var groupKey: String
    /// The receiver's name.
    public var receiver: String
    /// The integration's kind.
    public var integration: String
    /// The position among the receiver's integrations of this kind.
    public var index: Int

    /// A key.
    public init(groupKey: String, receiver: String, integration: String, index: Int) {
        self.groupKey = groupKey
        self.receiver = receiver
        self.integration = integration
        self.index = index
    }

    /// The key of its rows.
    var row: String { "\(receiver.goQuoted)/\(integration)[\(index)] \(groupKey)" }

    public static func == (a: DeliveryKey, b: DeliveryKey) -> Bool {
        a.index == b.index && a.groupKey.bytesEqual(b.groupKey)
            && a.receiver.bytesEqual(b.receiver) && a.integration.bytesEqual(b.integration)
    }

    public static func < (a: DeliveryKey, b: DeliveryKey) -> Bool {
        var order = a.groupKey.byteOrder(b.groupKey)
        if order == 0 { order = a.receiver.byteOrder(b.receiver) }
        if order == 0 { order = a.integration.byteOrder(b.integration) }
        return order == 0 ? a.index < b.index : order < 0
    }
}
