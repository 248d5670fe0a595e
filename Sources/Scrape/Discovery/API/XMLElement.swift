import Model

/// What is wrong with an XML text, and at which byte.
struct XMLError: Error, Hashable, CustomStringConvertible {
    let description: String
    let offset: Int
}

/// An element of an XML document as services answer with. A document type is an error, so that no entity is
/// expanded.
struct XMLElement: Sendable {
    /// How deep elements may be nested.
    static let maximumDepth = 100

    let name: String
    /// Its own text and that of its children is one; services have either.
    fileprivate(set) var text = ""
    fileprivate(set) var children: [XMLElement] = []
    /// Its attributes as they are written: references in them are not expanded.
    fileprivate(set) var attributes: [(name: String, value: String)] = []
    /// Where the document has what is between its tags.
    fileprivate(set) var inside = 0..<0

    /// The root of a document.
    static func parse(_ bytes: [UInt8]) throws(XMLError) -> XMLElement {
        var reader = XMLReader(bytes: bytes)
        return try reader.document()
    }

    /// Its name without a prefix of a name space.
    var localName: String {
        let parts = name.split(separator: ":", omittingEmptySubsequences: false)
        return parts.count == 2 && parts.allSatisfy { !$0.isEmpty } ? String(parts[1]) : name
    }

    /// The first child of that name.
    subscript(_ name: String) -> XMLElement? { children.first { $0.name == name } }

    /// The text of a child without white space around it; nil where there is none.
    func value(_ name: String) -> String? {
        self[name].map(\.text.trimmingWhitespace).flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The elements of a list, as Amazon writes one: `<NAME><item>…</item><item>…</item></NAME>`.
    func items(_ name: String) -> [XMLElement] {
        self[name]?.children.filter { $0.name == "item" } ?? []
    }
}

private struct XMLReader {
    let bytes: [UInt8]
    private var index = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func document() throws(XMLError) -> XMLElement {
        try skipMiscellany()
        let root = try element(depth: 0)
        try skipMiscellany()
        if index < bytes.count { throw error("unexpected text behind the document") }
        return root
    }

    private func error(_ description: String) -> XMLError {
        XMLError(description: description, offset: index)
    }

    /// The byte here, or some bytes on.
    private func byte(_ offset: Int = 0) -> UInt8? {
        index + offset < bytes.count ? bytes[index + offset] : nil
    }

    private func starts(_ text: String) -> Bool { bytes[index...].starts(with: text.utf8) }

    private mutating func skip(behind text: String) throws(XMLError) {
        let first = text.utf8.first
        while let byte = byte() {
            if byte == first, starts(text) {
                index += text.utf8.count
                return
            }
            index += 1
        }
        throw error("unexpected end, expected \(text)")
    }

    private mutating func skipSpace() {
        while let byte = byte(), [0x20, 0x09, 0x0a, 0x0d].contains(byte) { index += 1 }
    }

    /// What may stand in front of the root and behind it.
    private mutating func skipMiscellany() throws(XMLError) {
        if index == 0, starts("\u{feff}") { index += 3 }
        while true {
            skipSpace()
            if starts("<?") {
                try skip(behind: "?>")
            } else if starts("<!--") {
                try skip(behind: "-->")
            } else {
                return
            }
        }
    }

    private mutating func name() throws(XMLError) -> String {
        let start = index
        while let byte = byte(), !XMLReader.endsName(byte) { index += 1 }
        if index == start { throw error("expected a name") }
        return String(decoding: bytes[start..<index], as: UTF8.self)
    }

    private static func endsName(_ byte: UInt8) -> Bool {
        switch byte {
        case 0...0x20, UInt8(ascii: "/"), UInt8(ascii: ">"), UInt8(ascii: "="),
            UInt8(ascii: "<"), UInt8(ascii: "&"), UInt8(ascii: "\""), UInt8(ascii: "'"):
            true
        default: false
        }
    }

    private mutating func element(depth: Int) throws(XMLError) -> XMLElement {
        if depth > XMLElement.maximumDepth {
            throw error("deeper than \(XMLElement.maximumDepth) (XMLElement.maximumDepth)")
        }
        guard byte() == UInt8(ascii: "<") else { throw error("expected an element") }
        if byte(1) == UInt8(ascii: "!") { throw error("a document type is not read") }
        index += 1
        var element = XMLElement(name: try name())
        if try isEmptyTag(of: &element) { return element }
        let start = index
        while true {
            if byte() == UInt8(ascii: "<"), byte(1) == UInt8(ascii: "/") {
                element.inside = start..<index
                index += 2
                let name = try name()
                if name != element.name {
                    throw error("</\(name)> does not end <\(element.name)>")
                }
                try skip(behind: ">")
                return element
            }
            try content(of: &element, depth: depth)
        }
    }

    /// Reads the attributes of a tag; whether the tag has no content.
    private mutating func isEmptyTag(of element: inout XMLElement) throws(XMLError) -> Bool {
        while true {
            skipSpace()
            switch byte() {
            case UInt8(ascii: ">"):
                index += 1
                return false
            case UInt8(ascii: "/"):
                try skip(behind: ">")
                return true
            case nil: throw error("unexpected end in a tag")
            default: element.attributes.append(try attribute())
            }
        }
    }

    private mutating func attribute() throws(XMLError) -> (name: String, value: String) {
        let name = try name()
        skipSpace()
        guard byte() == UInt8(ascii: "=") else { throw error("expected = behind \(name)") }
        index += 1
        skipSpace()
        guard let quote = byte(), [UInt8(ascii: "\""), UInt8(ascii: "'")].contains(quote) else {
            throw error("expected the value of \(name) in quotation marks")
        }
        index += 1
        let start = index
        try skip(behind: quote == UInt8(ascii: "'") ? "'" : "\"")
        return (name, String(decoding: bytes[start..<(index - 1)], as: UTF8.self))
    }

    private mutating func content(of element: inout XMLElement, depth: Int) throws(XMLError) {
        switch byte() {
        case nil: throw error("unexpected end in <\(element.name)>")
        case UInt8(ascii: "&"): element.text.unicodeScalars.append(try reference())
        case UInt8(ascii: "<") where starts("<!--"): try skip(behind: "-->")
        case UInt8(ascii: "<") where starts("<![CDATA["):
            let start = index + 9
            try skip(behind: "]]>")
            element.text += String(decoding: bytes[start..<(index - 3)], as: UTF8.self)
        case UInt8(ascii: "<") where byte(1) == UInt8(ascii: "?"): try skip(behind: "?>")
        case UInt8(ascii: "<"): element.children.append(try self.element(depth: depth + 1))
        default:
            let start = index
            while let byte = byte(), byte != UInt8(ascii: "<"), byte != UInt8(ascii: "&") {
                index += 1
            }
            element.text += String(decoding: bytes[start..<index], as: UTF8.self)
        }
    }

    private mutating func reference() throws(XMLError) -> Unicode.Scalar {
        let start = index + 1
        try skip(behind: ";")
        let name = String(decoding: bytes[start..<(index - 1)], as: UTF8.self)
        let known: [String: Unicode.Scalar] = [
            "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'",
        ]
        if let scalar = known[name] { return scalar }
        let number =
            name.hasPrefix("#x")
            ? UInt32(name.dropFirst(2), radix: 16)
            : name.hasPrefix("#") ? UInt32(name.dropFirst()) : nil
        guard let scalar = number.flatMap(Unicode.Scalar.init) else {
            throw error("unknown reference")
        }
        return scalar
    }
}
