import Foundation
import Model
import WireFormats

/// The text of an attribute's value, as a label has it.
enum OTLPValue {
    /// The text; lists and maps are JSON.
    static func text(_ value: OTLPAnyValue) -> String {
        switch value.value {
        case nil: ""
        case .stringValue(let text): text
        case .boolValue(let bool): bool ? "true" : "false"
        case .intValue(let number): String(number)
        case .doubleValue(let number): text(number)
        case .bytesValue(let bytes): bytes.base64EncodedString()
        case .arrayValue, .kvlistValue: json(value) ?? ""
        }
    }

    /// As JavaScript writes numbers, in between 1e-6 and 1e21 without an exponent.
    private static func text(_ number: Double) -> String {
        guard number.isFinite else { return "json: unsupported value: \(GoFloat.fixed(number))" }
        let size = abs(number)
        if size == 0 || (size >= 1e-6 && size < 1e21) { return GoFloat.fixed(number) }
        // Beyond these bounds Go writes an exponent of at least two digits; JSON does without the zero.
        let text = GoFloat.general(number)
        return text.replacingOccurrences(of: "e-0", with: "e-")
    }

    /// As Go's `encoding/json` writes it: keys in order, of equal ones the last. Nil where a number is
    /// none that JSON has.
    private static func json(_ value: OTLPAnyValue) -> String? {
        switch value.value {
        case nil: return "null"
        case .stringValue(let text): return quoted(text)
        case .boolValue, .intValue: return text(value)
        case .doubleValue(let number): return number.isFinite ? text(number) : nil
        case .bytesValue(let bytes): return quoted(bytes.base64EncodedString())
        case .arrayValue(let list):
            var parts: [String] = []
            for element in list.values {
                guard let part = json(element) else { return nil }
                parts.append(part)
            }
            return "[\(parts.joined(separator: ","))]"
        case .kvlistValue(let map):
            var parts: [ByteKey: String] = [:]
            for pair in map.values {
                guard let part = json(pair.value) else { return nil }
                parts[ByteKey(pair.key)] = "\(quoted(pair.key)):\(part)"
            }
            let sorted = parts.sorted { $0.key.text.byteOrder($1.key.text) < 0 }
            return "{\(sorted.map(\.value).joined(separator: ","))}"
        }
    }

    private static func quoted(_ text: String) -> String {
        var out = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case "\u{08}": out += "\\b"
            case "\u{0C}": out += "\\f"
            case "\n": out += "\\n"
            case "\r": out += "\\r"
            case "\t": out += "\\t"
            case "<", ">", "&", "\u{2028}", "\u{2029}", "\u{00}"..."\u{1F}":
                let digits = String(scalar.value, radix: 16)
                out += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out + "\""
    }
}
