import Foundation
import Model

/// What a template computes with.
public enum TemplateValue: Sendable {
    /// Nothing: Go's nil, and the value of what does not exist.
    case null
    /// A truth value.
    case bool(Bool)
    /// Go's int.
    case int(Int64)
    /// Go's float64.
    case float(Double)
    /// Go's complex128.
    case complex(Double, Double)
    /// A text.
    case string(String)
    /// A text that HTML escaping leaves alone where it fits: Go's `template.HTML`, `template.URL`.
    case safe(SafeText)
    /// Go's slice.
    case list(TemplateList)
    /// A map with strings as keys.
    indirect case map(TemplateMap)
    /// A value with fields and methods.
    case object(any TemplateObject)
    /// A function, to be called with `call`.
    case function(TemplateFunction)

    /// A slice of `interface{}`.
    public static func list(_ elements: [TemplateValue]) -> TemplateValue {
        .list(TemplateList(elements))
    }

    /// A slice of strings.
    public static func strings(_ texts: [String]) -> TemplateValue {
        .list(TemplateList(texts.map { .string($0) }, typeName: "[]string"))
    }

    /// Go's `[]byte`, whose elements are numbers.
    static func bytes(_ bytes: [UInt8]) -> TemplateValue {
        .list(TemplateList(bytes.map { .int(Int64($0)) }, typeName: TemplateList.bytesType))
    }

    /// A `map[string]string`, where a missing key is "".
    public static func stringMap(_ pairs: [(key: String, value: String)]) -> TemplateValue {
        .map(TemplateMap(strings: pairs))
    }

    /// A `map[string]string` of labels.
    public static func labels(_ labels: Labels) -> TemplateValue {
        .map(TemplateMap(strings: labels.sorted.map { ($0.name, $0.value) }))
    }

    /// The name of its type in Go.
    public var typeName: String {
        switch self {
        case .null: "<nil>"
        case .bool: "bool"
        case .int: "int"
        case .float: "float64"
        case .complex: "complex128"
        case .string: "string"
        case .safe(let text): text.kind.rawValue
        case .list(let list): list.typeName
        case .map(let map): map.typeName
        case .object(let object): object.typeName
        case .function: "func"
        }
    }

    /// The list, map or other plain value that stands beneath an object; anything else is itself.
    var underlying: TemplateValue {
        if case .object(let object) = self { object.underlying ?? self } else { self }
    }

    var isNull: Bool { if case .null = self { true } else { false } }

    /// How many lists and maps stand within one another in it.
    var height: Int {
        switch self {
        case .list(let list): list.height
        case .map(let map): map.height
        default: 0
        }
    }

    /// The text of a string of any type.
    var text: String? {
        switch self {
        case .string(let text): text
        case .safe(let safe): safe.text
        default: nil
        }
    }

    /// Whether `if` takes it as true: not false, 0, nil or empty.
    public var isTrue: Bool {
        switch underlying {
        case .null: false
        case .bool(let value): value
        case .int(let value): value != 0
        case .float(let value): value != 0
        case .complex(let real, let imaginary): real != 0 || imaginary != 0
        case .string(let text): !text.isEmpty
        case .safe(let safe): !safe.text.isEmpty
        case .list(let list): !list.elements.isEmpty
        case .map(let map): !map.entries.isEmpty
        case .object, .function: true
        }
    }
}

/// A text that its author vouches for in one place of an HTML document.
public struct SafeText: Sendable, Hashable {
    /// Where it is safe; the name is that of Go's type.
    public enum Kind: String, Sendable, Hashable {
        /// A piece of HTML.
        case html = "template.HTML"
        /// A URL.
        case url = "template.URL"
    }

    public var text: String
    /// Where it is safe.
    public var kind: Kind

    public init(_ text: String, _ kind: Kind) {
        self.text = text
        self.kind = kind
    }
}

/// Go's slice.
public struct TemplateList: Sendable {
    public let elements: [TemplateValue]
    /// Its type in Go, e.g. `[]string`.
    public let typeName: String
    let height: Int

    public init(_ elements: [TemplateValue], typeName: String = "[]interface {}") {
        self.elements = elements
        self.typeName = typeName
        height = 1 + elements.reduce(0) { max($0, $1.height) }
    }

    static let bytesType = "[]uint8"

    /// The bytes of Go's `[]byte`; nil for other slices.
    public var bytes: [UInt8]? {
        if typeName != TemplateList.bytesType { return nil }
        return elements.map { element in
            if case .int(let byte) = element { UInt8(truncatingIfNeeded: byte) } else { 0 }
        }
    }

    /// How Go writes a `[]byte` in JSON; nil for other slices.
    public var base64: String? { bytes.map { Data($0).base64EncodedString() } }
}

/// A map with strings as keys, in the order of their bytes, as Go's templates visit it.
public struct TemplateMap: Sendable {
    /// Keys and values in the order of the keys' bytes; no key twice.
    public let entries: [(key: String, value: TemplateValue)]
    /// What a missing key stands for under `missingkey=zero` and in `index`.
    public let zero: TemplateValue
    /// Its type in Go.
    public let typeName: String
    let height: Int

    /// A map; of equal keys the last one counts.
    public init(
        _ entries: [(key: String, value: TemplateValue)], zero: TemplateValue = .null,
        typeName: String = "map[string]interface {}"
    ) {
        var list: [(key: String, value: TemplateValue)] = []
        let ordered = entries.enumerated().sorted {
            let order = $0.element.key.byteOrder($1.element.key)
            return order == 0 ? $0.offset < $1.offset : order < 0
        }
        for (_, entry) in ordered {
            if let last = list.last, last.key.bytesEqual(entry.key) { list.removeLast() }
            list.append(entry)
        }
        self.entries = list
        self.zero = zero
        self.typeName = typeName
        height = 1 + list.reduce(0) { max($0, $1.value.height) }
    }

    /// A `map[string]string`.
    public init(
        strings: [(key: String, value: String)], typeName: String = "map[string]string"
    ) {
        self.init(
            strings.map { ($0.key, .string($0.value)) }, zero: .string(""), typeName: typeName)
    }

    /// The value of `key`, or nil.
    public subscript(key: String) -> TemplateValue? {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            let order = entries[middle].key.byteOrder(key)
            if order == 0 { return entries[middle].value }
            if order < 0 { low = middle + 1 } else { high = middle }
        }
        return nil
    }
}

/// A value with fields and methods: a Go struct, or a named type with methods.
public protocol TemplateObject: Sendable {
    /// The type's name as Go prints it, e.g. `template.Alert`.
    var typeName: String { get }
    /// The value of a field, or nil where the type has no such field.
    func field(_ name: String) -> TemplateValue?
    /// A method bound to the value, or nil where the type has no such method.
    func method(_ name: String) -> TemplateFunction?
    /// For a named list, map or text: that; nil for a struct.
    var underlying: TemplateValue? { get }
    /// What the value's `String` method gives, where its type has one.
    var formatted: String? { get }
    /// A struct's fields in order, as `%v` prints them.
    var fields: [(name: String, value: TemplateValue)] { get }
}

extension TemplateObject {
    public func method(_ name: String) -> TemplateFunction? { nil }
    public var underlying: TemplateValue? { nil }
    public var formatted: String? { nil }
    public var fields: [(name: String, value: TemplateValue)] { [] }
    public func field(_ name: String) -> TemplateValue? {
        fields.first { $0.name == name }?.value
    }
}
