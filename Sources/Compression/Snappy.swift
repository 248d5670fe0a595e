import CSnappy

/// Snappy's block format (libsnappy), as remote write uses it.
public enum Snappy {
    /// What a block decompresses to.
    ///
    /// It throws where that is more than `limit` bytes, which the block says at its beginning, and where the
    /// block is damaged. A block that claims more than it may costs no memory.
    public static func decompress(_ bytes: [UInt8], limit: Int) throws(SnappyError) -> [UInt8] {
        var length = 0
        let status = unsafe withCharacters(bytes) { source, count in
            unsafe snappy_uncompressed_length(source, count, &length)
        }
        guard status == SNAPPY_OK else { throw .corrupt }
        guard length >= 0, length <= limit else { throw .tooLarge(limit: limit) }
        return try unsafe output(of: bytes, capacity: length) { source, count, target, made in
            unsafe snappy_uncompress(source, count, target, &made)
        }
    }

    /// A block of the bytes.
    public static func compress(_ bytes: [UInt8]) throws(SnappyError) -> [UInt8] {
        let most = snappy_max_compressed_length(bytes.count)
        return try unsafe output(of: bytes, capacity: most) { source, count, target, made in
            unsafe snappy_compress(source, count, target, &made)
        }
    }

    private typealias Source = UnsafePointer<CChar>?
    private typealias Target = UnsafeMutablePointer<CChar>?

    /// What `work` writes; it is told the capacity in `made`, and leaves there what it used.
    private static func output(
        of bytes: [UInt8], capacity: Int,
        _ work: (Source, _ count: Int, Target, _ made: inout Int) -> snappy_status
    ) throws(SnappyError) -> [UInt8] {
        var status = SNAPPY_OK
        // libsnappy writes no more than the capacity that it is told.
        let output = unsafe [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
            var made = capacity
            status = unsafe withCharacters(bytes) { source, count in
                unsafe buffer.withMemoryRebound(to: CChar.self) { target in
                    unsafe work(source, count, target.baseAddress, &made)
                }
            }
            count = status == SNAPPY_OK ? min(made, capacity) : 0
        }
        guard status == SNAPPY_OK else { throw .corrupt }
        return output
    }

    private static func withCharacters(
        _ bytes: [UInt8], _ body: (Source, _ count: Int) -> snappy_status
    ) -> snappy_status {
        unsafe bytes.withUnsafeBufferPointer { buffer in
            unsafe buffer.withMemoryRebound(to: CChar.self) { characters in
                unsafe body(characters.baseAddress, characters.count)
            }
        }
    }
}

/// Why a Snappy block could not be made or read.
public enum SnappyError: Error, Hashable, CustomStringConvertible, Sendable {
    /// The block decompresses to more than `limit` bytes.
    case tooLarge(limit: Int)
    /// The block is damaged, or none.
    case corrupt

    /// The reason in words; those of a damaged block are Prometheus's.
    public var description: String {
        switch self {
        case .tooLarge(let limit): "snappy: decompresses to more than \(limit) bytes"
        case .corrupt: "snappy: corrupt input"
        }
    }
}
