/// URLs as they may be shown.
public enum URLRedaction {
    /// The URL with the password of its user part, if any, replaced by `xxxxx`, as Go shows it.
    public static func redact(_ url: String) -> String {
        let bytes = Array(url.utf8)
        guard let start = authorityStart(bytes) else { return url }
        let end =
            bytes[start...].firstIndex { $0 == 0x2f || $0 == 0x3f || $0 == 0x23 } ?? bytes.count
        guard let at = bytes[start..<end].lastIndex(of: UInt8(ascii: "@")) else { return url }
        let user = bytes[start..<at]
        let name =
            user.firstIndex(of: UInt8(ascii: ":")).map { user[..<$0] } ?? user[..<user.startIndex]
        let shown = Array(name) + Array((name.isEmpty ? "xxxxx" : ":xxxxx").utf8)
        return String(decoding: bytes[..<start] + shown + bytes[at...], as: UTF8.self)
    }

    private static func authorityStart(_ bytes: [UInt8]) -> Int? {
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")), colon + 2 < bytes.count,
            bytes[colon + 1] == 0x2f, bytes[colon + 2] == 0x2f
        else { return nil }
        return colon + 3
    }
}
