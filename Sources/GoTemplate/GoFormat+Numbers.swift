import Model

/// How numbers are written.
extension GoFormat {
    mutating func integer(
        _ number: Int64, _ verb: Unicode.Scalar, _ flags: Flags, _ whole: TemplateValue
    ) throws(TemplateFunctionError) {
        let radix: Int
        var prefix = ""
        switch verb {
        case "v", "d": radix = 10
        case "b":
            radix = 2
            if flags.sharp { prefix = "0b" }
        case "o", "O":
            radix = 8
            if verb == "O" { prefix = "0o" }
        case "x", "X":
            radix = 16
            if flags.sharp { prefix = verb == "x" ? "0x" : "0X" }
        case "c", "q", "U": return try character(number, verb, flags)
        default: return try bad(whole, verb, flags)
        }
        let sign = number < 0 ? "-" : flags.plus ? "+" : flags.space ? " " : ""
        var digits = String(number.magnitude, radix: radix, uppercase: verb == "X")
        var plain = flags
        plain.zero = false
        if let precision = flags.precision {
            if precision == 0, number == 0 { return try pad("", plain) }
            try reserve(precision)
            digits = GoFormat.zeros(precision - digits.utf8.count) + digits
        } else if flags.padsZeros, let width = flags.width {
            try reserve(width)
            // The prefix does not count towards the width of padded zeros.
            digits = GoFormat.zeros(width - sign.utf8.count - digits.utf8.count) + digits
        }
        if radix == 8, flags.sharp, !digits.hasPrefix("0") { digits = "0" + digits }
        try pad(sign + prefix + digits, plain)
    }

    private mutating func character(
        _ number: Int64, _ verb: Unicode.Scalar, _ flags: Flags
    ) throws(TemplateFunctionError) {
        let scalar = UInt32(exactly: number).flatMap(Unicode.Scalar.init) ?? "\u{fffd}"
        switch verb {
        case "c": try pad(String(scalar), flags)
        case "q":
            let inner = String(scalar).goQuoted.unicodeScalars.dropFirst().dropLast()
            let text = scalar == "'" ? "\\'" : scalar == "\"" ? "\"" : String(inner)
            try pad("'\(flags.plus ? GoFormat.ascii(text) : text)'", flags)
        default:
            let hex = String(UInt64(bitPattern: number), radix: 16, uppercase: true)
            let wanted = max(4, flags.precision ?? 0)
            try reserve(wanted)
            let code = "U+" + GoFormat.zeros(wanted - hex.utf8.count) + hex
            var plain = flags
            plain.zero = false
            let isShown =
                flags.sharp && number >= 0 && number <= 0x10_ffff && scalar.isGoPrintable
                && Int64(scalar.value) == number
            try pad(isShown ? "\(code) '\(scalar)'" : code, plain)
        }
    }

    // MARK: Floats

    mutating func float(
        _ number: Double, _ verb: Unicode.Scalar, _ flags: Flags, _ whole: TemplateValue
    ) throws(TemplateFunctionError) {
        var text: String
        let size = number.magnitude
        try reserve((flags.precision ?? 0) + 400)
        switch verb {
        case "v", "g", "G":
            text = flags.precision.map { GoDecimal.general(size, $0) } ?? GoFloat.general(size)
        case "f", "F": text = GoDecimal.fixed(size, flags.precision ?? 6)
        case "e", "E": text = GoDecimal.exponent(size, flags.precision ?? 6)
        case "x", "X": text = GoFormat.hexadecimal(size, flags.precision)
        case "b": text = GoFormat.binary(size)
        default: return try bad(whole, verb, flags)
        }
        if number.isNaN { text = "NaN" }
        if number.isInfinite { text = "Inf" }
        if number.isFinite, "GEX".unicodeScalars.contains(verb) { text = text.uppercased() }
        if number.isFinite, flags.sharp, verb != "b" {
            text = GoFormat.withPoint(text, verb, flags.precision)
        }
        let negative = number.sign == .minus && !number.isNaN
        var sign = negative ? "-" : flags.plus ? "+" : flags.space ? " " : ""
        if number.isInfinite, sign.isEmpty { sign = "+" }
        var plain = flags
        if !number.isFinite { plain.zero = false }
        if plain.padsZeros, let width = flags.width {
            try reserve(width)
            text = GoFormat.zeros(width - sign.utf8.count - text.utf8.count) + text
        }
        try pad(sign + text, plain)
    }

