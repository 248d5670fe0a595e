/// A value that Go's side and ours can both build.
public indirect enum GoDatum: Sendable {
    case null
    case bool(Bool)
    case int(Int64)
    case float(Double)
    case string(String)
    case list([GoDatum])
    case strings([String])
    case map([(String, GoDatum)])
    case stringMap([(String, String)])
    /// A struct with fields and methods, written as JSON.
    case object(type: String, json: String)

    /// For `peer.go`: the type's name beside the value.
    public var json: String {
        switch self {
        case .null: tagged("nil", "null")
        case .bool(let value): tagged("bool", value ? "\"true\"" : "\"false\"")
        case .int(let value): tagged("int", "\"\(value)\"")
        case .float(let value): tagged("float", "\"\(value)\"")
        case .string(let text): tagged("string", GoDatum.quoted(text))
        case .list(let list):
            tagged("list", "[" + list.map(\.json).joined(separator: ",") + "]")
        case .strings(let list):
            tagged("strings", "[" + list.map(GoDatum.quoted).joined(separator: ",") + "]")
        case .map(let entries):
            tagged("map", GoDatum.object(entries.map { ($0, $1.json) }))
        case .stringMap(let entries):
            tagged("stringmap", GoDatum.object(entries.map { ($0, GoDatum.quoted($1)) }))
        case .object(let type, let json): tagged(type, json)
        }
    }

    private func tagged(_ type: String, _ value: String) -> String {
        "{\"t\":\"\(type)\",\"v\":\(value)}"
    }

    private static func object(_ entries: [(String, String)]) -> String {
        "{" + entries.map { quoted($0) + ":" + $1 }.joined(separator: ",") + "}"
    }

    /// A text in JSON.
    public static func quoted(_ text: String) -> String {
        var out = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case "\0"..."\u{1f}", "\u{7f}", "\u{2028}", "\u{2029}":
                let hex = String(scalar.value, radix: 16)
                out += "\\u" + String(repeating: "0", count: 4 - hex.utf8.count) + hex
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out + "\""
    }
}
