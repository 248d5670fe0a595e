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

    /// A query as a user wrote it, for a request's first line: only what may not stand there is escaped.
    public static func query(_ text: String) -> String {
        encode(text.utf8) { $0 > 0x20 && $0 < 0x7f && !"\"<>\\^`{|}".utf8.contains($0) }
    }

    /// A form or a query: `a=1&b=2`.
    public static func form(_ fields: [(String, String)]) -> String {
        fields.map { "\(formValue($0.0))=\(formValue($0.1))" }.joined(separator: "&")
    }

    /// The fields of a form or a query; those whose escapes are wrong are left out.
    public static func fields(ofForm text: String) -> [(name: String, value: String)] {
        text.split(separator: "&").compactMap { field in
            let parts = field.split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let decoded = parts.map { decode(String($0).replacing("+", with: " ")) }
            guard let name = decoded[0], let value = decoded.count > 1 ? decoded[1] : ""
            else { return nil }
            return (name, value)
        }
    }

    /// A text whose `%` and two digits become bytes again; nil where there are no two digits.
    public static func decode(_ text: some StringProtocol) -> String? {
        var out: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                out.append(byte)
                continue
            }
            let digits = rest.prefix(2).compactMap(\.hexValue)
            guard digits.count == 2 else { return nil }
            rest = rest.dropFirst(2)
            out.append(digits[0] << 4 | digits[1])
        }
        return String(decoding: out, as: UTF8.self)
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

extension UInt8 {
    /// The value of a hexadecimal digit.
    var hexValue: UInt8? {
        switch self {
        case 0x30...0x39: self - 0x30
        case 0x41...0x46: self - 0x37
        case 0x61...0x66: self - 0x57
        default: nil
        }
    }
}
