import Model

/// Fields of JSON objects as Go reads them into its types: what is missing or `null` is zero, another
/// type is an error.
extension JSONNode {
    /// The value of a field; nil where it is missing or `null`.
    func field(_ name: String) throws(JSONError) -> JSONNode? {
        if isNull { return nil }
        guard case .object(let members) = content else { throw mismatch("an object") }
        let found =
            members.last { $0.name == name }
            ?? members.last { JSONNode.folded($0.name) == JSONNode.folded(name) }
        return found.flatMap { $0.value.isNull ? nil : $0.value }
    }

    func string(_ name: String) throws(JSONError) -> String {
        try field(name)?.text(name) ?? ""
    }

    /// The text; nil where it is missing or `null`.
    func optionalString(_ name: String) throws(JSONError) -> String? {
        try field(name)?.text(name)
    }

    func int(_ name: String) throws(JSONError) -> Int { try field(name)?.int(of: name) ?? 0 }

    /// A port or another number of Go's `uint32`.
    func uint32(_ name: String) throws(JSONError) -> Int {
        try field(name)?.uint32(of: name) ?? 0
    }

    func uint32s(_ name: String) throws(JSONError) -> [Int] {
        try list(name).map { (node) throws(JSONError) in
            node.isNull ? 0 : try node.uint32(of: name)
        }
    }

    func double(_ name: String) throws(JSONError) -> Double {
        guard let node = try field(name) else { return 0 }
        guard case .number(let text) = node.content, let value = Double(text) else {
            throw node.mismatch("a number", name)
        }
        return value
    }

    /// A number that is written as a text, because not every reader has whole numbers of 64 bits.
    func quotedNumber(_ name: String) throws(JSONError) -> UInt64 {
        guard let node = try field(name) else { return 0 }
        guard let value = UInt64(try node.text(name)) else {
            throw node.mismatch("a whole number as a string", name)
        }
        return value
    }

    /// A text that some versions of an API write as a whole number.
    func textOrNumber(_ name: String) throws(JSONError) -> String {
        guard let node = try field(name) else { return "" }
        if case .number = node.content { return "\(try int(name))" }
        return try node.text(name)
    }

    func bool(_ name: String) throws(JSONError) -> Bool {
        guard let node = try field(name) else { return false }
        guard case .bool(let value) = node.content else { throw node.mismatch("a bool", name) }
        return value
    }

    /// An object; an empty one where it is missing or `null`.
    func object(_ name: String) throws(JSONError) -> JSONNode {
        var empty = self
        empty.content = .object([])
        return try field(name) ?? empty
    }

    func list(_ name: String) throws(JSONError) -> [JSONNode] {
        try field(name)?.elements(name) ?? []
    }

    func strings(_ name: String) throws(JSONError) -> [String] {
        try field(name)?.texts(name) ?? []
    }

    /// The members of an object that is a map.
    func map(_ name: String) throws(JSONError) -> [Member] {
        try field(name)?.members(name) ?? []
    }

    /// The members of an object of texts.
    func textMap(_ name: String) throws(JSONError) -> [(name: String, value: String)] {
        try map(name).map { (member) throws(JSONError) in
            (member.name, try member.value.text(member.name))
        }
    }

    /// The elements of a list.
    func elements(_ name: String = "") throws(JSONError) -> [JSONNode] {
        switch content {
        case .null: return []
        case .array(let elements): return elements
        default: throw mismatch("a list", name)
        }
    }

    /// The members of an object.
    func members(_ name: String = "") throws(JSONError) -> [Member] {
        switch content {
        case .null: return []
        case .object(let members): return members
        default: throw mismatch("an object", name)
        }
    }

    /// The elements of a list of texts.
    func texts(_ name: String = "") throws(JSONError) -> [String] {
        try elements(name).map { (node) throws(JSONError) in try node.text(name) }
    }

    private func int(of name: String) throws(JSONError) -> Int {
        guard case .number(let text) = content, let value = Int(text) else {
            throw mismatch("a whole number", name)
        }
        return value
    }

    private func uint32(of name: String) throws(JSONError) -> Int {
        let value = try int(of: name)
        if UInt32(exactly: value) == nil {
            throw JSONError("\(name): \(value) is no number from 0 to 4294967295", at: offset)
        }
        return value
    }

    private func text(_ name: String) throws(JSONError) -> String {
        switch content {
        case .null: return ""
        case .string(let text): return text
        default: throw mismatch("a string", name)
        }
    }

    private func mismatch(_ expected: String, _ name: String = "") -> JSONError {
        let field = name.isEmpty ? "" : "\(name): "
        return JSONError("\(field)expected \(expected), found \(kindName)", at: offset)
    }
}

extension String {
    /// As a string of JSON.
    var jsonQuoted: String {
        var out = "\""
        for scalar in unicodeScalars {
            switch scalar {
            case "\"", "\\": out += "\\\(scalar)"
            case "\u{0}"..<" ":
                let digits = String(scalar.value, radix: 16)
                out += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out + "\""
    }
}
