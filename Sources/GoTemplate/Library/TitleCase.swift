/// Titles as golang.org/x/text/cases makes them for American English: each word begins with a capital.
///
/// Words are found by the Word_Break property of Unicode (UAX #29), simplified as there: a letter, a digit,
/// a mark, `_` and format characters belong to a word; one full stop, apostrophe or colon between them
/// does not end it; all else does.
public enum TitleCase {
    /// How far a final sigma looks ahead, as there.
    private static let maximumIgnorable = 30

    /// `text` as a title. What follows a word's first letter becomes small where `lowersRest` says so, and
    /// stays as it is otherwise (`cases.NoLower`).
    public static func apply(_ text: String, lowersRest: Bool) -> String {
        let scalars = Array(text.unicodeScalars)
        var out = ""
        var isInWord = false
        var wasMid = false
        for (index, scalar) in scalars.enumerated() {
            let isMid = isMid(scalar)
            if wasMid, isMid { isInWord = false }
            if scalar.properties.isCased {
                if !isInWord {
                    out += scalar.properties.titlecaseMapping
                } else if !lowersRest {
                    out.unicodeScalars.append(scalar)
                } else if scalar == "Σ" {
                    out += isFinal(scalars, index) ? "ς" : "σ"
                } else {
                    out += scalar.properties.lowercaseMapping
                }
                isInWord = true
            } else {
                out.unicodeScalars.append(scalar)
                if !isMid, !isPartOfWord(scalar) { isInWord = false }
            }
            wasMid = isMid
        }
        return out
    }

    /// Whether no letter with a case follows a sigma, what has none and is ignored in between.
    private static func isFinal(_ scalars: [Unicode.Scalar], _ index: Int) -> Bool {
        for next in scalars[(index + 1)...].prefix(maximumIgnorable + 1)
        where !next.properties.isCaseIgnorable { return !next.properties.isCased }
        return true
    }

    /// MidLetter, MidNumLet and Single_Quote.
    private static func isMid(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x3a, 0xb7, 0x387, 0x55f, 0x5f4, 0x2027, 0xfe13, 0xfe55, 0xff1a,
            0x2e, 0x2018, 0x2019, 0x2024, 0xfe52, 0xff07, 0xff0e, 0x27:
            true
        default: false
        }
    }

    /// ALetter, Hebrew_Letter, Numeric, Extend, ExtendNumLet, Format and ZWJ, of scalars without case.
    private static func isPartOfWord(_ scalar: Unicode.Scalar) -> Bool {
        let properties = scalar.properties
        switch properties.generalCategory {
        case .decimalNumber, .connectorPunctuation, .nonspacingMark, .spacingMark, .enclosingMark:
            return true
        case .format: return scalar != "\u{200b}"
        default:
            if properties.isGraphemeExtend { return true }
            return properties.isAlphabetic && !properties.isIdeographic
                && !isWrittenWithoutSpaces(scalar)
        }
    }

    /// Scripts whose letters are no ALetter: Kana, and those that need a dictionary to find words.
    private static func isWrittenWithoutSpaces(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0xe00...0xeff, 0x1000...0x109f, 0x1780...0x17ff, 0x1950...0x19df, 0x1a20...0x1aaf,
            0x3041...0x30ff, 0x31f0...0x31ff, 0xa9e0...0xa9ff, 0xaa60...0xaadf, 0xff66...0xff9d:
            true
        default: false
        }
    }
}
