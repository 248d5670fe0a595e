import Model

/// The escapes of Go's `text/template` and `net/url`.
public enum Escapes {
    /// For HTML text and quoted attribute values.
    public static func html(_ text: String) -> String {
        var out: [UInt8] = []
        out.reserveCapacity(text.utf8.count)
        for byte in text.utf8 {
            switch byte {
            case 0: out += Array("\u{fffd}".utf8)
            case UInt8(ascii: "\""): out += Array("&#34;".utf8)
            case UInt8(ascii: "'"): out += Array("&#39;".utf8)
            case UInt8(ascii: "&"): out += Array("&amp;".utf8)
            case UInt8(ascii: "<"): out += Array("&lt;".utf8)
            case UInt8(ascii: ">"): out += Array("&gt;".utf8)
            default: out.append(byte)
            }
        }
        return String(decoding: out, as: UTF8.self)
    }

    /// For the inside of a JavaScript string.
    public static func js(_ text: String) -> String {
        var out = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": out += "\\\\"
            case "'": out += "\\'"
            case "\"": out += "\\\""
            case "<", ">", "&", "=": out += "\\u" + hex4(scalar)
            default:
                if scalar.value < 0x20 || (scalar.value >= 0x80 && !scalar.isGoPrintable) {
                    out += "\\u" + hex4(scalar)
                } else {
                    out.unicodeScalars.append(scalar)
                }
            }
        }
        return out
    }

    private static func hex4(_ scalar: Unicode.Scalar) -> String {
        let text = String(scalar.value, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, 4 - text.utf8.count)) + text
    }

    /// `url.QueryEscape`: for a name or value in a URL's query.
    public static func urlQuery(_ text: String) -> String {
        percent(text, spaceAsPlus: true) {
            $0.isURLUnreserved
        }
    }

    /// `url.PathEscape`: for one segment of a URL's path.
    public static func urlPath(_ text: String) -> String {
        percent(text, spaceAsPlus: false) {
            $0.isURLUnreserved || "$&+=:@".utf8.contains($0)
        }
    }

    /// Bytes that `keeps` refuses as `%XX`.
    static func percent(
        _ text: String, spaceAsPlus: Bool, lowercase: Bool = false, keeps: (UInt8) -> Bool
    ) -> String {
        let digits = Array((lowercase ? "0123456789abcdef" : "0123456789ABCDEF").utf8)
        var out: [UInt8] = []
        out.reserveCapacity(text.utf8.count)
        for byte in text.utf8 {
            if byte == 0x20 && spaceAsPlus {
                out.append(UInt8(ascii: "+"))
            } else if keeps(byte) {
                out.append(byte)
            } else {
                out += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: out, as: UTF8.self)
    }
}

extension UInt8 {
    var isURLUnreserved: Bool {
        switch self {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x5f, 0x2e, 0x7e: true
        default: false
        }
    }
}
