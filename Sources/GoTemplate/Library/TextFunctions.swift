import Model

/// Functions over texts that rule templates and notification templates share.
public enum TextFunctions {
    /// `toUpper`, `toLower`, `match`, `reReplaceAll`, `safeHtml`.
    public static let all: [String: TemplateFunction] = [
        "toUpper": TemplateFunction([.string]) { .string(mapped($0.string(0), upper)) },
        "toLower": TemplateFunction([.string]) { .string(mapped($0.string(0), lower)) },
        "match": TemplateFunction([.string, .string]) { call in
            .bool(try regex(call, call.string(0)).matchesAnywhere(call.string(1)))
        },
        "reReplaceAll": TemplateFunction([.string, .string, .string]) { try reReplaceAll($0) },
        "safeHtml": TemplateFunction([.string]) { .safe(SafeText($0.string(0), .html)) },
    ]

    private static func mapped(
        _ text: String, _ map: (Unicode.Scalar) -> String
    ) -> String {
        var out = ""
        for scalar in text.unicodeScalars { out += map(scalar) }
        return out
    }

    // Go maps one character to one: "ß" has no capital there. Where Unicode's capital of one letter is
    // two ("ᾀ"), the one is what a title begins with.
    private static func upper(_ scalar: Unicode.Scalar) -> String {
        let capital = scalar.properties.uppercaseMapping
        return capital.unicodeScalars.count == 1 ? capital : title(scalar)
    }

    private static func lower(_ scalar: Unicode.Scalar) -> String {
        scalar == "\u{130}" ? "i" : one(scalar.properties.lowercaseMapping, scalar)
    }

    private static func title(_ scalar: Unicode.Scalar) -> String {
        one(scalar.properties.titlecaseMapping, scalar)
    }

    private static func one(_ mapped: String, _ scalar: Unicode.Scalar) -> String {
        mapped.unicodeScalars.count == 1 ? mapped : String(scalar)
    }

    private static func regex(_ call: TemplateCall, _ pattern: String) throws -> LinearRegex {
        do { return try call.regex(pattern) } catch let error as LinearRegex.CompileError {
            throw TemplateFunctionError("error parsing regexp: \(error)")
        }
    }

    private static func reReplaceAll(_ call: TemplateCall) throws -> TemplateValue {
        let (replacement, text) = (call.string(1), call.string(2))
        let regex = try regex(call, call.string(0))
        // Matches do not overlap, so that each reference repeats the text at most once in all.
        let references = replacement.utf8.count { $0 == UInt8(ascii: "$") }
        let size = text.utf8.count
        let (a, overflow) = size.multipliedReportingOverflow(by: references + 1)
        let (b, overflow2) = (size + 1).multipliedReportingOverflow(by: replacement.utf8.count)
        if overflow || overflow2 || a > call.maximumWork || b > call.maximumWork - a {
            throw TemplateFunctionError("the limit workBytes of \(call.maximumWork) is exceeded")
        }
        return .string(regex.replacingAll(in: text, with: replacement))
    }
}
