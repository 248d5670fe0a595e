import Model

/// What tells a line of an exposition from the others of its target, without its bytes.
struct LineKey: Hashable, Sendable {
    /// Of the bytes, under the process's secret key.
    var hash: UInt64
    /// How many bytes they are; so many or more where it is the greatest number.
    var length: UInt32
}

/// A keyed hash, so that no exporter can make lines that collide: the key is random in every process.
///
/// It is universal hashing, whose bounds hold for any input that is chosen without the key. A block of up
/// to 256 bytes goes through NH with words of 64 bits (Black, Halevi, Krawczyk, Krovetz and Rogaway, "UMAC:
/// Fast and Secure Message Authentication", 1999). Its 128 bits and the length go through
/// multiply-add-shift (Dietzfelbinger, "Universal hashing and k-wise independent random variables via
/// integer arithmetic without primes", 1996). Longer texts, and texts of several parts, are polynomials
/// over the field of 2⁶¹ - 1 whose coefficients are such hashes (Carter and Wegman, 1979).
///
/// Two different texts of up to 256 bytes have one hash with a probability of 2⁻⁶³ at most, others of
/// n · 2⁻⁵⁹, where n counts their blocks and parts. That any two of 10,000 lines are taken for each other
/// has a probability of 5 · 10⁻¹².
///
/// The standard library's `Hasher` would take more time than all the rest of reading a known line.
struct LineHash: Sendable {
    /// The process's own.
    static let shared = LineHash()

    private static let blockLength = 256
    private static let prime: UInt64 = 1 << 61 - 1

    /// A word for every word of a block.
    private let words: [UInt64]
    private let low: UInt128
    private let high: UInt128
    private let length: UInt128
    private let sum: UInt128
    /// Where the polynomial of a long text's blocks is evaluated, and that of the parts of a text.
    private let blocksPoint: UInt64
    private let partsPoint: UInt64

    private init() {
        var random = SystemRandomNumberGenerator()
        words = (0..<LineHash.blockLength / 8).map { _ in random.next() }
        low = .random(in: 0 ... .max, using: &random)
        high = .random(in: 0 ... .max, using: &random)
        length = .random(in: 0 ... .max, using: &random)
        sum = .random(in: 0 ... .max, using: &random)
        blocksPoint = .random(in: 0..<LineHash.prime, using: &random)
        partsPoint = .random(in: 0..<LineHash.prime, using: &random)
    }

    /// The key of the bytes from `start`; they must be there.
    @inline(__always)
    func key(_ bytes: Span<UInt8>, _ start: Int, _ length: Int) -> LineKey {
        LineKey(hash: hash(bytes, start, length), length: UInt32(clamping: length))
    }

    /// The key of a text.
    func key(_ text: String) -> LineKey {
        let bytes = text.utf8Span.span
        return key(bytes, 0, bytes.count)
    }

    /// The hash of `length` bytes from `start`; they must be there, which is checked.
    @inline(__always)
    func hash(_ bytes: Span<UInt8>, _ start: Int, _ length: Int) -> UInt64 {
        precondition(start >= 0 && length >= 0 && length <= bytes.count - start)
        // A byte has no padding.
        let raw = unsafe bytes.bytes
        return length <= LineHash.blockLength
            ? block(raw, start, length) : blocks(raw, start, length)
    }

    /// The hash of a text's parts so far, with one more.
    func joined(_ parts: UInt64, _ part: UInt64) -> UInt64 {
        LineHash.step(parts, part, at: partsPoint)
    }

    private func blocks(_ bytes: RawSpan, _ start: Int, _ length: Int) -> UInt64 {
        var result: UInt64 = 1
        var index = start
        let end = start + length
        while index < end {
            let part = min(LineHash.blockLength, end - index)
            result = LineHash.step(result, block(bytes, index, part), at: blocksPoint)
            index += part
        }
        return result
    }

    /// The polynomial with one more coefficient: 61 bits of `value`.
    private static func step(_ sum: UInt64, _ value: UInt64, at point: UInt64) -> UInt64 {
        let product = UInt128(sum) &* UInt128(point) &+ UInt128(value >> 3)
        let folded =
            UInt64(truncatingIfNeeded: product) & prime &+ UInt64(truncatingIfNeeded: product >> 61)
        return folded >= prime ? folded &- prime : folded
    }

    /// The hash of at most `blockLength` bytes; they must lie within `bytes`, and no others are read.
    @inline(__always)
    private func block(_ bytes: RawSpan, _ start: Int, _ length: Int) -> UInt64 {
        let words = words.span
        var nh: UInt128 = 0
        var word = 0
        var index = 0
        while index &+ 16 <= length {
            nh &+= product(
                load(bytes, start &+ index, words[word]),
                load(bytes, start &+ index &+ 8, words[word &+ 1]))
            word &+= 2
            index &+= 16
        }
        if index < length {
            // What is left, with bytes before it again where there are some: texts of one length are
            // told apart as well by that.
            if length >= 16 {
                let last = start &+ length &- 16
                nh &+= product(
                    load(bytes, last, words[word]), load(bytes, last &+ 8, words[word &+ 1]))
            } else if length >= 8 {
                nh &+= product(
                    load(bytes, start, words[0]), load(bytes, start &+ length &- 8, words[1]))
            } else {
                nh &+= product(few(bytes, start, length) &+ words[0], words[1])
            }
        }
        let mixed =
            low &* UInt128(truncatingIfNeeded: UInt64(truncatingIfNeeded: nh))
            &+ high &* UInt128(truncatingIfNeeded: UInt64(truncatingIfNeeded: nh >> 64))
            &+ self.length &* UInt128(truncatingIfNeeded: length) &+ sum
        return UInt64(truncatingIfNeeded: mixed >> 64)
    }

    @inline(__always)
    private func product(_ a: UInt64, _ b: UInt64) -> UInt128 { UInt128(a) &* UInt128(b) }

    @inline(__always)
    private func load(_ bytes: RawSpan, _ offset: Int, _ word: UInt64) -> UInt64 {
        // Any eight bytes are a number. `block` reads only what it is given, and `hash` has checked that
        // this lies within `bytes`; to check each word again costs a tenth of reading a known line.
        unsafe bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt64.self) &+ word
    }

    /// Fewer than eight bytes as a number.
    @inline(__always)
    private func few(_ bytes: RawSpan, _ start: Int, _ length: Int) -> UInt64 {
        var value: UInt64 = 0
        for offset in start..<start &+ length {
            // Any byte is a number; that it lies within `bytes` is checked.
            value =
                value << 8 | UInt64(unsafe bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self))
        }
        return value
    }
}

/// The key of a series whose name and labels do not stand in one piece: it is given them part by part.
struct PartsKey {
    /// Of the parts so far; the first coefficient is 1, so that a part more makes a difference.
    private var hash: UInt64 = 1
    private var length: UInt32 = 0

    /// Of all parts.
    var key: LineKey { LineKey(hash: hash, length: length) }

    mutating func append(_ part: LineKey) {
        hash = LineHash.shared.joined(hash, part.hash)
        length = UInt32(clamping: UInt64(length) + UInt64(part.length))
    }

    mutating func append(_ number: Double) {
        let bits = (number.isNaN ? Double.nan : number).bitPattern
        // In halves: a coefficient has 61 bits.
        for half in [bits >> 32, bits & 0xffff_ffff] {
            append(LineKey(hash: half << 3, length: 4))
        }
    }
}
