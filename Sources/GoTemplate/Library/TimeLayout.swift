import Model

/// Go's layouts: a time is formatted by an example, Mon Jan 2 15:04:05 MST 2006.
enum TimeLayout {
    static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September",
        "October", "November", "December",
    ]
    static let days = [
        "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
    ]

    /// What a layout may contain; of two that fit, the earlier here counts.
    private static let parts = [
        "January", "Jan", "Monday", "Mon", "MST", "2006", "_2006", "__2", "_2", "002", "01", "02",
        "03", "04", "05", "06", "15", "1", "2", "3", "4", "5", "PM", "pm", "-07:00:00", "-070000",
        "-07:00", "-0700", "-07", "Z07:00:00", "Z070000", "Z07:00", "Z0700", "Z07",
    ].map { Array($0.utf8) }

    static func format(_ time: TemplateTime, _ layout: String) -> String {
        let bytes = Array(layout.utf8)
        let civil = time.civil
        var out: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if let (text, next) = fraction(bytes, index, time) {
                out += Array(text.utf8)
                index = next
            } else if let part = part(bytes, index) {
                out += Array(text(part, civil, time).utf8)
                index += part.utf8.count
            } else {
                out.append(bytes[index])
                index += 1
            }
        }
        return String(decoding: out, as: UTF8.self)
    }

    private static func part(_ bytes: [UInt8], _ index: Int) -> String? {
        let rest = bytes[index...]
        for part in parts where rest.starts(with: part) {
            let text = String(decoding: part, as: UTF8.self)
            // "January" and "Jan" are no part of a longer word in lower case: "Janet".
            if text == "Jan" || text == "Mon" {
                let after = index + part.count
                if after < bytes.count, (0x61...0x7a).contains(bytes[after]) { continue }
            }
            // "_2006" is an underscore and a year.
            if text == "_2006" { return nil }
            return text
        }
        return nil
    }

    /// `.000` or `,999`: a fraction of the second, after which no digit may come.
    private static func fraction(
        _ bytes: [UInt8], _ start: Int, _ time: TemplateTime
    ) -> (String, Int)? {
        guard bytes[start] == UInt8(ascii: ".") || bytes[start] == UInt8(ascii: ","),
            start + 1 < bytes.count, bytes[start + 1] == 0x30 || bytes[start + 1] == 0x39
        else { return nil }
        let digit = bytes[start + 1]
        var end = start + 1
        while end < bytes.count, bytes[end] == digit { end += 1 }
        if end < bytes.count, bytes[end].isTemplateDigit { return nil }
        var digits = String(padded(time.nanosecond, 9).prefix(end - start - 1))
        digits += String(repeating: "0", count: max(0, end - start - 1 - digits.utf8.count))
        if digit == 0x39 {
            while digits.hasSuffix("0") { digits.removeLast() }
            if digits.isEmpty { return ("", end) }
        }
        return (String(UnicodeScalar(bytes[start])) + digits, end)
    }

    private static func text(_ part: String, _ civil: CivilTime, _ time: TemplateTime) -> String {
        let hour12 = civil.hour % 12 == 0 ? 12 : civil.hour % 12
        switch part {
        case "January": return months[civil.month - 1]
        case "Jan": return String(months[civil.month - 1].prefix(3))
        case "Monday": return days[civil.weekday]
        case "Mon": return String(days[civil.weekday].prefix(3))
        case "MST":
            let letters = time.clock.abbreviation
            return letters.isEmpty ? offset("-0700", time.clock.offset) : letters
        case "2006": return padded(civil.year, 4)
        case "06": return padded(civil.year % 100, 2)
        case "01": return padded(civil.month, 2)
        case "1": return String(civil.month)
        case "02": return padded(civil.day, 2)
        case "_2": return (civil.day < 10 ? " " : "") + String(civil.day)
        case "2": return String(civil.day)
        case "002": return padded(civil.dayOfYear, 3)
        case "__2":
            let text = String(civil.dayOfYear)
            return String(repeating: " ", count: max(0, 3 - text.utf8.count)) + text
        case "15": return padded(civil.hour, 2)
        case "03": return padded(hour12, 2)
        case "3": return String(hour12)
        case "04": return padded(civil.minute, 2)
        case "4": return String(civil.minute)
        case "05": return padded(civil.second, 2)
        case "5": return String(civil.second)
        case "PM": return civil.hour >= 12 ? "PM" : "AM"
        case "pm": return civil.hour >= 12 ? "pm" : "am"
        default: return offset(part, time.clock.offset)
        }
    }

    private static func offset(_ part: String, _ seconds: Int) -> String {
        if part.hasPrefix("Z"), seconds == 0 { return "Z" }
        let size = abs(seconds)
        let sign = seconds < 0 ? "-" : "+"
        let (hours, minutes) = (padded(size / 3600, 2), padded(size / 60 % 60, 2))
        switch part.dropFirst() {
        case "07": return sign + hours
        case "0700": return sign + hours + minutes
        case "07:00": return "\(sign)\(hours):\(minutes)"
        case "070000": return sign + hours + minutes + padded(size % 60, 2)
        default: return "\(sign)\(hours):\(minutes):\(padded(size % 60, 2))"
        }
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let text = String(number.magnitude)
        return (number < 0 ? "-" : "")
            + String(repeating: "0", count: max(0, width - text.utf8.count)) + text
    }
}
