import Foundation
import Model

/// A text as it was sent, which may be no UTF-8.
struct WireText {
    let text: String
    let isValid: Bool

    init<Bytes: Sequence<UInt8>>(_ bytes: Bytes) {
        if let text = String(validating: bytes, as: UTF8.self) {
            self.text = text
            isValid = true
        } else {
            text = String(decoding: Array(bytes), as: UTF8.self)
            isValid = false
        }
    }
}

/// A label as it was sent.
struct WireLabel {
    let name: WireText
    let value: WireText

    /// Whether it could be stored: a name is any text but none.
    var isValid: Bool {
        name.isValid && value.isValid && !name.text.isEmpty
            && !(name.text == Labels.name && value.text.isEmpty)
    }

    var label: Label { Label(name.text, value.text) }
}

/// The texts of a request of 2.0. Each is made when it is first used: a table of very many costs little.
struct SymbolTable {
    private let message: [UInt8]
    private var places: [(start: UInt32, end: UInt32)] = []
    private var made: [UInt32: WireText] = [:]

    /// The table of a message, empty at first.
    init(_ message: [UInt8]) { self.message = message }

    var count: Int { places.count }

    mutating func append(_ place: Range<Int>) {
        places.append(
            (UInt32(clamping: place.lowerBound), UInt32(clamping: place.upperBound)))
    }

    /// How many bytes the texts of references have together. Each counts as one at least.
    func size(_ references: [UInt32]) -> Int {
        references.reduce(0) { size, reference in
            guard Int(reference) < places.count else { return size }
            let place = places[Int(reference)]
            return size + max(1, Int(place.end - place.start))
        }
    }

    /// The text of a reference; nil where it is outside.
    mutating func text(_ reference: UInt32) -> WireText? {
        if let known = made[reference] { return known }
        guard Int(reference) < places.count else { return nil }
        let place = places[Int(reference)]
        let text = WireText(message[Int(place.start)..<Int(place.end)])
        made[reference] = text
        return text
    }

    /// The labels of pairs of references; throws, in Prometheus's words, where there are none.
    mutating func labels(_ references: [UInt32]) throws(SymbolError) -> [WireLabel] {
        if !references.count.isMultiple(of: 2) {
            throw SymbolError(text: "invalid labelRefs length \(references.count)")
        }
        var labels: [WireLabel] = []
        for index in stride(from: 0, to: references.count, by: 2) {
            guard let name = text(references[index]), let value = text(references[index + 1]) else {
                throw SymbolError(
                    text: "labelRefs \(references[index]) (name) = \(references[index + 1]) "
                        + "(value) outside of symbols table (size \(count))")
            }
            labels.append(WireLabel(name: name, value: value))
        }
        return labels
    }

    /// The text of a reference that a series' metadata has.
    mutating func text(_ reference: UInt32, of field: String) throws(SymbolError) -> String {
        if let text = text(reference) { return text.text }
        throw SymbolError(
            text: "metadata \(field) \(reference) outside of symbols table (size \(count))")
    }

    /// References as Go prints them; not all of very many.
    static func shown(_ references: [UInt32]) -> String {
        let most = 20
        let more = references.count > most ? " …" : ""
        return "[" + references.prefix(most).map { "\($0)" }.joined(separator: " ") + more + "]"
    }
}

/// A reference to a symbol that there is not.
struct SymbolError: Error {
    let text: String
}
