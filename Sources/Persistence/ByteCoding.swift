import Model

/// Writes numbers and texts in few bytes.
struct ByteWriter {
    private(set) var bytes: [UInt8] = []

    mutating func byte(_ value: UInt8) { bytes.append(value) }

    /// Seven bits a byte, the lowest first.
    mutating func number(_ value: Int) {
        var rest = UInt64(bitPattern: Int64(value))
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    /// A number that may be below zero, small where it is near it.
    mutating func signed(_ value: Int) { number((value << 1) ^ (value >> 63)) }

    mutating func text(_ value: String) {
        number(value.utf8.count)
        bytes.append(contentsOf: value.utf8)
    }

    mutating func append(_ more: [UInt8]) { bytes.append(contentsOf: more) }
}

/// Reads what `ByteWriter` wrote, from bytes that anything may have happened to.
struct ByteReader {
    /// What was read is not what was written.
    struct Damaged: Error {}

    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { position == bytes.count }
    var remaining: Int { bytes.count - position }

    mutating func byte() throws -> UInt8 {
        if position >= bytes.count { throw Damaged() }
        position += 1
        return bytes[position - 1]
    }

    mutating func number() throws -> Int {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), through: 63, by: 7) {
            let next = try byte()
            value |= UInt64(next & 0x7f) << shift
            if next & 0x80 == 0 { return Int(truncatingIfNeeded: value) }
        }
        throw Damaged()
    }

    mutating func signed() throws -> Int {
        let value = UInt64(bitPattern: Int64(try number()))
        return Int(truncatingIfNeeded: (value >> 1) ^ (0 &- (value & 1)))
    }

    /// How many things of at least `size` bytes come: no more than there are bytes for.
    mutating func count(of size: Int) throws -> Int {
        let count = try number()
        if count < 0 || count > remaining / size { throw Damaged() }
        return count
    }

    mutating func take(_ count: Int) throws -> ArraySlice<UInt8> {
        if count < 0 || count > remaining { throw Damaged() }
        position += count
        return bytes[(position - count)..<position]
    }

    mutating func text() throws -> String {
        let count = try number()
        return String(decoding: try take(count), as: UTF8.self)
    }
}

extension Labels {
    /// Names and values with their lengths.
    var encoded: [UInt8] {
        var writer = ByteWriter()
        writer.number(count)
        for label in sorted {
            writer.text(label.name)
            writer.text(label.value)
        }
        return writer.bytes
    }

    init(encoded: [UInt8]) throws {
        var reader = ByteReader(encoded)
        let count = try reader.number()
        if count > reader.remaining { throw ByteReader.Damaged() }
        var labels: [Label] = []
        for _ in 0..<count { labels.append(Label(try reader.text(), try reader.text())) }
        if !reader.isAtEnd { throw ByteReader.Damaged() }
        self.init(labels)
    }
}
