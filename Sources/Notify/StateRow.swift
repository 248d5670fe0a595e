import Foundation
import Model

/// Rows of state as JSON with sorted keys, so that the same state is the same bytes.
enum StateRow {
    static func change(_ table: StateChange.Table, key: String, _ value: some Encodable)
        -> StateChange
    {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Encoding can fail only for numbers that JSON lacks; rows have no floating point.
        let bytes = (try? encoder.encode(value)).map { [UInt8]($0) }
        return StateChange(table, key: key, value: bytes)
    }

    /// The same of a value that is JSON already, its keys in order.
    static func change(_ table: StateChange.Table, key: String, json: JSONValue) -> StateChange {
        StateChange(table, key: key, value: json.bytes)
    }

    /// The row's value; a row that cannot be read is named in `problems` and left out.
    static func read<Value: Decodable>(
        _ table: StateChange.Table, _ key: String, _ bytes: [UInt8], _ problems: inout [String]
    ) -> Value? {
        do {
            return try JSONDecoder().decode(Value.self, from: Data(bytes))
        } catch {
            problems.append("row \(key.goQuoted) of \(table.rawValue) cannot be read: \(error)")
            return nil
        }
    }
}
