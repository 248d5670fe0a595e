/// A text that never shows itself: in a log, an API answer or an error it is `<secret>`.
///
/// Inline, or the path of a file that is read at each use, so that a rotated one is picked up.
public struct Secret: Hashable, Sendable {
    /// Where the text comes from.
    public enum Source: Hashable, Sendable {
        case inline(String)
        case file(path: String)
    }

    private let source: Source

    /// A secret from the source.
    public init(_ source: Source) { self.source = source }

    /// The file's path where it comes from one: a path is no secret.
    public var filePath: String? {
        if case .file(let path) = source { path } else { nil }
    }

    /// The inline text, or what `read` gives for the file's path, without surrounding white space.
    /// The one way to the text; call it at the moment of use.
    public func reveal<E: Error>(reading read: (String) throws(E) -> String) throws(E) -> String {
        switch source {
        case .inline(let text): text
        case .file(let path): try read(path).trimmingWhitespace
        }
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "<secret>" }
    public var debugDescription: String { "<secret>" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

extension String {
    /// Without ASCII white space at both ends.
    public var trimmingWhitespace: String {
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0d).contains(byte) }
        var view = Substring(self).utf8
        while let first = view.first, isSpace(first) { view.removeFirst() }
        while let last = view.last, isSpace(last) { view.removeLast() }
        return String(Substring(view))
    }
}
