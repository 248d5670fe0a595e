import CZlib

/// A file that is read, decompressed where it is gzipped (zlib's `gzFile`).
@safe public final class GzipFileReader {
    // @safe: the handle never leaves this class, and deinit closes it.
    private let handle: gzFile

    /// What is wrong with a file's content, in words.
    public struct Damage: Error { public let reason: String }

    /// Opens the file, or returns nil where it cannot be.
    public init?(path: String) {
        guard let opened = unsafe gzopen(path, "rb") else { return nil }
        unsafe handle = opened
        unsafe gzbuffer(opened, 1 << 18)
    }

    deinit { unsafe gzclose(handle) }

    /// Reads into `buffer` from `start` on; returns how many bytes, 0 at the end of the file.
    public func read(into buffer: inout [UInt8], from start: Int) throws(Damage) -> Int {
        let count = unsafe buffer.withUnsafeMutableBytes { bytes in
            let free = unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[start...])
            return unsafe gzread(handle, free.baseAddress, UInt32(clamping: free.count))
        }
        var code: Int32 = 0
        let text = unsafe gzerror(handle, &code).map { unsafe String(cString: $0) }
        if count < 0 { throw Damage(reason: text ?? "error \(code)") }
        // A compressed file that was cut short reads to where it was cut, and then says this.
        if code == Z_BUF_ERROR { throw Damage(reason: "it ends in the middle") }
        return Int(count)
    }
}

/// A file that is written, compressed where its name ends in `.gz`.
@safe public final class GzipFileWriter {
    // @safe: the handle never leaves this class, and it is closed once.
    private var handle: gzFile?

    /// Creates the file or empties it, or returns nil where it cannot be.
    public init?(path: String) {
        guard let opened = unsafe gzopen(path, path.hasSuffix(".gz") ? "wb6" : "wbT") else {
            return nil
        }
        unsafe handle = opened
    }

    deinit { if let handle = unsafe handle { unsafe gzclose(handle) } }

    /// Whether the file is closed.
    public var isClosed: Bool { unsafe handle == nil }

    /// Writes the bytes; says whether all were.
    public func write(_ bytes: [UInt8]) -> Bool {
        guard let handle = unsafe handle else { return false }
        let count = unsafe bytes.withUnsafeBytes {
            unsafe gzwrite(handle, $0.baseAddress, UInt32(clamping: $0.count))
        }
        return count == bytes.count
    }

    /// Ends the file; says whether it is whole.
    public func close() -> Bool {
        guard let open = unsafe handle else { return true }
        unsafe handle = nil
        return unsafe gzclose(open) == Z_OK
    }
}
