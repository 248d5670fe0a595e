import Model
import PromQL

/// The parameters of a request, from its URL and, of a POST, from its form.
struct Parameters: Sendable {
    private var pairs: [(name: String, value: String)]
    /// What a form takes, as long as anybody has its parameters.
    private let memory: MemoryReservation?

    /// How many parameters are read; more are an error.
    static let maximumCount = 10_000

    init(
        query: String, form: String = "", _ memory: MemoryReservation? = nil
    ) throws(APIError) {
        self.memory = memory
        pairs = []
        // A form's values come first, as in Go's `Request.Form`.
        for part in [form, query] {
            for pair in part.utf8.split(separator: UInt8(ascii: "&")) {
                if pairs.count == Parameters.maximumCount {
                    throw APIError(.badData, "more parameters than the limit maximumCount allows")
                }
                let halves = pair.split(
                    separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
                guard let name = Parameters.decode(halves[0]),
                    let value = halves.count > 1 ? Parameters.decode(halves[1]) : ""
                else { throw APIError(.badData, "error parsing form values: invalid URL escape") }
                pairs.append((name, value))
            }
        }
    }

    subscript(name: String) -> String? { pairs.first { $0.name == name }?.value }

    /// Every value of a parameter that may repeat.
    func all(_ name: String) -> [String] { pairs.filter { $0.name == name }.map(\.value) }

    private static func decode(_ text: Substring.UTF8View) -> String? {
        var out: [UInt8] = []
        var rest = text[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"): out.append(0x20)
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst().flatMap(hexDigit),
                    let low = rest.popFirst().flatMap(hexDigit)
                else { return nil }
                out.append(high << 4 | low)
            default: out.append(byte)
            }
        }
        return String(decoding: out, as: UTF8.self)
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }
}
