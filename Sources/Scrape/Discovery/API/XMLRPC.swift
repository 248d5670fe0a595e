import Model

/// What is wrong with an answer by XML-RPC.
struct XMLRPCError: Error, Hashable, CustomStringConvertible {
    let description: String
}

/// A value of XML-RPC. Types that no caller asks for are kept by name.
indirect enum XMLRPCValue: Sendable {
    case int(Int)
    case bool(Bool)
    case string(String)
    case array([XMLRPCValue])
    case object([(name: String, value: XMLRPCValue)])
    case other(String)

    var text: String {
        get throws(XMLRPCError) {
            guard case .string(let text) = self else { throw mismatch("a string") }
            return text
        }
    }

    var elements: [XMLRPCValue] {
        get throws(XMLRPCError) {
            guard case .array(let elements) = self else { throw mismatch("an array") }
            return elements
        }
    }

    /// A member of a structure; nil where it is missing or empty.
    func member(_ name: String) throws(XMLRPCError) -> XMLRPCValue? {
        guard case .object(let members) = self else { throw mismatch("a struct") }
        return members.last { $0.name == name }.flatMap { $0.value.isEmpty ? nil : $0.value }
    }

    func string(_ name: String) throws(XMLRPCError) -> String {
        guard let value = try member(name) else { return "" }
        guard case .string(let text) = value else { throw value.mismatch("a string", name) }
        return text
    }

    func int(_ name: String) throws(XMLRPCError) -> Int {
        guard let value = try member(name) else { return 0 }
        guard case .int(let number) = value else { throw value.mismatch("an int", name) }
        return number
    }

    func bool(_ name: String) throws(XMLRPCError) -> Bool {
        guard let value = try member(name) else { return false }
        guard case .bool(let flag) = value else { throw value.mismatch("a boolean", name) }
        return flag
    }

    /// `<value/>` is nothing for every type.
    private var isEmpty: Bool { if case .string("") = self { true } else { false } }

    private func mismatch(_ expected: String, _ name: String = "") -> XMLRPCError {
        let found =
            switch self {
            case .int: "int"
            case .bool: "boolean"
            case .string: "string"
            case .array: "array"
            case .object: "struct"
            case .other(let name): name
            }
        let place = name.isEmpty ? "" : "\(name): "
        return XMLRPCError(description: "\(place)expected \(expected), found \(found)")
    }
}

/// Calls and their answers.
enum XMLRPC {
    static func call(_ method: String, _ parameters: [XMLRPCValue]) -> [UInt8] {
        let values = parameters.map { "<param>\(text($0))</param>" }.joined()
        return Array(
            ("<?xml version=\"1.0\" encoding=\"UTF-8\"?><methodCall><methodName>\(method)"
                + "</methodName><params>\(values)</params></methodCall>").utf8)
    }

    private static func text(_ value: XMLRPCValue) -> String {
        let inside =
            switch value {
            case .int(let number): "<int>\(number)</int>"
            case .bool(let flag): "<boolean>\(flag ? 1 : 0)</boolean>"
            case .string(let text): "<string>\(escaped(text))</string>"
            case .array(let elements):
                "<array><data>\(elements.map(text).joined())</data></array>"
            case .object(let members):
                "<struct>"
                    + members.map {
                        "<member><name>\(escaped($0.name))</name>\(text($0.value))</member>"
                    }.joined() + "</struct>"
            case .other(let name): "<\(name)/>"
            }
        return "<value>\(inside)</value>"
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
            .replacing(">", with: "&gt;").replacing("\r", with: "&#xD;")
    }

    /// What a method returned; a fault is an error.
    static func result(_ answer: XMLElement) throws(XMLRPCError) -> XMLRPCValue {
        if let fault = answer["fault"] {
            let value = try value(fault["value"])
            let text = try value.string("faultString")
            throw XMLRPCError(description: "fault \(try value.int("faultCode")): \(text)")
        }
        return try value(answer["params"]?["param"]?["value"])
    }

    private static func value(_ element: XMLElement?) throws(XMLRPCError) -> XMLRPCValue {
        guard let element else { throw XMLRPCError(description: "the answer has no value") }
        guard let typed = element.children.first else {
            return .string(element.text.trimmingWhitespace)
        }
        switch typed.name {
        case "int", "i4", "i8":
            if typed.text.isEmpty { return .int(0) }
            guard let number = Int(typed.text) else {
                throw XMLRPCError(description: "\(typed.text.goQuoted) is no whole number")
            }
            return .int(number)
        case "boolean": return .bool(try bool(typed.text))
        case "string", "base64": return .string(typed.text)
        case "array":
            return .array(
                try (typed["data"]?.children ?? []).map { (child) throws(XMLRPCError) in
                    try value(child)
                })
        case "struct":
            return .object(
                try typed.children.map { (member) throws(XMLRPCError) in
                    (member["name"]?.text ?? "", try value(member["value"]))
                })
        default: return .other(typed.name)
        }
    }

    private static func bool(_ text: String) throws(XMLRPCError) -> Bool {
        switch text {
        case "1", "true": true
        case "0", "false", "": false
        default: throw XMLRPCError(description: "\(text.goQuoted) is no boolean")
        }
    }
}
