import CZlib

/// Decompresses gzip as it arrives (zlib), for bodies that are read before they end.
@safe public final class GzipInflater {
    // zlib keeps a pointer to its stream, so the stream must not move.
    private let stream: UnsafeMutablePointer<z_stream>
    private let isReady: Bool
    private var chunk = [UInt8](repeating: 0, count: 64 << 10)
    /// Whether zlib may hold more output than the last chunk could take.
    private var chunkWasFilled = false

    /// Whether the last byte taken in ended a gzip member.
    public private(set) var isComplete = false

    public init() {
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        let code = unsafe inflateInit2_(
            stream, gzipWindow, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        isReady = code == Z_OK
    }

    deinit {
        if isReady { unsafe inflateEnd(stream) }
        unsafe stream.deallocate()
    }

    /// What `bytes` decompress to. Throws where they are no gzip, or more than `limit` at once.
    public func decompress(
        _ bytes: UnsafeRawBufferPointer, limit: Int
    ) throws(GzipError) -> [UInt8] {
        guard isReady else { throw .outOfMemory }
        guard bytes.count <= Int(UInt32.max) else { throw .tooLarge(limit: limit) }
        var output: [UInt8] = []
        // zlib only reads through this pointer, and only in this call.
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
            guard output.count + produced <= limit else { throw .tooLarge(limit: limit) }
            output.append(contentsOf: chunk[..<produced])
            switch code {
            case Z_STREAM_END:
                isComplete = true
                chunkWasFilled = false
            case Z_OK: break
            case Z_BUF_ERROR:
                chunkWasFilled = false
                if unsafe stream.pointee.avail_in > 0 { throw .invalidData }
            default: throw .invalidData
            }
        }
        return output
    }

    private func step() -> (code: Int32, produced: Int) {
        let size = chunk.count
        let (code, left) = unsafe chunk.withUnsafeMutableBufferPointer { out in
            unsafe stream.pointee.next_out = out.baseAddress
            unsafe stream.pointee.avail_out = UInt32(size)
            let code = unsafe inflate(stream, Z_NO_FLUSH)
            return unsafe (code, Int(stream.pointee.avail_out))
        }
        chunkWasFilled = left == 0
        return (code, size - left)
    }
}
