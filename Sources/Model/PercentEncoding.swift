/// How texts become parts of URLs: the bytes that may not stand there become `%` and two digits.
public enum PercentEncoding {
    /// A path with its slashes, as Go writes one.
    public static func path(_ text: String) -> String {
        encode(text.utf8) { "$&+,/:;=@".utf8.contains($0) }
    }

    /// One part of a path, and what Amazon's signatures are made of: a space is `%20`.
    public static func component(_ text: String) -> String { encode(text.utf8) { _ in false } }

    /// A name or a value of a query or a form: a space is `+`.
    public static func formValue(_ text: String) -> String {
        encode(text.utf8) { $0 == 0x20 }.split(separator: " ", omittingEmptySubsequences: false)
            .joined(separator: "+")
    }

    /// All bytes escaped but letters, digits, `-_.~` and those that `isPlain` names.
    static func encode(
        _ bytes: some Sequence<UInt8>, keeping isPlain: (UInt8) -> Bool
    ) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var out: [UInt8] = []
        for byte in bytes {
            if isUnreserved(byte) || isPlain(byte) {
                out.append(byte)
            } else {
                out += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: out, as: UTF8.self)
    }

    static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x5f, 0x7e: true
        default: false
        }
    }
}
