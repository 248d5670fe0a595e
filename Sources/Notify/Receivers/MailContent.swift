import Configuration
import Model

/// A mail before it is encoded (RFC 5322, RFC 2045, RFC 2047).
struct MailContent {
    /// Lines of headers should not be longer, and must not be longer than 998 bytes.
    private static let maximumPlainHeader = 900

    var sender: MailAddress
    var to: [MailAddress]
    var headers: [EmailConfiguration.Header]
    /// What makes the mail's Message-ID: the same for the same notification, so that a mail that is
    /// sent twice can be recognised.
    var identity: String
    var date: Timestamp
    var text: String
    var html: String

    /// The whole message, lines ended by CR LF.
    func encoded() -> [UInt8] {
        let boundary = "=_tocsin_\(identity.prefix(32))"
        var lines: [String] = []
        for header in headers {
            lines.append("\(header.name): \(MailContent.value(header))")
        }
        if !headers.contains(where: { $0.name == "Message-Id" || $0.name == "Message-ID" }) {
            let host = sender.address.split(separator: "@").last.map(String.init) ?? "localhost"
            lines.append("Message-ID: <\(identity.prefix(40))@\(host)>")
        }
        lines.append("Date: \(MailContent.date(date))")
        lines.append("Content-Type: multipart/alternative; boundary=\"\(boundary)\"")
        lines.append("MIME-Version: 1.0")
        lines.append("")
        for (kind, body) in [("plain", text), ("html", html)] where !body.isEmpty {
            lines.append("--\(boundary)")
            lines.append("Content-Transfer-Encoding: quoted-printable")
            lines.append("Content-Type: text/\(kind); charset=UTF-8")
            lines.append("")
            lines.append(QuotedPrintable.body(body))
        }
        lines.append("--\(boundary)--")
        lines.append("")
        return Array(lines.joined(separator: "\r\n").utf8)
    }

    private static func value(_ header: EmailConfiguration.Header) -> String {
        // A line break would begin another header.
        let text = header.value.unicodeScalars.map { $0.value < 0x20 ? " " : String($0) }.joined()
            .trimmingWhitespace
        if EmailConfiguration.addressHeaders.contains(header.name),
            let list = try? MailAddress.parse(text, "")
        {
            return list.map(\.encoded).joined(separator: ",\r\n ")
        }
        let isPlain = text.utf8.allSatisfy { (0x20..<0x7f).contains($0) }
        return isPlain && text.utf8.count <= maximumPlainHeader ? text : QuotedPrintable.words(text)
    }

    /// `Mon, 05 Jan 2026 09:00:00 +0000`.
    private static func date(_ moment: Timestamp) -> String {
        let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ]
        let time = CivilTime(secondsSinceEpoch: Int64(moment.seconds.rounded(.down)))
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : String(number) }
        return "\(days[time.weekday]), \(two(time.day)) \(months[time.month - 1]) \(time.year) "
            + "\(two(time.hour)):\(two(time.minute)):\(two(time.second)) +0000"
    }
}

/// Quoted-printable bodies and encoded words.
enum QuotedPrintable {
    private static let digits = Array("0123456789ABCDEF".utf8)

