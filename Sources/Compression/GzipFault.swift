import CZlib

/// What is wrong with a body that does not decompress: libdeflate does not tell a body that was cut short
/// from one that is broken, zlib does.
enum GzipFault {
    /// Decompresses once more as far as it goes, and keeps nothing.
    static func reason(_ bytes: [UInt8]) -> GzipError {
        guard bytes.count <= Int(UInt32.max) else { return .invalidData }
        var stream = unsafe z_stream()
        var ended = false
        var code = unsafe inflateInit2_(
            &stream, gzipWindow, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard code == Z_OK else { return .outOfMemory }
        // The stream stays where it is: `stream` is not moved until inflateEnd.
        defer { unsafe inflateEnd(&stream) }
        var scratch = [UInt8](repeating: 0, count: 64 << 10)
        unsafe bytes.withUnsafeBufferPointer { input in
            unsafe scratch.withUnsafeMutableBufferPointer { output in
                // zlib only reads through this pointer.
                unsafe stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
                unsafe stream.avail_in = UInt32(input.count)
                repeat {
                    if ended { unsafe inflateReset(&stream) }
                    unsafe stream.next_out = output.baseAddress
                    unsafe stream.avail_out = UInt32(output.count)
                    code = unsafe inflate(&stream, Z_NO_FLUSH)
                    ended = code == Z_STREAM_END
                } while unsafe code == Z_OK || (ended && stream.avail_in > 0)
            }
        }
        // Z_BUF_ERROR: all was taken in, and a member has not ended.
        return code == Z_BUF_ERROR ? .unexpectedEnd : .invalidData
    }
}

/// zlib's window with 16 added: gzip and nothing else.
let gzipWindow: Int32 = 15 + 16
