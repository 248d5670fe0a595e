/// A string as a dictionary key that is equal only to the same bytes.
public struct ByteKey: Hashable, Sendable {
    /// The string.
    public let text: String

    /// The key of a string.
    public init(_ text: String) { self.text = text }

    public static func == (a: ByteKey, b: ByteKey) -> Bool { a.text.bytesEqual(b.text) }

    public func hash(into hasher: inout Hasher) {
        var copy = text
        copy.withUTF8 { unsafe hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}
