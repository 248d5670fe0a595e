import Exposition
import Foundation
import Model

/// A metric family as it was pushed last.
public struct PushedFamily: Sendable, Hashable, Codable {
    /// Its samples as an exposition of its own.
    enum Content: Sendable, Hashable, Codable {
        /// In the text format, with the labels under which the series are stored.
        case text(String)
        /// In the protobuf format, as it came: only that one has native histograms.
        case protobuf(Data)
    }

    /// The name.
    public let name: String
    /// What it measures.
    public let type: MetricType
    /// What it means.
    public let help: String
    /// When it was pushed.
    public let time: Timestamp
    let content: Content

    /// The bytes that it takes.
    var size: Int {
        let bytes =
            switch content {
            case .text(let text): text.utf8.count
            case .protobuf(let data): data.count
            }
        return bytes + name.utf8.count + help.utf8.count
    }

    /// Its samples.
    func read(_ samples: inout PushedSamples) throws(ExpositionError) {
        var lines = LineTable()
        switch content {
        case .text(let text):
            try TextReader().read(Array(text.utf8), lines: &lines, into: &samples)
        case .protobuf(let data):
            try ProtobufReader().read([UInt8](data), lines: &lines, into: &samples)
        }
    }
}

/// A group: the metric families that were pushed under one key.
public struct PushedGroup: Sendable, Hashable {
    /// What it is known by.
    public let key: GroupingKey
    /// Its families in the order of their names.
    public internal(set) var families: [PushedFamily] = []
    /// When a push last succeeded; nil where none did.
    public internal(set) var pushTime: Timestamp?
    /// When a push last failed; nil where none did.
    public internal(set) var failureTime: Timestamp?

    /// The last push, whatever became of it.
    var lastHeard: Timestamp { max(pushTime ?? .distantPast, failureTime ?? .distantPast) }

    /// Whether the last push succeeded.
    public var lastPushSucceeded: Bool {
        (pushTime ?? .distantPast) >= (failureTime ?? .distantPast) && pushTime != nil
    }

    /// The names of the two series that report on pushes.
    static let timeNames = (push: "push_time_seconds", failure: "push_failure_time_seconds")
    /// What they mean, in Pushgateway's words.
    static let timeHelp = (
        push: "Last Unix time when changing this group in the Pushgateway succeeded.",
        failure: "Last Unix time when changing this group in the Pushgateway failed."
    )
}
