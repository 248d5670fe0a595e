import Model
import SwiftProtobuf
import WireFormats

/// Reads Prometheus's delimited protobuf exposition: metric families, each behind its length.
///
/// A metric of a summary or of a classic histogram is several series, as in the text format. A native
/// histogram is one sample of one series. Where a metric has both, the sink says what is wanted.
public struct ProtobufReader: ExpositionReader {
    /// The reader.
    public init() {}

    public func read<Sink: SampleSink>(
        _ body: [UInt8], lines: inout LineTable, into sink: inout Sink
    ) throws(ExpositionError) {
        do throws(ExpositionError) {
            var frames = DelimitedMessages(body)
            while let message = try frames.next() {
                try FamilyReader(ProtobufReader.family(message)).read(&lines, into: &sink)
            }
        } catch {
            lines.end(isWhole: false)
            throw error
        }
        lines.end(isWhole: true)
    }

    /// The body cut into bodies of one metric family each.
    public static func split(_ body: [UInt8]) throws(ExpositionError) -> [[UInt8]] {
        var frames = DelimitedMessages(body)
        var pieces: [[UInt8]] = []
        var start = 0
        while let message = try frames.next() {
            pieces.append(Array(body[start..<message.endIndex]))
            start = message.endIndex
        }
        return pieces
    }

    private static func family(_ message: ArraySlice<UInt8>) throws(ExpositionError)
        -> ExposedFamily
    {
        do {
            return try ExposedFamily(serializedBytes: Array(message))
        } catch {
            throw ExpositionError("a metric family cannot be read as protobuf: \(error)")
        }
    }
}

/// The messages of a body, each behind its length as a varint.
private struct DelimitedMessages {
    /// A length has at most so many bytes.
    private static let maximumLengthBytes = 5

    private let body: [UInt8]
    private var position = 0

    init(_ body: [UInt8]) { self.body = body }

    mutating func next() throws(ExpositionError) -> ArraySlice<UInt8>? {
        if position >= body.count { return nil }
        let start = position
        let length = try self.length()
        guard length <= body.count - position else {
            let needed = position - start + length
            throw ExpositionError(
                "the body ends within a metric family: it needs \(needed) bytes, "
                    + "\(body.count - start) are left")
        }
        defer { position += length }
        return body[position..<position + length]
    }

    private mutating func length() throws(ExpositionError) -> Int {
        var value: UInt64 = 0
        for index in 0..<DelimitedMessages.maximumLengthBytes {
            guard position < body.count else { break }
            let byte = body[position]
            position += 1
            value |= UInt64(byte & 0x7f) << UInt64(7 * index)
            if byte < 0x80 { return Int(value) }
        }
        throw ExpositionError("no length of a metric family where one should stand")
    }
}
