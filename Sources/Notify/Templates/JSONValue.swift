import GoTemplate
import Model

/// JSON with the order of its keys kept: a payload reads as its receiver's documentation shows it.
indirect enum JSONValue: Sendable {
    case null
    case bool(Bool)
    case int(Int64)
    case double(Double)
    case string(String)
    case array([JSONValue])
    case object([(String, JSONValue)])

    static func labels(_ labels: Labels) -> JSONValue {
        .object(labels.sorted.map { ($0.name, .string($0.value)) })
    }

    /// Without white space.
    var text: String { String(decoding: bytes, as: UTF8.self) }

    /// The bytes of `text`.
    var bytes: [UInt8] {
        var out: [UInt8] = []
        // Without a limit nothing is thrown.
        try? write(to: &out, escapesHTML: false, limit: .max)
        return out
    }

    /// As Go's `json.Marshal`, which escapes `<`, `>` and `&`; throws beyond `limit` bytes.
    func goText(limit: Int) throws(TemplateFunctionError) -> String {
        var out: [UInt8] = []
        try write(to: &out, escapesHTML: true, limit: limit)
        return String(decoding: out, as: UTF8.self)
    }

    private func write(
        to out: inout [UInt8], escapesHTML: Bool, limit: Int
    ) throws(TemplateFunctionError) {
        if out.count > limit {
            throw TemplateError.limit("outputBytes", limit)
        }
        switch self {
        case .null: out += Array("null".utf8)
        case .bool(let value): out += Array((value ? "true" : "false").utf8)
        case .int(let value): out += Array(String(value).utf8)
        case .double(let value):
            if !value.isFinite {
                throw TemplateFunctionError(
                    "json: unsupported value: \(GoFloat.general(value))")
            }
            out += Array(JSONValue.number(value).utf8)
        case .string(let text): JSONValue.quote(text, escapesHTML, to: &out)
        case .array(let list):
            out.append(UInt8(ascii: "["))
            for (index, element) in list.enumerated() {
                if index > 0 { out.append(UInt8(ascii: ",")) }
                try element.write(to: &out, escapesHTML: escapesHTML, limit: limit)
            }
            out.append(UInt8(ascii: "]"))
        case .object(let entries):
            out.append(UInt8(ascii: "{"))
            for (index, entry) in entries.enumerated() {
                if index > 0 { out.append(UInt8(ascii: ",")) }
                JSONValue.quote(entry.0, escapesHTML, to: &out)
                out.append(UInt8(ascii: ":"))
                try entry.1.write(to: &out, escapesHTML: escapesHTML, limit: limit)
            }
            out.append(UInt8(ascii: "}"))
        }
    }

    private static func number(_ value: Double) -> String {
        let size = value.magnitude
        if size != 0, size < 1e-6 || size >= 1e21 {
            let text = GoFloat.general(value)
            // Go's JSON writes e-9 where its fmt writes e-09.
            return text.replacing("e-0", with: "e-")
        }
        return GoFloat.fixed(value)
    }

    private static func quote(_ text: String, _ escapesHTML: Bool, to out: inout [UInt8]) {
        out.append(UInt8(ascii: "\""))
        // Most texts are plain: they are taken as they are.
        if text.utf8.allSatisfy({ isPlain($0, escapesHTML) }) {
            out.append(contentsOf: text.utf8)
        } else {
            escape(text, escapesHTML, to: &out)
        }
        out.append(UInt8(ascii: "\""))
    }

    /// Whether the byte stands for itself wherever it is.
    private static func isPlain(_ byte: UInt8, _ escapesHTML: Bool) -> Bool {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): false
        case UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "&"): !escapesHTML
        // A line separator begins with 0xe2.
        default: byte >= 0x20 && byte != 0xe2
        }
    }

    private static func escape(_ text: String, _ escapesHTML: Bool, to out: inout [UInt8]) {
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": out += Array("\\\"".utf8)
            case "\\": out += Array("\\\\".utf8)
            case "\n": out += Array("\\n".utf8)
            case "\r": out += Array("\\r".utf8)
            case "\t": out += Array("\\t".utf8)
            case "\u{8}": out += Array("\\b".utf8)
            case "\u{c}": out += Array("\\f".utf8)
            case "\u{2028}", "\u{2029}": out += Array("\\u\(hex(scalar))".utf8)
            case "<", ">", "&":
                if escapesHTML {
                    out += Array("\\u\(hex(scalar))".utf8)
                } else {
                    out += Array(String(scalar).utf8)
                }
            default:
                if scalar.value < 0x20 {
                    out += Array("\\u\(hex(scalar))".utf8)
                } else {
                    out += Array(String(scalar).utf8)
                }
            }
        }
    }

    private static func hex(_ scalar: Unicode.Scalar) -> String {
        let text = String(scalar.value, radix: 16)
        return String(repeating: "0", count: max(0, 4 - text.utf8.count)) + text
    }
}

/// What `toJson` can write.
protocol JSONRepresentable {
    var json: JSONValue { get }
}

extension JSONValue {
    /// What Go's `json.Marshal` makes of a template's value. Values are no higher than
    /// `TemplateLimits.valueHeight`.
    init(_ value: TemplateValue) throws(TemplateFunctionError) {
        switch value {
        case .null: self = .null
        case .bool(let flag): self = .bool(flag)
        case .int(let number): self = .int(number)
        case .float(let number): self = .double(number)
        case .complex: throw TemplateFunctionError("json: unsupported type: complex128")
        case .string(let text): self = .string(text)
        case .safe(let safe): self = .string(safe.text)
        case .list(let list):
            if let text = list.base64 {
                self = .string(text)
                return
            }
            var elements: [JSONValue] = []
            for element in list.elements { elements.append(try JSONValue(element)) }
            self = .array(elements)
        case .map(let map):
            var entries: [(String, JSONValue)] = []
            for entry in map.entries { entries.append((entry.key, try JSONValue(entry.value))) }
            self = .object(entries)
        case .object(let object):
            if let own = object as? any JSONRepresentable {
                self = own.json
            } else if let time = object as? TemplateTime {
                self = .string(
                    try time.strictRFC3339(
                        "json: error calling MarshalJSON for type time.Time: Time.MarshalJSON: "))
            } else if let inner = object.underlying {
                self = try JSONValue(inner)
            } else {
                throw TemplateFunctionError("json: unsupported type: \(object.typeName)")
            }
        case .function: throw TemplateFunctionError("json: unsupported type: func")
        }
    }
}
