import CZlib

/// Compresses a stream to gzip piece by piece (zlib).
@safe public final class GzipStream {
    // zlib keeps a pointer to its stream, so the stream must not move.
    private let stream: UnsafeMutablePointer<z_stream>
    private let isReady: Bool

    public init() {
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        // The fastest level: APIs are mostly asked over short ways.
        let code = unsafe deflateInit2_(
            stream, Z_BEST_SPEED, Z_DEFLATED, gzipWindow, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        isReady = code == Z_OK
    }

    deinit {
        if isReady { unsafe deflateEnd(stream) }
        unsafe stream.deallocate()
    }

    /// What comes out for these bytes, which may be nothing before the last.
    public func compress(_ bytes: [UInt8], isLast: Bool) throws(GzipError) -> [UInt8] {
        guard isReady else { throw .outOfMemory }
        guard bytes.count <= Int(UInt32.max) else { throw .tooLarge(limit: Int(UInt32.max)) }
        var output: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        let size = chunk.count
        // Z_BUF_ERROR says that there was nothing to do.
        let usual = [Z_OK, Z_STREAM_END, Z_BUF_ERROR]
        let isDone = unsafe bytes.withUnsafeBufferPointer { input in
            // zlib only reads through this pointer.
            unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
            unsafe stream.pointee.avail_in = UInt32(input.count)
            var left = 0
            repeat {
                let code = unsafe chunk.withUnsafeMutableBufferPointer { out in
                    unsafe stream.pointee.next_out = out.baseAddress
                    unsafe stream.pointee.avail_out = UInt32(size)
                    return unsafe deflate(stream, isLast ? Z_FINISH : Z_NO_FLUSH)
                }
                guard usual.contains(code) else { return false }
                left = Int(unsafe stream.pointee.avail_out)
                output.append(contentsOf: chunk[..<(size - left)])
            } while left == 0
            return true
        }
        guard isDone else { throw .invalidData }
        return output
    }
}
