/// Why bytes could not be compressed or decompressed.
public enum GzipError: Error, Hashable, CustomStringConvertible, Sendable {
    /// The bytes decompress to more than `limit`.
    case tooLarge(limit: Int)
    /// The bytes end inside a gzip member, or there are none.
    case unexpectedEnd
    /// The bytes are no gzip, or something that is none follows a member.
    case invalidData
    case outOfMemory

    /// The reason in words.
    public var description: String {
        switch self {
        case .tooLarge(let limit): "gzip: decompresses to more than \(limit) bytes"
        case .unexpectedEnd: "gzip: unexpected end of the body"
        case .invalidData: "gzip: invalid data"
        case .outOfMemory: "gzip: out of memory"
        }
    }
}
