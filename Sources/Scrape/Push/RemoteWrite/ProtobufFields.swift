/// The fields of a protobuf message as they stand in its bytes: what is in a message is counted before
/// any of it becomes an object, so that a small body cannot become a large one.
struct ProtobufFields {
    /// A field.
    struct Field {
        let number: Int
        /// Where its content stands, for fields that have a length.
        let content: Range<Int>?
    }

    private let bytes: [UInt8]
    private var position: Int
    private let end: Int

    /// Those of the message at these places.
    init(_ bytes: [UInt8], _ range: Range<Int>) {
        self.bytes = bytes
        position = range.lowerBound
        end = range.upperBound
    }

    /// The next field; nil at the end.
    mutating func next() throws(WriteFailure) -> Field? {
        if position >= end { return nil }
        let key = try varint()
        let number = key >> 3
        guard (1...0x1fff_ffff).contains(number) else {
            throw .malformed("proto: illegal tag \(number)")
        }
        switch key & 7 {
        case 0: _ = try varint()
        case 1: try skip(8)
        case 2:
            let start = try skip(Int(clamping: varint()))
            return Field(number: Int(number), content: start..<position)
        case 5: try skip(4)
        default: throw .malformed("proto: wire type \(key & 7) is not used by remote write")
        }
        return Field(number: Int(number), content: nil)
    }

    /// How many fields of these numbers there are.
    static func count(
        _ numbers: [Int], in bytes: [UInt8], _ range: Range<Int>
    ) throws(WriteFailure) -> Int {
        var fields = ProtobufFields(bytes, range)
        var count = 0
        while let field = try fields.next() {
            if numbers.contains(field.number) { count += 1 }
        }
        return count
    }

    /// Leaves so many bytes out; says where they began.
    @discardableResult
    private mutating func skip(_ count: Int) throws(WriteFailure) -> Int {
        guard count <= end - position else { throw .malformed("unexpected EOF") }
        defer { position += count }
        return position
    }

    private mutating func varint() throws(WriteFailure) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
            guard position < end else { throw .malformed("unexpected EOF") }
            let byte = bytes[position]
            position += 1
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return value }
        }
        throw .malformed("proto: integer overflow")
    }
}
