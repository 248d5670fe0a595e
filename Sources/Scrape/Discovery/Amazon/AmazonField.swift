import Model

/// A label whose value stands in a field of what Amazon describes in XML.
struct AmazonField: Sendable {
    let label: String
    /// The field, and those that it is in.
    let path: [String]
    /// It is a time, which is shown without fractions of a second.
    let isTime: Bool

    /// Lines of a label, its field as `Outer/Inner`, and `time` where it is one.
    static func table(_ text: String) -> [AmazonField] {
        text.split(separator: "\n").map { line in
            let words = line.split(separator: " ").map(String.init)
            return AmazonField(
                label: words[0], path: words[1].split(separator: "/").map(String.init),
                isTime: words.count > 2)
        }
    }

    /// The value in an element; nil where there is none.
    func value(in element: XMLElement) -> String? {
        let place = path.dropLast().reduce(Optional(element)) { $0?[$1] }
        guard let name = path.last, let text = place?.value(name) else { return nil }
        guard isTime, let time = Timestamp(rfc3339: text) else { return text }
        return time.description.prefix(19) + "Z"
    }
}

extension XMLElement {
    /// The labels of fields that have a value.
    func labels(_ prefix: String, _ fields: [AmazonField]) -> [Label] {
        fields.compactMap { field in
            field.value(in: self).map { Label(prefix + field.label, $0) }
        }
    }

    /// The elements of a list, whatever they are called.
    func members(_ name: String) -> [XMLElement] { self[name]?.children ?? [] }

    /// The texts of such a list.
    func texts(_ name: String) -> [String] { members(name).map(\.text.trimmingWhitespace) }

    /// The tags of a resource in a list.
    func tags(_ name: String) -> [(name: String, value: String)] {
        members(name).map { (name: $0.value("Key") ?? "", value: $0.value("Value") ?? "") }
    }
}
