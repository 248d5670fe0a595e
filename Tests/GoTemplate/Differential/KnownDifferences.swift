import TestSupport

/// Where our answers are other than those of the installed Go.
enum KnownDifferences {
    /// Why these two answers may differ; nil where they may not.
    static func reason(
        _ one: GoTemplatePeer.Case, go: GoTemplatePeer.Answer, our: GoTemplatePeer.Answer
    ) -> String? {
        if go.broken == true { return "broken UTF-8: our texts cannot hold it" }
        if go.text.contains("uint8") || go.text.contains("(0x") {
            return "the byte that `index` takes out of a text is an int here"
        }
        if one.text.contains(/%[^%a-zA-Z]*p/) { return "an address in memory" }
        if go.text.contains("len of nil pointer") {
            return "Go has two errors for the length of nil"
        }
        if go.text.contains("cannot index slice/array with type interface {}") {
            return "`slice` takes an integer from a map here"
        }
        if go.stage == .escape { return "Go refuses HTML that it cannot follow; we go on" }
        return GoTemplatePeer.go?.isCurrent == true ? nil : olderReason(one, go: go, our: our)
    }

    /// Known before anything of ours runs: Go before 1.24 does not count up to integers, which may be
    /// large.
    static func isCountedLoop(_ go: GoTemplatePeer.Answer) -> Bool {
        guard GoTemplatePeer.go?.isCurrent != true,
            go.text.contains("range can't iterate over ")
        else { return false }
        return go.text.split(separator: " ").last.flatMap { Int64($0) } != nil
    }

    /// Where Go has changed since its version 1.19, which Debian 12 has. Errors of such versions are not
    /// compared.
    private static func olderReason(
        _ one: GoTemplatePeer.Case, go: GoTemplatePeer.Answer, our: GoTemplatePeer.Answer
    ) -> String? {
        if our.text.contains("bad character U+007D '}'") {
            return "before Go 1.20 one brace ended a name"
        }
        if go.text.contains("unexpected <with> in else") { return "{{else with}} is Go 1.23's" }
        if one.text.contains(/range\s+\$[\wé]*(\s*,\s*\$[\wé]*)?\s*=/) {
            return "Go 1.20 assigns to variables of outer scopes in loops"
        }
        if one.mode != .html || go.stage != .ok { return nil }
        if our.text.replacing("ZgotmplZ", with: "") == go.text.replacing("ZgotmplZ", with: "") {
            return "Go 1.19.9 refuses empty values without quotes"
        }
        let refused = { (text: String) in text.ranges(of: "ZgotmplZ").count }
        if one.text.contains("style"), refused(our.text) > refused(go.text) {
            return "Go 1.19.9 refuses < and > in CSS"
        }
        return nil
    }
}
