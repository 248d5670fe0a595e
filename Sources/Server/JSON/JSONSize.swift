import Model
import PromQL

/// How many bytes answers are at most, for the memory that is reserved for them.
enum JSONSize {
    /// What stands around everything, statistics included.
    static let envelope = 4096
    /// `[time, "value"],` at its longest, but for numbers that are written with hundreds of digits.
    static let point = 64
    /// `{"metric":…,"values":…},`
    static let series = 64
    /// A histogram without its buckets, and one of these.
    static let histogram = 256
    static let bucket = 128

    static func of(_ value: QueryValue) -> Int {
        switch value {
        case .scalar: envelope
        case .string(_, let text): envelope + of(text)
        case .vector(let samples):
            samples.reduce(envelope) { $0 + series + of($1.labels) + of($1.value, $1.histogram) }
        case .matrix(let list):
            list.reduce(envelope) { sum, one in
                one.points.reduce(sum + series + of(one.labels)) {
                    $0 + of($1.value, $1.histogram)
                }
            }
        }
    }

    /// A label set as an object.
    static func of(_ labels: Labels) -> Int {
        labels.sorted.reduce(2) { $0 + of($1.name) + of($1.value) + 2 }
    }

    /// A text in quotes: what is escaped becomes six bytes at most.
    static func of(_ text: String) -> Int {
        text.utf8.reduce(2) { size, byte in
            switch byte {
            case ..<0x20, 0x22, 0x26, 0x3c, 0x3e, 0x5c, 0xe2: size + 6
            default: size + 1
            }
        }
    }

    private static func of(_ value: Double, _ histogram: FloatHistogram?) -> Int {
        guard let histogram else {
            let digits = value.magnitude >= 1e15 && value.magnitude < 1e21 ? 32 : 0
            return point + digits
        }
        let buckets = histogram.positiveBuckets.count + histogram.negativeBuckets.count + 1
        return point + self.histogram + buckets * bucket
    }
}
