import CDeflate

/// gzip of whole bodies (libdeflate).
public enum Gzip {
    /// DEFLATE makes no more than this of a byte.
    private static let largestRatio = 1032
    /// What the first buffer holds where the body does not say how long it is.
    private static let smallestBuffer = 4096

    /// What all gzip members of `bytes` decompress to, one behind the other.
    ///
    /// It throws where that is more than `limit` bytes, where there is no member, and where anything but a
    /// member follows one. A body that claims or holds more than it may costs no more memory than the limit.
    public static func decompress(
        _ bytes: [UInt8], limit: Int
    ) throws(GzipError) -> [UInt8] {
        let members = try Members()
        var position = 0
        var output = [UInt8](repeating: 0, count: firstBuffer(for: bytes, limit: limit))
        var filled = 0
        repeat {
            switch members.next(of: bytes, from: position, into: &output, at: filled) {
            case .member(let taken, let made):
                position += taken
                filled += made
            case .bufferIsFull:
                guard output.count < limit else { throw .tooLarge(limit: limit) }
                let more = min(max(output.count, smallestBuffer), limit - output.count)
                output.append(contentsOf: repeatElement(0, count: more))
            case .invalid:
                throw GzipFault.reason(bytes)
            }
        } while position < bytes.count
        output.removeLast(output.count - filled)
        return output
    }

    /// The last member says how long it is (modulo 2³²): mostly that is the whole, and one buffer does.
    private static func firstBuffer(for bytes: [UInt8], limit: Int) -> Int {
        let claimed = bytes.suffix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
        let possible = bytes.count.multipliedReportingOverflow(by: largestRatio)
        let most = min(max(limit, 0), possible.overflow ? .max : possible.partialValue)
        return min(max(claimed, smallestBuffer), most)
    }
}

/// libdeflate's decompressor.
@safe private final class Members {
    // @safe: the handle never leaves this class, and deinit frees it.
    private let handle: OpaquePointer

    enum Outcome {
        case member(taken: Int, made: Int)
        case bufferIsFull
        case invalid
    }

    init() throws(GzipError) {
        guard let handle = unsafe libdeflate_alloc_decompressor() else { throw .outOfMemory }
        unsafe self.handle = handle
    }

    deinit { unsafe libdeflate_free_decompressor(handle) }

    /// Decompresses the member that begins at `start` into `output` from `filled` on.
    func next(
        of bytes: [UInt8], from start: Int, into output: inout [UInt8], at filled: Int
    ) -> Outcome {
        var taken = 0
        var made = 0
        // Both slices are within their arrays: the bounds of rebased buffers are checked.
        let result = unsafe bytes.withUnsafeBytes { input in
            unsafe output.withUnsafeMutableBytes { output in
                let input = unsafe UnsafeRawBufferPointer(rebasing: input[start...])
                let free = unsafe UnsafeMutableRawBufferPointer(rebasing: output[filled...])
                return unsafe libdeflate_gzip_decompress_ex(
                    handle, input.baseAddress, input.count, free.baseAddress, free.count,
                    &taken, &made)
            }
        }
        switch result {
        case LIBDEFLATE_SUCCESS: return .member(taken: taken, made: made)
        case LIBDEFLATE_INSUFFICIENT_SPACE: return .bufferIsFull
        default: return .invalid
        }
    }
}
