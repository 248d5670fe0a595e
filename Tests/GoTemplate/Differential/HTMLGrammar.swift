import TestSupport

/// Writes random HTML with values in it, each in one of the places that have their own escaping.
struct HTMLGrammar {
    var random: SeededRandom

    init(_ random: SeededRandom) { self.random = random }

    /// A document.
    mutating func template() -> String {
        var text = ""
        for _ in 0...random.below(3) { text += element(0) }
        return text
    }

    private mutating func element(_ depth: Int) -> String {
        switch random.below(depth > 1 ? 70 : 100) {
        case 0..<12: return random.pick(HTMLGrammar.texts)
        case 12..<24: return value()
        case 24..<52: return "<\(tag())>" + value() + random.pick(["</a>", "</p>", "<br/>", ""])
        case 52..<56: return "<!-- \(value()) -->"
        case 56..<62:
            let name = random.pick(["title", "textarea", "TITLE", "Textarea"])
            return "<\(name)>\(value())\(random.pick(["", "<b>", "</b>"]))</\(name)>"
        case 62..<66: return "<style>\(style())</style>"
        case 66..<70: return "<script>\(script())</script>"
        case 70..<80:
            return "{{ if \(bare()) }}" + element(depth + 1) + "{{ else }}" + element(depth + 1)
                + "{{ end }}"
        case 80..<90:
            return "{{ range \(random.pick([".ss", ".l", ".sm", ".es"])) }}"
                + element(depth + 1) + "{{ . }}{{ end }}"
        case 90..<95: return "{{ with \(bare()) }}" + element(depth + 1) + "{{ end }}"
        default:
            let name = random.pick(["x", "y"])
            return "{{ define \"\(name)\" }}" + element(depth + 1) + "{{ end }}"
                + "{{ template \"\(name)\" . }}"
        }
    }

    private mutating func tag() -> String {
        var text = random.pick(["a", "p", "img", "div", "input", "A", "td"])
        for _ in 0...random.below(2) { text += random.pick([" ", "\n", "  "]) + attribute() }
        return text + random.pick(["", "", " ", "/"])
    }

    private mutating func attribute() -> String {
        switch random.below(100) {
        case 0..<25:
            let name = random.pick([
                "title", "class", "alt", "data-x", "id", "width", "TITLE", "x:y",
            ])
            return quoted(name, random.pick(["", "a ", "<", "&amp;"]) + value())
        case 25..<65:
            let name = random.pick([
                "href", "src", "action", "HREF", "data-href", "background", "xmlns:a", "my-url",
                "cite", "poster",
            ])
            return quoted(name, url())
        case 65..<75: return quoted("style", style())
        case 75..<85: return quoted(random.pick(["onclick", "onload"]), script())
        case 85..<90: return quoted("srcset", random.pick(["", "/a.png 1x, "]) + value())
        case 90..<94: return value() + random.pick(["", "=\"x\"", "=x"])
        default: return random.pick(["checked", "checked=\"\"", "a=b", "a = 'b'"])
        }
    }

    private mutating func quoted(_ name: String, _ value: String) -> String {
        switch random.below(10) {
        case 0..<6: "\(name)=\"\(value)\""
        case 6..<8: "\(name)='\(value)'"
        case 8: "\(name) = \"\(value)\""
        default: "\(name)=\(value.split(separator: " ").joined())"
        }
    }

    private mutating func url() -> String {
        switch random.below(10) {
        case 0..<4: value()
        case 4: "http://x/" + value() + "/y"
        case 5: "/p/" + value() + "?q=" + value()
        case 6: "?a=" + value() + "&b=" + value()
        case 7: value() + "?a=" + value()
        case 8: "/x#" + value()
        default: "mailto:" + value()
        }
    }

    private mutating func style() -> String {
        switch random.below(6) {
        case 0: "color: " + value()
        case 1: value() + ": red"
        case 2: "a{width:" + value() + "}"
        case 3: "background: url(" + value() + ")"
        case 4: "font-family: '" + value() + "'"
        default: "background: url(\"/x?y=" + value() + "\")"
        }
    }

    private mutating func script() -> String {
        switch random.below(6) {
        case 0: "var x = " + value() + ";"
        case 1: "f(" + value() + ", " + value() + ")"
        case 2: "var s = 'a" + value() + "';"
        case 3: "var s = \"" + value() + "\";"
        case 4: "[" + value() + "]"
        default: "// " + value() + "\nx = 1"
        }
    }

    private mutating func value() -> String { "{{ \(pipeline()) }}" }

    private mutating func pipeline() -> String {
        switch random.below(12) {
        case 0: bare() + " | safeHtml"
        case 1: bare() + " | printf \"%s-%v\" .s"
        case 2: bare() + " | print"
        case 3: random.pick([".h", ".u", ".s", "\"javascript:x()\""]) + " | safeUrl"
        case 4: bare() + " | html"
        case 5: bare() + " | urlquery"
        default: bare()
        }
    }

    private mutating func bare() -> String { random.pick(HTMLGrammar.values) }

    private static let texts = [
        "text", " a < b ", "&amp;", "<b>x</b>", "<br>", "\n", "it's \"q\"", "<!-- c -->", "</div>",
        "<!DOCTYPE html>", "<p title=\"x\">", "<hr/>", "a<!-- b --> c", "é☃", "<", "<<b>", "< a",
    ]
    private static let values = [
        ".s", ".h", ".u", ".q", ".e", ".i", ".neg", ".f", ".fs", ".b", ".nb", ".n", ".none", ".l",
        ".ss", ".m", ".sm", ".sm.deep", ".host", ".host.Name", ".ctl", ".nest.deep", ".nan",
        "\"a b\"", "\"http://a/b?c=d&e=f#g\"", "\"javascript:alert(1)\"", "\"a:b\"", "\"a/b:c\"",
        "\"HTTPS://x\"", "\"mailto:a@b\"", "\"red\"", "\"expression(x)\"", "\"10px\"", "\"#fff\"",
        "\"</script><b>\"", "\"100%\"", "\"%41%zz\"", "\"a,b c\"", "\"title\"", "\"onclick\"",
        "\"[x](y)!*'\"", "\"a=b`c\"", "\"<!--\"", "\"-->\"", "\"\\u2028\"", "\"&lt;&amp;x\"",
        "\"x\\\\y\"", "\"a\\nb\\tc\"", "\"//x/y\"", "\"-moz-binding\"", "\"😀\"", "\"/*x*/\"",
    ]
}
