import Model

#if canImport(Glibc)
    import Glibc
#endif

/// Floats with a given precision, as Go's `%f`, `%e` and `%g` write them. C rounds and writes these
/// as Go does: to even on the exact binary value, exponents of at least two digits.
public enum GoDecimal {
    /// `%.*f`.
    public static func fixed(_ value: Double, _ precision: Int) -> String {
        format("%.*f", value, precision)
    }

    /// `%.*e`.
    public static func exponent(_ value: Double, _ precision: Int) -> String {
        format("%.*e", value, precision)
    }

    /// `%.*g`; a precision of 0 counts as 1.
    public static func general(_ value: Double, _ precision: Int) -> String {
        format("%.*g", value, precision)
    }

    private static func format(_ format: String, _ value: Double, _ precision: Int) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        // A double has at most 1,074 decimals and 309 digits before the point.
        let wanted = min(max(precision, 0), 1_000_000)
        var buffer = [CChar](repeating: 0, count: wanted + 400)
        // unsafe: C's variadic printf; the buffer's length is passed, so it cannot be overrun.
        let written = unsafe withVaList([Int32(wanted), value]) { list in
            unsafe vsnprintf(&buffer, buffer.count, format, list)
        }
        let bytes = buffer.prefix(max(0, min(Int(written), buffer.count - 1)))
        return String(decoding: bytes.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
