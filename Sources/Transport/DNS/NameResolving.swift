/// Asks the DNS.
public protocol NameResolving: Sendable {
    /// What the DNS says of each of these names, in their order.
    func look(up names: [String], type: DNSRecordType) async -> [DNSAnswer]
}

/// The types of records that can be asked for.
public enum DNSRecordType: String, Sendable, Hashable, CaseIterable {
    case a = "A"
    case aaaa = "AAAA"
    case srv = "SRV"
    case mx = "MX"
    case ns = "NS"

    /// The number in a DNS message.
    var number: Int32 {
        switch self {
        case .a: 1
        case .ns: 2
        case .mx: 15
        case .aaaa: 28
        case .srv: 33
        }
    }
}

/// A record.
public struct DNSRecord: Sendable, Hashable {
    /// The address, or the name that the record points to, without a dot at its end.
    public var host: String
    /// The port of a service; 0 of anything else.
    public var port: Int

    /// A record.
    public init(host: String, port: Int = 0) {
        self.host = host
        self.port = port
    }
}

/// What came of asking for a name.
public enum DNSAnswer: Sendable, Hashable {
    /// The records; none where the name has none of the type, or where it does not exist under any of
    /// the search domains.
    case records([DNSRecord])
    /// It cannot be told: no server gave an answer of use to at least one of the names tried.
    case failed(String)
}
