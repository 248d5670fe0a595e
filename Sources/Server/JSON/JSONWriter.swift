import Model

/// Writes JSON as Go's encoder does: the same escapes (HTML's characters too), no spaces, keys in the
/// order they are written.
public struct JSONWriter {
    /// What has been written.
    public private(set) var bytes: [UInt8] = []
    private var needsComma = false

    /// An empty document.
    public init() {}

    /// `{…}`
    public mutating func object(_ body: (inout JSONWriter) throws -> Void) rethrows {
        try nested(UInt8(ascii: "{"), UInt8(ascii: "}"), body)
    }

    /// `[…]`
    public mutating func array(_ body: (inout JSONWriter) throws -> Void) rethrows {
        try nested(UInt8(ascii: "["), UInt8(ascii: "]"), body)
    }

    /// `"name":`; a value must follow.
    public mutating func key(_ name: String) {
        separate()
        quoted(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// A string.
    public mutating func string(_ text: String) {
        separate()
        quoted(text)
    }

    /// A whole number.
    public mutating func integer(_ number: some BinaryInteger) { raw(String(number)) }

    /// `true` or `false`.
    public mutating func bool(_ flag: Bool) { raw(flag ? "true" : "false") }

    /// A finite number as Go's encoder writes a float; 0 in place of what JSON cannot hold.
    public mutating func double(_ number: Double) {
        separate()
        if number.isFinite {
            bytes.append(contentsOf: JSONWriter.number(number, shortensExponent: true))
        } else {
            bytes.append(UInt8(ascii: "0"))
        }
    }

    /// A sample's value, a number in quotes: with an exponent below a millionth and from 1e21 on.
    ///
    /// What range queries answer is mostly this: the usual numbers are written without a detour.
    public mutating func sampleValue(_ number: Double) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        let size = number.magnitude
        if let whole = Int64(exactly: number), whole.magnitude < 1 << 53, whole != 0 {
            if whole < 0 { bytes.append(UInt8(ascii: "-")) }
            decimal(whole.magnitude)
        } else if size >= 1e-3, size < 1e15 {
            // Swift's digits are the shortest too, and below 2^53 without an exponent.
            bytes.append(contentsOf: number.description.utf8)
        } else {
            bytes.append(contentsOf: JSONWriter.number(number, shortensExponent: false))
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// A moment as the API writes it: seconds, with three decimals where they are not zero.
    public mutating func moment(_ time: Timestamp) {
        separate()
        if time.milliseconds < 0 { bytes.append(UInt8(ascii: "-")) }
        let (seconds, fraction) = time.milliseconds.magnitude.quotientAndRemainder(
            dividingBy: 1000)
        decimal(seconds)
        if fraction == 0 { return }
        bytes.append(UInt8(ascii: "."))
        if fraction < 100 { bytes.append(UInt8(ascii: "0")) }
        if fraction < 10 { bytes.append(UInt8(ascii: "0")) }
        decimal(fraction)
    }

    private mutating func decimal(_ number: UInt64) {
        let start = bytes.count
        var rest = number
        repeat {
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: digit))
            rest = quotient
        } while rest > 0
        bytes[start...].reverse()
    }

    private static func number(_ number: Double, shortensExponent: Bool) -> [UInt8] {
        let size = number.magnitude
        if !number.isFinite || size == 0 || (size >= 1e-6 && size < 1e21) {
            return Array(GoFloat.fixed(number).utf8)
        }
        var text = Array(GoFloat.general(number).utf8)
        let count = text.count
        // 1e-07 is 1e-7 in a JSON number.
        if shortensExponent, count >= 4, text[count - 4] == UInt8(ascii: "e"),
            text[count - 3] == UInt8(ascii: "-"), text[count - 2] == UInt8(ascii: "0")
        {
            text.remove(at: count - 2)
        }
        return text
    }

    /// `null`
    public mutating func null() { raw("null") }

    /// Text that is JSON already.
    public mutating func raw(_ text: String) {
        separate()
        bytes.append(contentsOf: text.utf8)
    }

    /// `"name":"text"`
    public mutating func member(_ name: String, _ text: String) {
        key(name)
        string(text)
    }

    /// A label set as an object.
    public mutating func labels(_ labels: Labels) {
        object { json in
            for label in labels.sorted { json.member(label.name, label.value) }
        }
    }

    /// A list of strings.
    public mutating func strings(_ list: some Sequence<String>) {
        array { json in
            for text in list { json.string(text) }
        }
    }

    private mutating func nested(
        _ open: UInt8, _ close: UInt8, _ body: (inout JSONWriter) throws -> Void
    ) rethrows {
        separate()
        bytes.append(open)
        needsComma = false
        try body(&self)
        bytes.append(close)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
    }

    private mutating func quoted(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        // Most texts are plain: they are taken as they are.
        if text.utf8.allSatisfy({ JSONWriter.isPlain($0) }) {
            bytes.append(contentsOf: text.utf8)
        } else {
            escaped(text)
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// Whether the byte stands for itself wherever it is.
    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "<"), UInt8(ascii: ">"),
            UInt8(ascii: "&"):
            false
        // A line separator begins with 0xe2.
        default: byte >= 0x20 && byte != 0xe2
        }
    }

    private mutating func escaped(_ text: String) {
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": bytes.append(contentsOf: #"\""#.utf8)
            case "\\": bytes.append(contentsOf: #"\\"#.utf8)
            case "\n": bytes.append(contentsOf: #"\n"#.utf8)
            case "\r": bytes.append(contentsOf: #"\r"#.utf8)
            case "\t": bytes.append(contentsOf: #"\t"#.utf8)
            case "\u{08}": bytes.append(contentsOf: #"\b"#.utf8)
            case "\u{0c}": bytes.append(contentsOf: #"\f"#.utf8)
            case "<", ">", "&", "\u{2028}", "\u{2029}": unicodeEscape(scalar)
            default:
                if scalar.value < 0x20 {
                    unicodeEscape(scalar)
                } else if scalar.isASCII {
                    bytes.append(UInt8(truncatingIfNeeded: scalar.value))
                } else {
                    bytes.append(contentsOf: UTF8.encode(scalar).map(Array.init) ?? [])
                }
            }
        }
    }

    private mutating func unicodeEscape(_ scalar: Unicode.Scalar) {
        let digits = String(scalar.value, radix: 16)
        bytes.append(contentsOf: #"\u"#.utf8)
        bytes.append(contentsOf: String(repeating: "0", count: 4 - digits.count).utf8)
        bytes.append(contentsOf: digits.utf8)
    }
}
