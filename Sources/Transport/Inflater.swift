import CZlib

/// Decompresses gzip as it arrives, within a limit: a bomb costs no more memory than the limit.
@safe final class Inflater {
    // zlib keeps a pointer to its stream, so the stream must not move.
    private let stream: UnsafeMutablePointer<z_stream>
    private let isReady: Bool
    private var chunk = [UInt8](repeating: 0, count: 64 << 10)

    /// Whether the last byte taken in ended a gzip member.
    private(set) var isComplete = false

    init() {
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        // 16 more than the window's bits: gzip and nothing else.
        let code = unsafe inflateInit2_(
            stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        isReady = code == Z_OK
    }

    deinit {
        if isReady { unsafe inflateEnd(stream) }
        unsafe stream.deallocate()
    }

    /// Appends what `bytes` decompress to, and throws where it is no gzip or more than `limit`.
    func inflate(
        _ bytes: UnsafeRawBufferPointer, into body: inout [UInt8], limit: Int
    ) throws(TransportError) {
        guard isReady else { throw TransportError(.protocolError, "gzip: out of memory") }
        guard bytes.count <= Int(UInt32.max) else { throw .tooLarge(limit: limit) }
        // zlib only reads through this pointer.
        unsafe stream.pointee.next_in = UnsafeMutablePointer(
            mutating: bytes.assumingMemoryBound(to: UInt8.self).baseAddress)
        unsafe stream.pointee.avail_in = UInt32(bytes.count)
        while unsafe stream.pointee.avail_in > 0 || chunkWasFilled {
            if isComplete {
                // Another member follows; gzip files may be concatenated.
                unsafe inflateReset(stream)
                isComplete = false
            }
            let (code, produced) = step()
            guard body.count + produced <= limit else { throw .tooLarge(limit: limit) }
            body.append(contentsOf: chunk[..<produced])
            switch code {
            case Z_STREAM_END:
                isComplete = true
                chunkWasFilled = false
            case Z_OK: break
            case Z_BUF_ERROR:
                chunkWasFilled = false
                if unsafe stream.pointee.avail_in > 0 {
                    throw TransportError(.protocolError, "gzip: invalid data")
                }
            default: throw TransportError(.protocolError, "gzip: invalid data")
            }
        }
    }

    /// Whether zlib may hold more output than the last chunk could take.
    private var chunkWasFilled = false

    private func step() -> (code: Int32, produced: Int) {
        let size = chunk.count
        let (code, left) = unsafe chunk.withUnsafeMutableBufferPointer { out in
            unsafe stream.pointee.next_out = out.baseAddress
            unsafe stream.pointee.avail_out = UInt32(size)
            let code = unsafe CZlib.inflate(stream, Z_NO_FLUSH)
            return unsafe (code, Int(stream.pointee.avail_out))
        }
        chunkWasFilled = left == 0
        return (code, size - left)
    }
}
