import Configuration
import Foundation
import Model

extension Rendering {
    /// The value of the user's own shape that is declared as `name`, with its texts rendered. A
    /// rendered text that is itself JSON or a number, a truth value or null becomes that, as in
    /// Alertmanager.
    func value(
        _ value: YAMLValue, _ name: String, _ size: TextSize = .unlimited
    ) throws(ReceiverError) -> JSONValue {
        switch value {
        case .null: return .null
        case .bool(let flag): return .bool(flag)
        case .int(let number): return .int(number)
        case .double(let number): return number.isFinite ? .double(number) : .null
        case .text: return JSONValue(inline: try self(name, size))
        case .list(let list):
            var elements: [JSONValue] = []
            for (index, element) in list.enumerated() {
                let place = ReceiverTemplate.element(index, of: name)
                elements.append(try self.value(element, place, size))
            }
            return .array(elements)
        case .map(let entries):
            var rendered: [(String, JSONValue)] = []
            for entry in entries {
                rendered.append(
                    (
                        try self(ReceiverTemplate.key(entry.key, of: name), size),
                        try self.value(
                            entry.value, ReceiverTemplate.value(entry.key, of: name), size)
                    ))
            }
            return .object(rendered.sorted { $0.0.byteOrder($1.0) < 0 })
        }
    }
}

extension JSONValue {
    /// A text as the value it spells, or as text.
    init(inline text: String) {
        let trimmed = text.trimmingWhitespace
        switch trimmed {
        case "null", "~", "": self = trimmed.isEmpty && !text.isEmpty ? .string(text) : .null
        case "true": self = .bool(true)
        case "false": self = .bool(false)
        default:
            if let number = Int64(trimmed), String(number) == trimmed {
                self = .int(number)
            } else if trimmed.utf8.allSatisfy({ "0123456789.-+eE".utf8.contains($0) }),
                trimmed.utf8.contains(UInt8(ascii: ".")),
                let number = GoFloat.parse(trimmed), number.isFinite
            {
                self = .double(number)
            } else if trimmed.hasPrefix("{") || trimmed.hasPrefix("["),
                let parsed = JSONValue(parsing: trimmed)
            {
                self = parsed
            } else {
                self = .string(text)
            }
        }
    }

    /// A JSON text; nil where it is none.
    init?(parsing text: String) {
        guard let any = try? JSONDecoder().decode(Parsed.self, from: Data(text.utf8)) else {
            return nil
        }
        self = any.value
    }

    /// Foundation's decoder bounds the depth.
    private struct Parsed: Decodable {
        let value: JSONValue

        private struct Key: CodingKey {
            let stringValue: String
            var intValue: Int? { nil }
            init(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }

        init(from decoder: any Decoder) throws {
            if let keys = try? decoder.container(keyedBy: Key.self) {
                var entries: [(String, JSONValue)] = []
                for key in keys.allKeys {
                    entries.append(
                        (key.stringValue, try keys.decode(Parsed.self, forKey: key).value))
                }
                value = .object(entries.sorted { $0.0.byteOrder($1.0) < 0 })
                return
            }
            if var list = try? decoder.unkeyedContainer() {
                var elements: [JSONValue] = []
                while !list.isAtEnd { elements.append(try list.decode(Parsed.self).value) }
                value = .array(elements)
                return
            }
            let single = try decoder.singleValueContainer()
            if single.decodeNil() {
                value = .null
            } else if let flag = try? single.decode(Bool.self) {
                value = .bool(flag)
            } else if let number = try? single.decode(Int64.self) {
                value = .int(number)
            } else if let number = try? single.decode(Double.self) {
                value = .double(number)
            } else {
                value = .string(try single.decode(String.self))
            }
        }
    }
}
