/// Why a silence is not what somebody wanted it to be, in Alertmanager's words.
public enum SilenceError: Error, Hashable, Sendable {
    /// There is none with this identifier, or it was over for so long that it was forgotten.
    case notFound
    /// What was asked for makes no sense.
    case invalid(String)
    /// `Silences.Limits.maximumCount` is reached.
    case tooMany(count: Int, limit: Int)
    /// It is larger than `Silences.Limits.maximumSize`.
    case tooLarge(bytes: Int, limit: Int)
    /// All would be larger than `Silences.Limits.maximumTotalSize`.
    case tooLargeTogether(bytes: Int, limit: Int)
}

extension SilenceError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notFound: "silence not found"
        case .invalid(let reason): "invalid silence: \(reason)"
        case .tooMany(let count, let limit):
            "exceeded maximum number of silences: \(count) (limit: \(limit))"
        case .tooLarge(let bytes, let limit):
            "silence exceeded maximum size: \(bytes) bytes (limit: \(limit) bytes)"
        case .tooLargeTogether(let bytes, let limit):
            "silences exceeded maximum total size: \(bytes) bytes (limit: \(limit) bytes)"
        }
    }
}