    /// Both parts as floats in parentheses, the second always with its sign.
    mutating func complex(
        _ real: Double, _ imaginary: Double, _ verb: Unicode.Scalar, _ flags: Flags,
        _ whole: TemplateValue
    ) throws(TemplateFunctionError) {
        guard "vbgGxXfFeE".unicodeScalars.contains(verb) else { return try bad(whole, verb, flags) }
        var signed = flags
        signed.plus = true
        try put("(")
        try float(real, verb, flags, whole)
        try float(imaginary, verb, signed, whole)
        try put("i)")
    }

    /// What the flag `#` does: a point always, and the zeros that `%g` leaves out.
    private static func withPoint(
        _ text: String, _ verb: Unicode.Scalar, _ precision: Int?
    ) -> String {
        let isHex = verb == "x" || verb == "X"
        let end = text.firstIndex { character in
            character == "p" || character == "P"
                || (!isHex && (character == "e" || character == "E"))
        }
        var digits = end.map { String(text[..<$0]) } ?? text
        let tail = end.map { String(text[$0...]) } ?? ""
        var missing = "vgGx".unicodeScalars.contains(verb) ? precision ?? 6 : 0
        var significant = false
        for digit in digits.utf8 where digit != UInt8(ascii: ".") {
            if digit != UInt8(ascii: "0") { significant = true }
            if significant { missing -= 1 }
        }
        if !digits.contains(".") {
            if digits == "0" { missing -= 1 }
            digits += "."
        }
        return digits + zeros(missing) + tail
    }

    /// `%x`: the mantissa in hexadecimal, the exponent a power of two.
    private static func hexadecimal(_ size: Double, _ precision: Int?) -> String {
        guard size.isFinite else { return "" }
        // The leading 1 stands at bit 60.
        var mantissa: UInt64 = 0
        var exponent = 0
        if size != 0 {
            mantissa = (size.significandBitPattern | 1 << 52) << 8
            exponent = Int(size.exponent)
            if size.isSubnormal {
                mantissa = size.significandBitPattern << 8
                mantissa <<= UInt64(max(0, mantissa.leadingZeroBitCount - 3))
            }
        }
        if let precision, precision < 15 {
            let shift = UInt64(precision * 4)
            let extra = (mantissa << shift) & (1 << 60 - 1)
            mantissa >>= 60 - shift
            if extra | (mantissa & 1) > 1 << 59 { mantissa += 1 }
            mantissa <<= 60 - shift
            if mantissa & (1 << 61) != 0 {
                mantissa >>= 1
                exponent += 1
            }
        }
        let lead = (mantissa >> 60) & 1
        var digits = String(mantissa & (1 << 60 - 1), radix: 16)
        digits = zeros(15 - digits.utf8.count) + digits
        if let precision {
            digits = String(digits.prefix(precision)) + zeros(precision - 15)
        } else {
            while digits.hasSuffix("0") { digits.removeLast() }
        }
        let power = String(exponent.magnitude)
        return "0x\(lead)" + (digits.isEmpty ? "" : "." + digits)
            + "p\(exponent < 0 ? "-" : "+")" + zeros(2 - power.utf8.count) + power
    }

    /// `%b`: the mantissa as integer, the exponent a power of two.
    private static func binary(_ size: Double) -> String {
        guard size.isFinite else { return "" }
        let isNormal = size.isNormal
        let mantissa = size.significandBitPattern | (isNormal ? 1 << 52 : 0)
        let exponent = (isNormal ? Int(size.exponentBitPattern) : 1) - 1023 - 52
        return "\(mantissa)p\(exponent < 0 ? "-" : "+")\(exponent.magnitude)"
    }
}