    /// A body in lines of at most 76 characters.
    static func body(_ text: String) -> String {
        var out: [UInt8] = []
        var width = 0
        var bytes = Array(text.utf8)[...]
        func isLineEnd(_ rest: ArraySlice<UInt8>) -> Bool {
            rest.isEmpty || rest.first == 0x0a || rest.starts(with: [0x0d, 0x0a])
        }
        while let byte = bytes.popFirst() {
            if byte == 0x0d, bytes.first == 0x0a { continue }
            if byte == 0x0a {
                out += [0x0d, 0x0a]
                width = 0
                continue
            }
            let isSpace = byte == 0x20 || byte == 0x09
            let isPlain = (0x21..<0x7f).contains(byte) && byte != UInt8(ascii: "=")
            let piece =
                isPlain || (isSpace && !isLineEnd(bytes))
                ? [byte] : [UInt8(ascii: "="), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            if width + piece.count > 75 {
                out += [UInt8(ascii: "="), 0x0d, 0x0a]
                width = 0
            }
            out += piece
            width += piece.count
        }
        return String(decoding: out, as: UTF8.self)
    }

    /// Encoded words of at most 75 characters, folded; no character is torn apart.
    static func words(_ text: String) -> String {
        var words: [String] = []
        var word = ""
        for scalar in text.unicodeScalars {
            var piece = ""
            for byte in String(scalar).utf8 {
                let isPlain =
                    (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte)
                    || (0x61...0x7a).contains(byte)
                if isPlain {
                    piece.unicodeScalars.append(UnicodeScalar(byte))
                } else if byte == 0x20 {
                    piece += "_"
                } else {
                    piece.unicodeScalars.append("=")
                    piece.unicodeScalars.append(UnicodeScalar(digits[Int(byte >> 4)]))
                    piece.unicodeScalars.append(UnicodeScalar(digits[Int(byte & 15)]))
                }
            }
            // "=?utf-8?q?" and "?=" take 12 of the 75.
            if word.utf8.count + piece.utf8.count > 63 {
                words.append(word)
                word = ""
            }
            word += piece
        }
        words.append(word)
        return words.map { "=?utf-8?q?\($0)?=" }.joined(separator: "\r\n ")
    }
}

/// `Name <address>`.
struct MailAddress: Hashable {
    var name = ""
    var address: String

    /// As a header shows it.
    var encoded: String {
        if name.isEmpty { return address }
        let isPlain = name.utf8.allSatisfy { (0x20..<0x7f).contains($0) }
        guard isPlain else { return "\(QuotedPrintable.words(name)) <\(address)>" }
        let quoted = name.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : String($0) }.joined()
        return "\"\(quoted)\" <\(address)>"
    }

    /// A list with commas between addresses; `field` is for the error.
    static func parse(_ text: String, _ field: String) throws(ReceiverError) -> [MailAddress] {
        var result: [MailAddress] = []
        var rest = text.trimmingWhitespace[...]
        while !rest.isEmpty {
            let (one, after) = split(rest)
            rest = after
            let piece = String(one).trimmingWhitespace
            if piece.isEmpty { continue }
            guard let address = MailAddress(piece) else {
                throw ReceiverError("parsing \(field) addresses: \(piece.goQuoted) is none")
            }
            result.append(address)
        }
        if result.isEmpty { throw ReceiverError("parsing \(field) addresses: there is none") }
        return result
    }

    /// Up to the first comma outside of quotes, and what follows it.
    private static func split(_ text: Substring) -> (Substring, Substring) {
        var inQuotes = false
        var isEscaped = false
        for index in text.indices {
            let character = text[index]
            if isEscaped {
                isEscaped = false
            } else if character == "\\", inQuotes {
                isEscaped = true
            } else if character == "\"" {
                inQuotes.toggle()
            } else if character == ",", !inQuotes {
                return (text[..<index], text[text.index(after: index)...])
            }
        }
        return (text, "")
    }

    private init?(_ text: String) {
        var found = text
        var shown = ""
        if text.hasSuffix(">") {
            guard let open = text.lastIndex(of: "<") else { return nil }
            found = String(text[text.index(after: open)...].dropLast())
            shown = String(text[..<open]).trimmingWhitespace
            if shown.hasPrefix("\""), shown.hasSuffix("\""), shown.count > 1 {
                shown = MailAddress.unquoted(shown.dropFirst().dropLast())
            }
        }
        let parts = found.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }),
            !found.unicodeScalars.contains(where: {
                $0.value <= 0x20 || $0.value == 0x7f || "<>\"(),;:".unicodeScalars.contains($0)
            })
        else { return nil }
        name = shown
        address = found
    }

    private static func unquoted(_ text: Substring) -> String {
        var out = ""
        var isEscaped = false
        for character in text {
            if character == "\\", !isEscaped {
                isEscaped = true
            } else {
                out.append(character)
                isEscaped = false
            }
        }
        return out
    }
}
