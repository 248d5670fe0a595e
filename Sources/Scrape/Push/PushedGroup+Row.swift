import Foundation
import Model

/// A group as a row of state: JSON with sorted keys, so that the same state is the same bytes.
private struct PushedGroupRow: Codable {
    var labels: [String: String]
    var pushTime: Timestamp?
    var failureTime: Timestamp?
    var families: [PushedFamily]
}

extension PushedGroup {
    /// The row to be written.
    var change: StateChange {
        let row = PushedGroupRow(
            labels: key.labels.dictionary, pushTime: pushTime, failureTime: failureTime,
            families: families)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Encoding can fail only for numbers that JSON lacks; a row has none: values are texts.
        let bytes = (try? encoder.encode(row)).map { [UInt8]($0) }
        return StateChange(.pushedGroups, key: key.id, value: bytes)
    }

    /// The group of a row.
    init(row bytes: [UInt8]) throws {
        let row = try JSONDecoder().decode(PushedGroupRow.self, from: Data(bytes))
        key = GroupingKey(Labels(keepingEmpty: row.labels.map { Label($0.key, $0.value) }))
        families = row.families
        pushTime = row.pushTime
        failureTime = row.failureTime
    }
}
