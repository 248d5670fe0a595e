import TestSupport

/// Where we mean to answer otherwise than the installed Go, of which Debian 12 has version 1.19.
/// Alertmanager and Prometheus are built with newer ones, and then the newer is right.
enum KnownDifferences {
    /// Why these two answers may differ; nil where they may not.
    static func reason(
        _ one: GoTemplatePeer.Case, go: GoTemplatePeer.Answer, our: GoTemplatePeer.Answer
    ) -> String? {
        if go.broken == true { return "broken UTF-8: our texts cannot hold it" }
        if our.text.contains("complex numbers are not supported") { return "complex numbers" }
        if go.text.contains("uint8") || go.text.contains("(0x") {
            return "the byte that `index` takes out of a text is an int here"
        }
        if one.text.contains(/%[^%a-zA-Z]*p/) { return "an address in memory" }
        if go.text.contains("len of nil pointer") { return "two words for the length of nil" }
        if our.text.contains("bad character U+007D '}'") {
            return "before Go 1.20 one brace ended a name"
        }
        if go.text.contains("unexpected \")\"") { return "Go 1.20 words its errors otherwise" }
        if go.text.contains("unexpected <with> in else") { return "{{else with}} is Go 1.23's" }
        if go.text.contains("cannot index slice/array with type interface {}") {
            return "`slice` takes an integer from a map here"
        }
        if one.text.contains(/range\s+\$[\wé]*(\s*,\s*\$[\wé]*)?\s*=/) {
            return "Go 1.20 assigns to variables of outer scopes in loops"
        }
        if go.text == our.text.replacing(" = ", with: " := ") {
            return "before Go 1.20 errors showed assignments as declarations"
        }
        if one.mode == .html { return htmlReason(one, go: go, our: our) }
        return nil
    }

    /// Known before anything of ours runs: Go 1.24 counts up to integers, which may be large.
    static func isCountedLoop(_ go: GoTemplatePeer.Answer) -> Bool {
        guard go.text.contains("range can't iterate over ") else { return false }
        return go.text.split(separator: " ").last.flatMap { Int64($0) } != nil
    }

    private static func htmlReason(
        _ one: GoTemplatePeer.Case, go: GoTemplatePeer.Answer, our: GoTemplatePeer.Answer
    ) -> String? {
        if go.stage == .escape { return "Go refuses HTML that it cannot follow; we go on" }
        let refused = { (text: String) in text.ranges(of: "ZgotmplZ").count }
        if go.stage == .ok,
            our.text.replacing("ZgotmplZ", with: "") == go.text.replacing("ZgotmplZ", with: "")
        {
            return "Go 1.19.9 refuses empty values without quotes"
        }
        if go.stage == .ok, one.text.contains("style"), refused(our.text) > refused(go.text) {
            return "Go 1.19.9 refuses < and > in CSS"
        }
        return nil
    }
}
