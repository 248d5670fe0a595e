import Model

/// Times as the API's parameters write them, for the command line that speaks the same language.
public enum APITime {
    /// Seconds since 1970 or RFC 3339, or nil.
    public static func moment(_ text: String) -> Timestamp? { Parameters.time(text) }

    /// Seconds or Prometheus's notation, or nil.
    public static func duration(_ text: String) -> Milliseconds? { Parameters.duration(text) }

    /// A form's value.
    public static func formEscaped(_ text: String) -> String {
        text.utf8.map { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x5f, 0x7e:
                return String(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                return "%" + (digits.utf8.count == 1 ? "0" : "") + digits
            }
        }.joined()
    }
}
