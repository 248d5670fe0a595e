import Hummingbird
import PromQL

/// An answer that may be large, and the memory that is reserved for it until it is sent.
struct Answer: Sendable {
    let bytes: [UInt8]
    private let memory: MemoryReservation

    /// Makes an answer.
    ///
    /// - Parameters:
    ///   - estimate: how many bytes it will be at most.
    ///   - memory: from here on what is reserved for these bytes, and nothing else.
    ///   - write: writes it.
    init(
        estimate: Int, _ memory: MemoryReservation, _ write: () -> [UInt8]
    ) throws(QueryError) {
        // Twice: the bytes, and the copy that is sent.
        try memory.take(Self.copies * estimate)
        bytes = write()
        self.memory = memory
    }

    private static let copies = 2

    /// Gives back what was reserved for what the answer was made of, which must be gone.
    func keepsOnlyItself() -> Answer {
        memory.give(max(0, memory.bytes - Self.copies * bytes.count))
        return self
    }

    /// The body of a response: it holds the memory until it is sent.
    var body: ResponseBody {
        let (buffer, memory) = (ByteBuffer(bytes: bytes), memory)
        return ResponseBody(contentLength: buffer.readableBytes) { writer in
            try await writer.write(buffer)
            try await writer.finish(nil)
            withExtendedLifetime(memory) {}
        }
    }
}
